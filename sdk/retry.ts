/** Trying again by a policy. The decisions are core/retry.ts; here is the waiting and the counting. */
import { BudgetExhaustedError, TimeoutError } from '../core/errors.ts'
import type { Retried, RetryPolicy } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { afterFailure } from '../core/retry.ts'
import type { BudgetState } from '../core/retry-budget.ts'
import { look } from './failure.ts'
import { Scope } from './scope.ts'
import type { Time } from './time.ts'

/** What is tried: `attempt` is 0 for the first. It should end when the signal does. */
export type Attempt<T> = (signal: AbortSignal, attempt: number) => PromiseLike<T> | T

export interface Retrying {
  error: unknown
  /** 1 for the first retry */
  retry: number
  waitMs: number
}

export interface RetryOptions {
  /** ends everything at once, waits included, with its reason */
  signal?: AbortSignal | undefined
  /**
   * May it be repeated when the other side may have seen it? Default true: what is handed to `retry` is meant to be
   * repeated. With `false` only what was certainly not sent is.
   */
  idempotent?: boolean | undefined
  /** decides instead of the policy's `retryOn` for an error; undefined: leaves it to that */
  retryIf?: ((error: unknown) => boolean | undefined) | undefined
  onRetry?: ((retrying: Retrying) => void) | undefined
}

/** A policy made ready: with the budget that it shares. */
export interface Rule {
  name: string
  policy: RetryPolicy
  budget: BudgetState | null
}

/** Never aborted, so whoever listens to it is not kept: thousands of calls at a time share it. */
const NEVER = Object.defineProperties(new AbortController().signal, {
  addEventListener: { value: () => undefined },
  removeEventListener: { value: () => undefined },
})
const NO_OPTIONS: RetryOptions = {}

export class Retrier {
  readonly #time: Time
  readonly #random: Random

  constructor(time: Time, random: Random) {
    this.#time = time
    this.#random = random
  }

  /**
   * Runs `attempt` until it succeeds or the policy gives up. Throws what the last attempt threw; BudgetExhaustedError
   * (`cause`: what it threw) when the budget refuses a retry; TimeoutError past `maxElapsedMs`; the signal's reason.
   */
  execute<T>(rule: Rule, attempt: Attempt<T>, options: RetryOptions = NO_OPTIONS): Promise<T> {
    const { maxElapsedMs, attemptTimeoutMs } = rule.policy
    if (maxElapsedMs === null && attemptTimeoutMs === null && options.signal === undefined) {
      return this.#first(rule, attempt, options)
    }
    return this.#bounded(rule, attempt, options)
  }

  /** Without a bound in time nothing is made for a call that succeeds at once. */
  async #first<T>(rule: Rule, attempt: Attempt<T>, options: RetryOptions): Promise<T> {
    const { budget } = rule
    budget?.begin()
    try {
      const value = await attempt(NEVER, 0)
      budget?.end()
      return value
    } catch (error) {
      const scope = new Scope(this.#time, null, undefined, neverLate)
      return this.#again(rule, attempt, options, scope, this.#time.monotonic(), error)
    }
  }

  async #bounded<T>(rule: Rule, attempt: Attempt<T>, options: RetryOptions): Promise<T> {
    const begun = this.#time.monotonic()
    const { maxElapsedMs } = rule.policy
    const scope = new Scope(this.#time, maxElapsedMs, options.signal, () => {
      return new TimeoutError(`"${rule.name}" allows ${maxElapsedMs} ms for everything, and they are over`)
    })
    rule.budget?.begin()
    try {
      const value = await this.#once(rule, attempt, scope, 0)
      scope.close()
      rule.budget?.end()
      return value
    } catch (error) {
      return this.#again(rule, attempt, options, scope, begun, error)
    }
  }

  #once<T>(rule: Rule, attempt: Attempt<T>, scope: Scope, n: number): Promise<T> {
    const { attemptTimeoutMs } = rule.policy
    if (attemptTimeoutMs === null) return scope.race(() => attempt(scope.signal, n))
    const own = new Scope(this.#time, attemptTimeoutMs, scope.signal, () => {
      return new TimeoutError(`Attempt ${n + 1} took longer than the ${attemptTimeoutMs} ms that "${rule.name}" allows`)
    })
    return own.race(() => attempt(own.signal, n)).finally(() => own.close())
  }

  async #again<T>(
    rule: Rule,
    attempt: Attempt<T>,
    options: RetryOptions,
    scope: Scope,
    begun: number,
    first: unknown,
  ): Promise<T> {
    const { budget } = rule
    let error = first
    let retries = 0
    let previousMs = 0
    try {
      for (;;) {
        if (scope.signal.aborted) throw error
        const wait = this.#decide(rule, options, error, retries, previousMs, this.#time.monotonic() - begun)
        if (wait === null) throw error
        const refused = budget?.take(this.#time.monotonic())
        if (refused) throw exhausted(rule, refused, error, retries)
        retries++
        previousMs = wait
        options.onRetry?.({ error, retry: retries, waitMs: wait })
        try {
          await scope.wait(this.#time, wait)
          return await this.#once(rule, attempt, scope, retries)
        } catch (next) {
          error = scope.signal.aborted ? late(scope, error) : next
        } finally {
          budget?.done()
        }
      }
    } finally {
      scope.close()
      budget?.end()
    }
  }

  /** The wait before the next attempt; null: there is none. */
  #decide(
    rule: Rule,
    options: RetryOptions,
    error: unknown,
    retries: number,
    previousMs: number,
    elapsedMs: number,
  ): number | null {
    const { failure, sent, retryAfterMs, final } = look(error)
    const wanted = options.retryIf?.(error)
    if (wanted === false || (final && wanted !== true)) return null
    const policy = wanted === true ? { ...rule.policy, retryOn: [failure as Retried] } : rule.policy
    const unsafe = options.idempotent === false && sent
    const decision = afterFailure(
      policy,
      { failure, unsafe, retryAfterMs, retries, previousMs, elapsedMs },
      this.#random,
    )
    return 'wait' in decision ? decision.wait : null
  }
}

function neverLate(): Error {
  return new TimeoutError('over')
}

/** The reason of the end, with what had gone wrong before it as its cause. */
function late(scope: Scope, before: unknown): unknown {
  const { reason } = scope.signal
  if (reason instanceof Error && reason.cause === undefined && reason !== before) {
    Object.defineProperty(reason, 'cause', { value: before, configurable: true, writable: true })
  }
  return reason
}

function exhausted(rule: Rule, refused: 'rate' | 'share', error: unknown, retries: number): BudgetExhaustedError {
  const name = rule.policy.budget?.name ?? rule.name
  const why =
    refused === 'rate'
      ? 'too many requests of this process were retried lately'
      : 'too many requests of this process are being retried at this moment'
  const said = error instanceof Error ? error.message : String(error)
  const result = new BudgetExhaustedError(
    `Not retried, because ${why} (budget "${name}"). What failed is likely down for everybody: ${said}`,
    { details: { budget: name, bound: refused, attempts: retries + 1 } },
  )
  return Object.defineProperty(result, 'cause', { value: error, configurable: true, writable: true })
}
