'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Fault } from '@/core/gateway/fault'
import { useTRPC } from '../../trpc'
import { useNow } from '../../ui/ago'

const NONE: readonly Fault[] = []

/** Faults that are on now; those whose time is over are left out before anybody says so. */
export function useFaults(): readonly Fault[] {
  const trpc = useTRPC()
  const faults = useQuery(trpc.gateway.faults.list.queryOptions({ data: {} })).data?.faults ?? NONE
  const now = useNow()
  const on = faults.every(({ expiresAt }) => now === null || expiresAt > now)
  return useMemo(
    () => (on ? faults : faults.filter(({ expiresAt }) => now === null || expiresAt > now)),
    [faults, on, now],
  )
}
