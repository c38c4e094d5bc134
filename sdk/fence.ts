import { LockError } from '../core/errors.ts'
import { admits } from '../core/lock.ts'

/**
 * The check at the resource, in memory: remembers the highest token of each resource and refuses a lower one. No lock
 * service can replace it: a process may be paused between its last look at the lock and its write, for longer than any
 * TTL. In a database the same is one conditional update:
 *
 *     update invoices set total = :total, fence = :token where id = :id and fence <= :token
 *
 * where no updated row means that a newer holder has been here already. Show the token with the first read under the lock
 * too: else an older holder may still write between your read and your write. Keep the highest token where the data is,
 * so that both survive the same restarts.
 */
export class Fence {
  readonly #highest = new Map<string, number>()

  /** Throws LockError (`details.cause` is `stale`) when a newer holder has been here. */
  admit(resource: string, fencingToken: number): void {
    const highest = this.#highest.get(resource) ?? 0
    if (!admits(highest, fencingToken)) {
      throw new LockError(
        `Refused: token ${fencingToken} for "${resource}" is older than ${highest}, which has been here already. This holder lost its lock.`,
        { retryable: false, details: { cause: 'stale', fencingToken, highest } },
      )
    }
    this.#highest.set(resource, fencingToken)
  }

  /** The highest token seen; 0 before the first. */
  highest(resource: string): number {
    return this.#highest.get(resource) ?? 0
  }
}
