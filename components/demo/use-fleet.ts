'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useMemo, useState } from 'react'
import type { Instance } from '@/core/instance'
import type { DemoStatus } from '@/server/demo'
import type { WatchMessage } from '@/server/registry/watch'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'
import { type Observed, observe } from './observed'

const AGAIN_MS = 1_000

export interface FleetStart {
  status: DemoStatus | null
  instances: Instance[]
}

/** The fleet from both sides: what its director does, and what the registry sees of it. Stands still while paused. */
export function useFleet(first: FleetStart): { status: DemoStatus | null; observed: Observed } {
  const trpc = useTRPC()
  const paused = usePaused()
  const [status, setStatus] = useState(first.status)
  const [observed, setObserved] = useState<Observed>(() => new Map(first.instances.map((i) => [i.id, i])))
  const names = [...new Set(status?.instances.map((instance) => instance.service))].sort().join(' ')
  const input = useMemo(() => ({ data: { services: names === '' ? [] : names.split(' ') } }), [names])
  const fleet = useSubscription(
    trpc.demo.watch.subscriptionOptions({ data: {} }, { enabled: !paused, onData: setStatus }),
  )
  const registry = useSubscription(
    trpc.registry.watch.subscriptionOptions(input, {
      enabled: !paused && names !== '',
      onData: ({ data }) => setObserved((before) => observe(before, data as WatchMessage)),
    }),
  )
  useAgain(fleet)
  useAgain(registry)
  return { status, observed }
}

/** A broken connection is restored below; a stream that the server ended with an error is asked for again. */
function useAgain({ status, reset }: { status: string; reset: () => void }): void {
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
}
