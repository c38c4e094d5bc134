'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useRef } from 'react'
import type { Counts, RunSummary } from '@/core/saga/view'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'

const AGAIN_MS = 1_000

export interface SagaFrame {
  counts: Counts
  /** how many wait for a person */
  waiting: number
  runs: RunSummary[]
  /** more changed than a frame holds */
  missed: boolean
}

/** What changes among the runs of a saga, or of all; nothing while paused. */
export function useSagaFrames(definition: string | null, onFrame: (frame: SagaFrame) => void): void {
  const trpc = useTRPC()
  const paused = usePaused()
  const { status, reset } = useSubscription(
    trpc.sagas.live.subscriptionOptions(
      { data: definition === null ? {} : { definition } },
      { enabled: !paused, onData: (frame) => onFrame(frame as SagaFrame) },
    ),
  )
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
}

/** Calls `renew` after changes, at most once in `everyMs`. */
export function useRenewal(renew: () => void, everyMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const latest = useRef(renew)
  useEffect(() => {
    latest.current = renew
  }, [renew])
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current)
    },
    [],
  )
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = null
      latest.current()
    }, everyMs)
  }
}
