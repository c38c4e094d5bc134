/**
 * How fresh an answer must be.
 * - `strong`: linearizable. The journal's head is read at the store and applied before answering; else a ConsistencyError.
 * - `eventual`: the local copy at once, however old, with its age.
 * - `readCommitted`: what is committed in the database at this moment.
 * - `readUncommitted`: the local copy plus what is accepted but not yet committed (buffered heartbeats).
 */
export const CONSISTENCY_LEVELS = ['strong', 'eventual', 'readCommitted', 'readUncommitted'] as const
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number]

/** The envelope of every write and read. `id` is also the idempotency key of a write. */
export interface DistributedOperation<T> {
  id: string
  data: T
  /** milliseconds since the epoch, by the caller's clock; for display only */
  timestamp: number
  consistencyLevel: ConsistencyLevel
}

/** What an answer says about its own freshness. */
export interface Freshness {
  level: ConsistencyLevel
  /** the last journal entry this answer includes */
  appliedSeq: number
  /** the last journal entry known to exist when it was given */
  headSeq: number
  /** milliseconds since the copy was last known to be complete; 0 when it is */
  staleMs: number
}

export type Answer<T> = T & Freshness
