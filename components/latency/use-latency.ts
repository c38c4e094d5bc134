'use client'

import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../trpc'
import { useNow } from '../ui/ago'
import type { Cell } from './heat-map'
import { RANGES } from './ranges'
import { type LatencySearch, latencyInput, scopeOf } from './search-params'

const SHOWN = 50
const LOOKED_AT = 200

/** `firstNow`: when the server drew the page; the same question then has its answer already. */
export function useLatency(search: LatencySearch, firstNow: number) {
  const trpc = useTRPC()
  const now = useNow() ?? firstNow
  return useQuery({
    ...trpc.telemetry.latency.queryOptions(latencyInput(search, now)),
    placeholderData: (before) => before,
  })
}

/** Requests kept whole: of a cell of the heatmap, else the slowest or the last failed ones of the range. */
export function useExemplars(search: LatencySearch, cell: Cell | null, firstNow: number) {
  const trpc = useTRPC()
  const { stepMs, ms } = RANGES[search.range]
  const now = Math.ceil(((useNow() ?? firstNow) + 1) / stepMs) * stepMs
  const { instance, ...scope } = scopeOf(search) as Record<string, string>
  const where = cell
    ? { from: cell.fromMs, to: cell.toMs, totalMinMs: cell.leastMs, totalBelowMs: cell.belowMs }
    : { from: now - ms, to: now }
  const query = useQuery({
    ...trpc.telemetry.exemplars.queryOptions({
      data: {
        ...scope,
        ...where,
        ...(search.only === 'failed' ? { failed: true } : {}),
        order: search.only === 'failed' ? 'newest' : 'slowest',
        limit: instance === undefined ? SHOWN : LOOKED_AT,
      },
    }),
    placeholderData: (before) => before,
  })
  const all = query.data?.exemplars
  const exemplars =
    instance === undefined ? all : all?.filter((e) => e.attempts.some((attempt) => attempt.instance === instance))
  return { exemplars: exemplars?.slice(0, SHOWN), error: query.error }
}
