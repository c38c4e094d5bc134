'use client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Action, DemoStatus } from '@/server/demo'
import type { WatchMessage } from '@/server/registry/watch'
import { holdfastError, operation, useTRPC, useTRPCClient } from '../trpc'
import { failed } from '../ui/toast'
import { type Observed, observe } from './observed'

/** The fleet's processes and what the registry sees of them, both kept current by streams. */
export function useDemo(initial: DemoStatus | null): { status: DemoStatus | null; observed: Observed } {
  const client = useTRPCClient()
  const [status, setStatus] = useState(initial)
  const [observed, setObserved] = useState<Observed>(new Map())
  useEffect(() => {
    let ended = false
    const open: { unsubscribe(): void }[] = []
    const retries = new Set<ReturnType<typeof setTimeout>>()
    const again = (run: () => void) => {
      if (!ended) retries.add(setTimeout(run, 1_000))
    }
    const watchDemo = () =>
      open.push(
        client.demo.watch.subscribe(
          { data: {} },
          { onData: setStatus, onError: () => again(watchDemo), onComplete: () => again(watchDemo) },
        ),
      )
    const watchRegistry = () =>
      open.push(
        client.registry.watch.subscribe(
          { data: { services: 'all' } },
          {
            onData: ({ data }) => setObserved((before) => observe(before, data as WatchMessage)),
            onError: () => again(watchRegistry),
            onComplete: () => again(watchRegistry),
          },
        ),
      )
    watchDemo()
    watchRegistry()
    return () => {
      ended = true
      for (const timer of retries) clearTimeout(timer)
      for (const subscription of open) subscription.unsubscribe()
    }
  }, [client])
  return { status, observed }
}

export function useAct(): { act: (instance: string, action: Action, reason: string) => void; pending: string | null } {
  const trpc = useTRPC()
  const { mutate, isPending, variables } = useMutation(trpc.demo.act.mutationOptions())
  const latest = useRef(mutate)
  latest.current = mutate
  return {
    act: (instance, action, reason) =>
      latest.current(operation({ instance, action, reason }), {
        onError: (error) => failed(holdfastError(error).message),
      }),
    pending: isPending ? (variables?.data.instance ?? null) : null,
  }
}
