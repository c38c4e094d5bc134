import { LockError } from '../core/errors.ts'

/** Something that is held, until it is released or lost. */
export interface Lease extends AsyncDisposable {
  readonly resource: string
  /**
   * Strictly above every token granted before for this resource, for ever. Give it along with every write: whoever is
   * written to refuses a token below the highest one it has seen, and so a holder that was paused too long does no harm.
   */
  readonly fencingToken: number
  /** aborted, with the reason, as soon as the lease is lost: stop what you do under it */
  readonly signal: AbortSignal
  /** as far as this process can know; the resource knows better, by the token */
  readonly held: boolean
  /** how long it waited in the queue, milliseconds */
  readonly waitedMs: number
  /** Gives it back; may be called again. */
  release(): Promise<void>
}

/** What stands behind all leases that a session has on one resource. */
export interface Held {
  resource: string
  lockId: string
  fencingToken: number
  ttlMs: number
  /** on the monotonic clock, when the control plane may give it to others */
  deadline: number
  /** when the renewal that counts was sent */
  renewedAt: number
  /** leases of this process that share it */
  shares: number
  abort: AbortController
  lost: LockError | null
  cancelAlarm: (() => void) | null
}

/** So much of a TTL is left unused, so that work can stop before somebody else begins. */
export function marginMs(ttlMs: number): number {
  return Math.min(1_000, ttlMs * 0.1)
}

export function lostError(resource: string, message: string, cause: string): LockError {
  return new LockError(`The lock on "${resource}" is lost: ${message}`, { retryable: false, details: { cause } })
}
