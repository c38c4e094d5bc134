'use client'

import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Sample } from '../charts/scale'
import { useTRPC } from '../trpc'
import { useNow } from '../ui/ago'

export const HISTORY_MS = 15 * 60_000
/** History is rolled up in steps of ten seconds: asking more often would bring nothing new. */
const STEP_MS = 10_000

export interface TrafficHistory {
  fromMs: number
  toMs: number
  stepMs: number
  rate: Sample[]
  errorShare: Sample[]
  p50: Sample[]
  p99: Sample[]
  state: 'loading' | 'failed' | 'ready'
}

/** The last quarter of an hour of an edge, or of all calls to a service. */
export function useHistory(ends: { caller?: string; callee?: string }): TrafficHistory {
  const trpc = useTRPC()
  const now = useNow()
  const toMs = now === null ? 0 : Math.ceil(now / STEP_MS) * STEP_MS
  const query = useQuery({
    ...trpc.telemetry.history.queryOptions({
      data: { ...ends, fromMs: Math.max(0, toMs - HISTORY_MS), toMs: Math.max(1, toMs) },
    }),
    enabled: toMs > 0,
    placeholderData: (before) => before,
  })
  const points = query.data?.points
  return useMemo(() => {
    const of = (value: (p: NonNullable<typeof points>[number]) => number | null): Sample[] =>
      (points ?? []).map((p) => ({ at: p.at, value: value(p) }))
    return {
      fromMs: toMs - HISTORY_MS,
      toMs,
      stepMs: points?.[0]?.stepMs ?? STEP_MS,
      rate: of((p) => (p.count === 0 ? null : (p.count * 1000) / p.stepMs)),
      errorShare: of((p) => (p.count === 0 ? null : p.errors / p.count)),
      p50: of((p) => p.p50Ms),
      p99: of((p) => p.p99Ms),
      state: points ? 'ready' : query.isError ? 'failed' : 'loading',
    }
  }, [points, query.isError, toMs])
}
