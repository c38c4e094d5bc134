/** Locks as the API answers them and pages draw them. Times that run carry their age at `now`, in milliseconds. */
import type { Holder, LockKind, LockMode } from './lock.ts'
import type { WaitEdge } from './wait-for.ts'

export interface HolderView
  extends Pick<
    Holder,
    | 'lockId'
    | 'session'
    | 'client'
    | 'owner'
    | 'label'
    | 'mode'
    | 'permits'
    | 'fencingToken'
    | 'count'
    | 'ttlMs'
    | 'acquiredAt'
  > {
  instance: string | null
  heldMs: number
  /** until the lease runs out unless it is renewed */
  leftMs: number
  renewals: number
}

export interface WaiterView {
  lockId: string
  session: string
  client: string
  owner: string
  label: string
  instance: string | null
  mode: LockMode
  permits: number
  arrivedAt: number
  waitedMs: number
  /** until it gives up */
  leftMs: number
}

/** Quantiles since the control plane started; null: nothing measured yet. */
export interface SpanView {
  count: number
  p50Ms: number | null
  p99Ms: number | null
  maxMs: number | null
}

export interface LockView {
  resource: string
  kind: LockKind
  /** of a semaphore; 1 otherwise */
  permits: number
  holders: HolderView[]
  /** in order: the first is next */
  queue: WaiterView[]
  /** how many wait in all: `queue` is cut where it is long */
  waiting: number
  lastToken: number
  /** closed for so long after a lease that ran out; 0: open */
  delayLeftMs: number
  acquired: number
  contended: number
  timedOut: number
  held: SpanView
  waited: SpanView
}

export interface LockTotals {
  /** resources held by somebody */
  held: number
  /** holders: more than resources where permits or readers share */
  holders: number
  waiting: number
  /** resources that somebody waits for */
  contended: number
}

/** Sessions that wait and those they wait for. */
export interface WaitGraph {
  edges: WaitEdge[]
  /** closed chains: none of their sessions can go on by itself */
  cycles: WaitEdge[][]
  /** there are more edges than are shown */
  cut: boolean
}

/** A cycle that was seen, and who was turned away for it. */
export interface DeadlockView {
  at: number
  cycle: WaitEdge[]
  /** the session that was refused; null: it chose to wait */
  refused: string | null
}

export interface LocksFrame {
  full: boolean
  now: number
  locks: LockView[]
  removed: string[]
  totals: LockTotals
  graph: WaitGraph
  deadlocks: DeadlockView[]
  /** resources that are not shown: the page has those with the longest queues, then the oldest holders */
  hidden: number
}

/** Why a lease ended without its holder's wish. */
export interface Loss {
  resource: string
  lockId: string
  cause: 'expired' | 'forced' | 'session'
  message: string
}

/** One turn of a resource, newest first: what the history strip is drawn from. */
export interface LockTurn {
  seq: number
  at: number
  kind: string
  actor: string
  summary: string
  holders: Pick<Holder, 'lockId' | 'session' | 'label' | 'mode' | 'fencingToken' | 'acquiredAt'>[]
}
