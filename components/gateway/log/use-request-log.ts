'use client'
import { useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useReducer, useRef } from 'react'
import { useTRPC } from '../../trpc'
import { EMPTY, reduce } from './buffer'
import type { LogFilter } from './filter'

const AGAIN_MS = 1_000
/** Asked for at first, and again when the stream begins anew. */
export const KEPT = 200

/** The live log as filtered: what is kept, then what comes. `held`: nothing new is shown, it waits. */
export function useRequestLog(filter: LogFilter, held: boolean) {
  const trpc = useTRPC()
  const [buffer, dispatch] = useReducer(reduce, EMPTY)
  const holding = useRef(held)
  useEffect(() => {
    holding.current = held
    if (!held) dispatch({ type: 'show' })
  }, [held])
  const kept = useQuery(
    trpc.gateway.requests.queryOptions(
      { data: { ...filter, limit: KEPT } },
      { staleTime: Number.POSITIVE_INFINITY, refetchOnMount: true },
    ),
  )
  const { data, refetch } = kept
  useEffect(() => {
    if (data) dispatch({ type: 'kept', entries: data.entries, held: holding.current })
  }, [data])
  const { status, reset } = useSubscription(
    trpc.gateway.watchRequests.subscriptionOptions(
      { data: filter },
      {
        onStarted: () => void refetch(),
        onData: ({ entries, missed }) => dispatch({ type: 'came', entries, missed, held: holding.current }),
      },
    ),
  )
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
  return { buffer, kept, show: () => dispatch({ type: 'show' }) }
}
