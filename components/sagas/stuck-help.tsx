'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import type { DefinitionView, RunSummary, RunView } from '@/core/saga/view'
import { useTRPC } from '../trpc'
import { Button } from '../ui/button'
import { Skeleton } from '../ui/skeleton'
import { ActingProvider, useActing } from './acting'
import { type Act, helpFor } from './acts'
import { Acts } from './step-panel'
import { phaseWord, runHref } from './words'

/** The acts that help a run, where it stands; the run is read when its row is drawn, and again when it has changed. */
export function StuckHelp({ run }: { run: RunSummary }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queries = useQueryClient()
  const options = trpc.sagas.get.queryOptions({ data: { runId: run.id } })
  const { queryKey } = options
  const { data } = useQuery(options)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the run is what asks for it
  useEffect(() => {
    void queries.invalidateQueries({ queryKey })
  }, [run.updatedAt])
  if (!data) return <Skeleton className="h-7 w-56" />
  const view = data.run as unknown as RunView
  return (
    <ActingProvider
      run={view}
      definition={data.definition as unknown as DefinitionView}
      onFork={(id) => router.push(runHref(id))}
    >
      <Help run={view} />
    </ActingProvider>
  )
}

function Help({ run }: { run: RunView }) {
  const { may, act } = useActing()
  const help = helpFor(run)
  const stopped = run.paused?.breakpoint
  if (help.length === 0 && stopped) {
    const one: Act = { kind: 'continue' }
    return may ? (
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => act({ kind: 'step' })}>
          Step over
        </Button>
        <Button size="sm" onClick={() => act(one)}>
          Continue
        </Button>
      </div>
    ) : null
  }
  return (
    <div className="grid gap-1.5">
      {help.slice(0, 3).map(({ step, phase, acts }) => {
        const lane = run.lanes.find(({ name }) => name === step)
        return lane ? (
          <div key={`${step}/${phase}`} className="flex flex-wrap items-center gap-2">
            {help.length > 1 ? <span className="text-xs text-muted">{phaseWord(phase, step)}</span> : null}
            <Acts run={run} step={lane} phase={phase} acts={acts} />
          </div>
        ) : null
      })}
    </div>
  )
}
