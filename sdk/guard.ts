/** Protections around one operation, in one fixed order. See docs/decisions/0011-policies.md for why it is not the caller's. */
import { TimeoutError, ValidationError } from '../core/errors.ts'
import type { PolicyValues } from '../core/policy.ts'
import { Bulkhead, type BulkheadOptions } from './bulkhead.ts'
import { look } from './failure.ts'
import { assertHedge, type HedgeOptions, hedged } from './hedge.ts'
import type { ErrorRecovery, RecoveryContext } from './recovery.ts'
import type { Attempt, Retrying } from './retry.ts'
import { Scope } from './scope.ts'
import type { Time } from './time.ts'

/** What a guard asks of a circuit breaker. */
export interface GuardBreaker {
  execute<T>(
    work: (signal: AbortSignal) => T | PromiseLike<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Awaited<T>>
}

/** Everything that may stand around an operation; what is left out does not. Outermost first. */
export interface GuardOptions<R = never> {
  /** what to do about the error that is left */
  recover?: ErrorRecovery<R> | undefined
  /** for everything together: waits, queues and attempts */
  timeoutMs?: number | undefined
  /** a policy, by name or values */
  retry?: string | PolicyValues | undefined
  /** may be repeated when it may have had its effect; default true */
  idempotent?: boolean | undefined
  /** runs at a time; one that is shared by several guards, or the bounds of one of its own */
  bulkhead?: Bulkhead | BulkheadOptions | undefined
  /** refuses while what is called is known to be down */
  breaker?: GuardBreaker | undefined
  /** begins a second attempt when the first takes long; only for what may be done twice */
  hedge?: HedgeOptions | undefined
  /** for each attempt, each hedge included */
  attemptTimeoutMs?: number | undefined
}

/** What may differ from call to call. */
export interface GuardCall<R = never> {
  signal?: AbortSignal | undefined
  /** instead of the guard's own */
  recover?: ErrorRecovery<R> | undefined
  idempotent?: boolean | undefined
  /**
   * What the answer is an answer to, such as `user-7`. Its last success is kept under it for `failStatic`; without one
   * nothing is kept, since one caller's answer is not another's.
   */
  staticKey?: string | undefined
  onRetry?: ((retrying: Retrying) => void) | undefined
}

export interface GuardParts {
  time: Time
  retry<T>(policy: string | PolicyValues, attempt: Attempt<T>, options: object): Promise<T>
  escalated(name: string, to: string, error: unknown): void
}

/** Last successes kept for each guard; the oldest go first. */
const KEPT_MAX = 1_000

/** Made by `holdfast.guard`. May be kept and shared; its bulkhead and last successes are its state. */
export class Guard<R = never> {
  readonly name: string
  readonly #parts: GuardParts
  readonly #options: GuardOptions<R>
  readonly #bulkhead: Bulkhead | null
  readonly #breaker: GuardBreaker | null
  readonly #kept = new Map<string, { value: unknown; at: number }>()

  /** @internal use `holdfast.guard` */
  constructor(parts: GuardParts, name: string, options: GuardOptions<R>) {
    this.name = name
    this.#parts = parts
    this.#options = options
    const { bulkhead, breaker, hedge, idempotent } = options
    for (const field of ['timeoutMs', 'attemptTimeoutMs'] as const) {
      const value = options[field]
      if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
        throw new ValidationError(`Guard "${name}": ${field} must be more than 0 milliseconds, not ${value}`)
      }
    }
    if (hedge) {
      assertHedge(name, hedge)
      if (idempotent === false) {
        throw new ValidationError(
          `Guard "${name}" hedges, so what it runs may run twice, but it says idempotent: false`,
        )
      }
    }
    this.#bulkhead = bulkhead ? (bulkhead instanceof Bulkhead ? bulkhead : new Bulkhead(name, bulkhead)) : null
    this.#breaker = breaker ?? null
  }

  get bulkhead(): Bulkhead | null {
    return this.#bulkhead
  }

  /**
   * Runs `work`: recover( timeout( retry( bulkhead( breaker( hedge( attempt timeout( work ))))))). Throws what is left
   * after the recovery: what `work` threw, TimeoutError, BreakerOpenError, BudgetExhaustedError, ServiceUnavailableError of a
   * full bulkhead, or the reason of the caller's signal.
   */
  async execute<T, R2 = R>(work: Attempt<T>, call: GuardCall<R2> = {}): Promise<T | R2> {
    const { time } = this.#parts
    const begun = time.monotonic()
    const recovery = (call.recover ?? this.#options.recover) as ErrorRecovery<R2> | undefined
    try {
      const value = await this.#timed(work, call, this.#options.retry)
      if (call.staticKey !== undefined) this.#keep(call.staticKey, value)
      return value
    } catch (error) {
      // Whoever gave up wants no substitute.
      if (!recovery || call.signal?.aborted) throw error
      return recovery.recover<T>(error, this.#context(work, call, error, begun))
    }
  }

  #context<T>(work: Attempt<T>, call: GuardCall<unknown>, error: unknown, begun: number): RecoveryContext<T> {
    const { time, escalated } = this.#parts
    const kept = call.staticKey === undefined ? undefined : this.#kept.get(call.staticKey)
    return {
      name: this.name,
      failure: look(error).failure,
      elapsedMs: time.monotonic() - begun,
      signal: call.signal,
      again: (policy) => this.#timed(work, call, policy),
      last: kept && { value: kept.value as T, ageMs: time.monotonic() - kept.at },
      escalate: (to, what) => escalated(this.name, to, what),
    }
  }

  #timed<T>(work: Attempt<T>, call: GuardCall<unknown>, policy: string | PolicyValues | undefined): Promise<T> {
    const { timeoutMs } = this.#options
    if (timeoutMs === undefined) return this.#retried(work, call, policy, call.signal)
    const scope = new Scope(this.#parts.time, timeoutMs, call.signal, () => {
      return new TimeoutError(`"${this.name}" took longer than the ${timeoutMs} ms it has for everything`)
    })
    return scope.race(() => this.#retried(work, call, policy, scope.signal)).finally(() => scope.close())
  }

  #retried<T>(
    work: Attempt<T>,
    call: GuardCall<unknown>,
    policy: string | PolicyValues | undefined,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const once: Attempt<T> = (inner, n) => this.#admitted(work, inner, n)
    if (policy === undefined) return this.#alone(once, signal)
    const idempotent = call.idempotent ?? this.#options.idempotent
    return this.#parts.retry(policy, once, { signal, idempotent, onRetry: call.onRetry })
  }

  /** One attempt that the caller can end. */
  #alone<T>(once: Attempt<T>, signal: AbortSignal | undefined): Promise<T> {
    const scope = new Scope(this.#parts.time, null, signal, () => new Error('over'))
    return scope.race(() => once(scope.signal, 0)).finally(() => scope.close())
  }

  #admitted<T>(work: Attempt<T>, signal: AbortSignal, n: number): PromiseLike<T> | T {
    const run = () => this.#broken(work, signal, n)
    return this.#bulkhead ? this.#bulkhead.execute(run, signal) : run()
  }

  #broken<T>(work: Attempt<T>, signal: AbortSignal, n: number): PromiseLike<T> | T {
    if (!this.#breaker) return this.#hedged(work, signal, n)
    return this.#breaker.execute(async (inner) => this.#hedged(work, inner, n), { signal }) as Promise<T>
  }

  #hedged<T>(work: Attempt<T>, signal: AbortSignal, n: number): PromiseLike<T> | T {
    const { hedge } = this.#options
    if (!hedge) return this.#attempted(work, signal, n)
    return hedged(this.#parts.time, hedge, signal, (inner) => this.#attempted(work, inner, n))
  }

  #attempted<T>(work: Attempt<T>, signal: AbortSignal, n: number): PromiseLike<T> | T {
    const { attemptTimeoutMs } = this.#options
    if (attemptTimeoutMs === undefined) return work(signal, n)
    const scope = new Scope(this.#parts.time, attemptTimeoutMs, signal, () => {
      return new TimeoutError(`Attempt ${n + 1} of "${this.name}" took longer than ${attemptTimeoutMs} ms`)
    })
    return scope.race(() => work(scope.signal, n)).finally(() => scope.close())
  }

  #keep(key: string, value: unknown): void {
    this.#kept.delete(key)
    this.#kept.set(key, { value, at: this.#parts.time.monotonic() })
    if (this.#kept.size <= KEPT_MAX) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}
