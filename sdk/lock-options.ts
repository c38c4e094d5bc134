import { ValidationError } from '../core/errors.ts'

export interface LockOptions {
  /** how long the lease lasts without a renewal, which comes every third of it; default 10,000, at least 500 */
  ttlMs?: number | undefined
  /** how long to wait in the queue; default 0 */
  waitMs?: number | undefined
  /** who holds it, for people; default: the name of the service */
  label?: string | undefined
  /** how long nobody gets it after this lease ran out (not after a release); default 0 */
  lockDelayMs?: number | undefined
  /** longest time that renewals keep it; default: for ever */
  maxHoldMs?: number | undefined
  /** when waiting would close a cycle: refuse with a LockError that names it (default), or wait all the same */
  onDeadlock?: 'refuse' | 'wait' | undefined
  /** calls the waiting off */
  signal?: AbortSignal | undefined
  /** `false`: it does not end with this process's registration; default: it does */
  bind?: boolean | undefined
}

export interface SemaphoreOptions extends LockOptions {
  /** how many may hold it at a time; all users must name the same number */
  of: number
  /** how many of them this one takes; default 1 */
  permits?: number | undefined
}

export const TTL_MS = 10_000

export function assertOptions(resource: string, { ttlMs = TTL_MS, waitMs = 0 }: LockOptions): void {
  if (typeof resource !== 'string' || resource.length === 0 || resource.length > 200) {
    throw new ValidationError('The name of a lock has 1 to 200 characters, such as "invoice:42".')
  }
  if (!(ttlMs >= 500 && ttlMs <= 3_600_000)) {
    throw new ValidationError(`ttlMs is ${ttlMs}; a lease lasts between 500 and 3,600,000 ms.`)
  }
  if (!(waitMs >= 0 && waitMs <= 600_000)) {
    throw new ValidationError(`waitMs is ${waitMs}; the longest wait is 600,000 ms. Ask again for a longer one.`)
  }
}
