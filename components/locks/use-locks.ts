'use client'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useState } from 'react'
import type { DeadlockView, LocksFrame, LockTotals, LockView, WaitGraph } from '@/core/lock-view'
import { usePaused } from '../live'
import { useTRPC } from '../trpc'

const AGAIN_MS = 1_000

/** A lock as it was at `at`, the server's clock: what runs has run on since. */
export interface Seen {
  view: LockView
  at: number
}

export interface LocksNow {
  locks: ReadonlyMap<string, Seen>
  totals: LockTotals
  graph: WaitGraph
  deadlocks: DeadlockView[]
  hidden: number
}

export function applied(before: LocksNow, frame: LocksFrame): LocksNow {
  const locks = frame.full ? new Map<string, Seen>() : new Map(before.locks)
  for (const name of frame.removed) locks.delete(name)
  for (const view of frame.locks) locks.set(view.resource, { view, at: frame.now })
  const { totals, graph, deadlocks, hidden } = frame
  return { locks, totals, graph, deadlocks, hidden }
}

/** All that is held or waited for, kept current by one stream while the page is open; stands still while paused. */
export function useLocks(first: LocksFrame): LocksNow {
  const trpc = useTRPC()
  const paused = usePaused()
  const [now, setNow] = useState<LocksNow>(() => applied({ ...first, locks: new Map() }, first))
  const stream = useSubscription(
    trpc.locks.live.subscriptionOptions(
      { data: {} },
      { enabled: !paused, onData: (frame) => setNow((before) => applied(before, frame)) },
    ),
  )
  const { status, reset } = stream
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
  return now
}
