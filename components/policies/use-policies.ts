'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useConnection, useEvents } from '../live'
import { useTRPC } from '../trpc'

/** Who follows a policy leaves no entry in the journal, so it is asked for while somebody looks. */
const USERS_MS = 5_000

/** All policies, kept current: by the journal when they change, and for who follows them every few seconds. */
export function usePolicies() {
  const trpc = useTRPC()
  const { paused } = useConnection()
  const events = useEvents()
  const seq = useMemo(() => events.find((event) => event.key.startsWith('policy/'))?.seq ?? 0, [events])
  const query = useQuery(trpc.policies.list.queryOptions({ data: {} }, { refetchInterval: paused ? false : USERS_MS }))
  const { refetch, data } = query
  const behind = !paused && data !== undefined && data.appliedSeq < seq
  useEffect(() => {
    if (behind) void refetch()
  }, [behind, refetch])
  return { policies: data?.policies, query }
}

export type PolicyView = NonNullable<ReturnType<typeof usePolicies>['policies']>[number]
