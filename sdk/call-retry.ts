/** Which answers and failures of a call are tried again, and as what. */
import { NetworkError, RateLimitedError, ServiceUnavailableError, TimeoutError } from '../core/errors.ts'
import type { PolicyValues } from '../core/policy.ts'
import { parseRetryAfter } from '../core/retry.ts'
import type { CallResponse } from './call-response.ts'
import type { Attempt, RetryOptions } from './retry.ts'

export type CallRetry = <T>(policy: string | PolicyValues, attempt: Attempt<T>, options: RetryOptions) => Promise<T>

/** The policy of calls that name none. */
export const CALL_POLICY = 'call'

const UNAVAILABLE = new Set([502, 503, 504])

/** An answer that is as good as none, thrown so that the policy sees it; when it gives up, the answer itself is given. */
export class Unanswered extends ServiceUnavailableError {
  readonly response: CallResponse

  constructor(response: CallResponse, retryAfterMs: number | undefined) {
    super(`${response.instance.service} answered ${response.status}`, {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    this.response = response
  }
}

/** "Too many requests" is said instead of doing anything, so that everything may be sent again. */
class Declined extends RateLimitedError {
  readonly response: CallResponse

  constructor(response: CallResponse, retryAfterMs: number | undefined) {
    super(`${response.instance.service} answered ${response.status}`, {
      details: { sent: false },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    this.response = response
  }
}

/** Throws for an answer that says to come back later. */
export function assertAnswered(response: CallResponse, now: number): CallResponse {
  if (response.status !== 429 && !UNAVAILABLE.has(response.status)) return response
  const asked = parseRetryAfter(response.headers['retry-after'], now)
  throw response.status === 429 ? new Declined(response, asked) : new Unanswered(response, asked)
}

/** The answer in an error, also when the budget was spent on it. */
export function responseIn(error: unknown): CallResponse | undefined {
  if (error instanceof Unanswered || error instanceof Declined) return error.response
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Unanswered || cause instanceof Declined ? cause.response : undefined
}

/** Failures after which the other side may be reached by trying again. */
export const isRetried = (error: unknown): boolean =>
  error instanceof NetworkError || error instanceof TimeoutError || responseIn(error) !== undefined
