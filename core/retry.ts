/** The decision after a failed attempt: wait how long, or why not. */
import { jitteredDelay } from './backoff.ts'
import type { Failure, RetryPolicy } from './policy.ts'
import type { Random } from './random.ts'

export interface Failed {
  failure: Failure
  /** repeating it may do harm: the other side may have seen it and the operation is not idempotent */
  unsafe: boolean
  /** what the failed answer asks to wait, in milliseconds */
  retryAfterMs: number | undefined
  /** retries made so far */
  retries: number
  /** the delay before this attempt; 0 before the first */
  previousMs: number
  /** since the first attempt began */
  elapsedMs: number
}

export type Stop = 'failure' | 'unsafe' | 'retries' | 'elapsed'
export type Decision = { wait: number } | { stop: Stop }

/**
 * What to do after a failed attempt. A wait that would end past `maxElapsedMs` is not begun: its attempt could not be
 * made. A Retry-After longer than the delay wins, also over `maxDelayMs`; asking to come back sooner does not.
 */
export function afterFailure(policy: RetryPolicy, failed: Failed, random: Random): Decision {
  if (!(policy.retryOn as readonly Failure[]).includes(failed.failure)) return { stop: 'failure' }
  if (failed.unsafe) return { stop: 'unsafe' }
  if (failed.retries >= policy.maxRetries) return { stop: 'retries' }
  let wait = jitteredDelay(policy, failed.retries, failed.previousMs, random)
  if (policy.respectRetryAfter && failed.retryAfterMs !== undefined && failed.retryAfterMs > wait) {
    // Everybody was told the same moment: what they would have spread by themselves spreads them after it.
    wait = failed.retryAfterMs + (policy.jitter === 'none' ? 0 : random() * wait)
  }
  if (policy.maxElapsedMs !== null && failed.elapsedMs + wait >= policy.maxElapsedMs) return { stop: 'elapsed' }
  return { wait }
}

/**
 * A Retry-After header in milliseconds from `now` (milliseconds since the epoch): seconds or a date (RFC 9110, 10.2.3);
 * undefined when there is none or it makes no sense.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (value === null || value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
