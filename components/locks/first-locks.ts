import type { LocksFrame } from '@/core/lock-view'
import { serverCaller } from '../server-caller'

const FIRST_MAX = 200

/** What the stream would begin with, for the first paint. */
export async function firstLocks(): Promise<LocksFrame> {
  const caller = await serverCaller()
  const { locks, totals, graph, deadlocks, now } = await caller.locks.list({ data: { limit: FIRST_MAX } })
  return { full: true, now, locks, removed: [], totals, graph, deadlocks: deadlocks.slice(0, 10), hidden: 0 }
}
