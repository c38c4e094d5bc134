'use client'
import { useQuery } from '@tanstack/react-query'
import type { Json } from '@/core/saga/definition'
import type { Phase } from '@/core/saga/event'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'
import { Ago } from '../ui/ago'

/** What a worker says comes with its heartbeats, not with the run's entries. */
const AGAIN_MS = 2_000

interface Progress {
  step: string
  phase: Phase
  value: Json
  at: number
}

/** How far the worker of an attempt under way says it is; nothing where it says nothing. */
export function StepProgress({ runId, step, phase }: { runId: string; step: string; phase: Phase }) {
  const trpc = useTRPC()
  const paused = usePaused()
  const { data } = useQuery(
    trpc.sagas.get.queryOptions({ data: { runId } }, { refetchInterval: paused ? false : AGAIN_MS, staleTime: 0 }),
  )
  const all = (data as { progress?: Progress[] } | undefined)?.progress ?? []
  const own = all.find((one) => one.step === step && one.phase === phase)
  if (!own) return null
  const share = typeof own.value === 'number' && own.value >= 0 && own.value <= 1 ? own.value : null
  return (
    <div className="grid gap-1 text-sm">
      <p className="flex flex-wrap justify-between gap-x-3">
        <span className="break-words">
          {share !== null
            ? `${Math.round(share * 100)} %`
            : typeof own.value === 'string'
              ? own.value
              : JSON.stringify(own.value)}
        </span>
        <span className="text-xs text-muted">
          its worker says, <Ago at={own.at} />
        </span>
      </p>
      {share === null ? null : (
        <span aria-hidden className="block h-1.5 overflow-hidden rounded-full bg-line">
          <span className="block h-full bg-healthy" style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </div>
  )
}
