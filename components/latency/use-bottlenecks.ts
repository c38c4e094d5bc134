'use client'

import { useQuery } from '@tanstack/react-query'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'

/** Summed over a minute: more often there is nothing new to see. */
const ASK_MS = 3_000

/** How full everything is, while somebody looks; stands still while paused. */
export function useBottlenecks(enabled = true) {
  const trpc = useTRPC()
  const paused = usePaused()
  return useQuery(
    trpc.telemetry.bottlenecks.queryOptions(
      { data: {} },
      { enabled, refetchInterval: paused ? false : ASK_MS, placeholderData: (before) => before },
    ),
  )
}
