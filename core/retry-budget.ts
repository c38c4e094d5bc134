import type { RetryBudget } from './policy.ts'

/** How many seconds' worth of unused retries may be saved up. */
const SAVED_S = 10

export type Refusal = 'rate' | 'share'

/**
 * A retry budget: a bucket that every request fills by `ratio` and every second by `perSecond`, and of which a retry takes
 * one; and a bound on retries at a time, max(concurrentMin, ratio · requests in flight). A retry counts from when it is granted,
 * its wait included, until its attempt has ended: counted only while running, a thousand that wait would all be let through.
 */
export class BudgetState {
  #config: RetryBudget
  #tokens: number
  #filledAt: number
  /** requests in flight, first attempts and retries alike */
  active = 0
  /** retries granted and not over */
  retrying = 0

  constructor(config: RetryBudget, now: number) {
    this.#config = config
    this.#tokens = startOf(config)
    this.#filledAt = now
  }

  /** Goes on with other bounds; what is saved up or in flight stays. */
  configure(config: RetryBudget): void {
    this.#config = config
    this.#tokens = Math.min(this.#tokens, maxOf(config))
  }

  /** A request begins. */
  begin(): void {
    this.active++
    this.#tokens = Math.min(maxOf(this.#config), this.#tokens + this.#config.ratio)
  }

  /** The request is over, its retries included. */
  end(): void {
    this.active--
  }

  /** Takes a retry at monotonic time `now`, or says which bound is in the way. A granted one is given back by `done`. */
  take(now: number): Refusal | null {
    const { ratio, perSecond, concurrentMin } = this.#config
    const elapsedMs = Math.max(0, now - this.#filledAt)
    this.#filledAt = Math.max(now, this.#filledAt)
    this.#tokens = Math.min(maxOf(this.#config), this.#tokens + (elapsedMs * perSecond) / 1000)
    if (this.retrying >= Math.max(concurrentMin, Math.floor(ratio * this.active))) return 'share'
    // A share that is summed up in steps of 0.2 may end a hair below a whole retry.
    if (this.#tokens < 1 - 1e-9) return 'rate'
    this.#tokens = Math.max(0, this.#tokens - 1)
    this.retrying++
    return null
  }

  done(): void {
    this.retrying--
  }

  get tokens(): number {
    return this.#tokens
  }
}

function maxOf({ ratio, perSecond }: RetryBudget): number {
  return Math.max(1, perSecond * SAVED_S, ratio * 100)
}

function startOf(config: RetryBudget): number {
  return Math.min(maxOf(config), config.perSecond)
}
