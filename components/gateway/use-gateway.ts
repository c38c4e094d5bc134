'use client'
import { useQuery } from '@tanstack/react-query'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'

/** What is observed leaves no entry in the journal, so it is asked for while somebody looks. */
const OBSERVED_MS = 2_000

/**
 * The routes as configured and as observed, the workers and the faults: by the journal when they change, and every two
 * seconds for what is seen of them. Stands still while paused.
 */
export function useGateway() {
  const trpc = useTRPC()
  const paused = usePaused()
  const query = useQuery(
    trpc.gateway.routes.list.queryOptions({ data: {} }, { refetchInterval: paused ? false : OBSERVED_MS }),
  )
  return { gateway: query.data, query }
}

export type GatewayNow = NonNullable<ReturnType<typeof useGateway>['gateway']>
