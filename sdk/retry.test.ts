import { beforeEach, describe, expect, test } from 'vitest'
import {
  BudgetExhaustedError,
  NetworkError,
  RateLimitedError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../core/errors.ts'
import { effectivePolicy, type PolicyValues } from '../core/policy.ts'
import { BudgetState } from '../core/retry-budget.ts'
import { FakeTime } from './fake-time.ts'
import { type Attempt, Retrier, type RetryOptions, type Rule } from './retry.ts'

let time: FakeTime
let retrier: Retrier
/** when each attempt began */
let begun: number[]

beforeEach(() => {
  time = new FakeTime()
  retrier = new Retrier(time, () => 0.5)
  begun = []
})

const rule = (values: PolicyValues = {}): Rule => {
  const { policy } = effectivePolicy('test', { jitter: 'none', initialDelayMs: 100, budget: null, ...values })
  return { name: 'test', policy, budget: policy.budget && new BudgetState(policy.budget, 0) }
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Lets up to `ms` pass in small steps, with a turn of the event loop after each. */
async function pass(ms: number) {
  for (let left = ms; left > 0; left -= 10) {
    await turn()
    time.advance(Math.min(10, left))
  }
  await turn()
}

interface Outcome<T> {
  value?: T
  error?: unknown
}

function run<T>(r: Rule, attempt: Attempt<T>, options?: RetryOptions): Outcome<T> {
  const outcome: Outcome<T> = {}
  const noted: Attempt<T> = (signal, n) => {
    begun.push(time.monotonic())
    return attempt(signal, n)
  }
  retrier.execute(r, noted, options).then(
    (value) => {
      outcome.value = value
    },
    (error: unknown) => {
      outcome.error = error
    },
  )
  return outcome
}
const failing = (error: unknown, times = Number.POSITIVE_INFINITY): Attempt<string> => {
  return (_, n) => {
    if (n < times) throw error
    return 'done'
  }
}
const broken = new NetworkError('the connection broke')

describe('retry', () => {
  test('tries by the schedule until it succeeds', async () => {
    const outcome = run(rule(), failing(broken, 3))
    await pass(1_000)
    expect(outcome).toEqual({ value: 'done' })
    expect(begun).toEqual([0, 100, 300, 700])
  })

  test('throws what the last attempt threw when the retries are used up', async () => {
    const outcome = run(rule({ maxRetries: 1 }), (_, n) => Promise.reject(new NetworkError(`no ${n}`)))
    await pass(1_000)
    expect(outcome.error).toEqual(new NetworkError('no 1'))
    expect(begun).toEqual([0, 100])
  })

  test('errors that will not go away are thrown at once; a predicate may see it otherwise', async () => {
    for (const error of [
      new ValidationError('bad'),
      new RateLimitedError('never', { retryable: false }),
      new Error(),
    ]) {
      expect(run(rule(), failing(error))).toEqual({})
      await turn()
    }
    expect(begun).toEqual([0, 0, 0])
    const outcome = run(rule(), failing(new Error('odd'), 1), { retryIf: () => true })
    await pass(200)
    expect(outcome.value).toBe('done')
    const refused = run(rule(), failing(broken), { retryIf: () => false })
    await turn()
    expect(refused.error).toBe(broken)
  })

  test('knows failures of fetch, of sockets and of HTTP clients', async () => {
    const fetchFailed = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })
    const status = Object.assign(new Error('503'), { response: { status: 503, headers: { 'retry-after': '1' } } })
    const outcomes = [run(rule(), failing(fetchFailed, 1)), run(rule(), failing(status, 1))]
    await pass(150)
    expect(outcomes.map((o) => o.value)).toEqual(['done', undefined])
    await pass(1_000)
    expect(outcomes.map((o) => o.value)).toEqual(['done', 'done'])
  })

  test('what is not idempotent is repeated only when it was certainly not sent', async () => {
    const once = run(rule(), failing(broken), { idempotent: false })
    await turn()
    expect(once.error).toBe(broken)
    const refused = new NetworkError('refused', { details: { sent: false } })
    const again = run(rule(), failing(refused, 1), { idempotent: false })
    await pass(200)
    expect(again.value).toBe('done')
  })

  test('waits as long as the answer asks for', async () => {
    run(rule(), failing(new ServiceUnavailableError('busy', { retryAfterMs: 2_000 }), 1))
    await pass(3_000)
    expect(begun).toEqual([0, 2_000])
  })
})

describe('bounds in time', () => {
  test('the deadline covers attempts and waits, also of one that listens to no signal', async () => {
    const outcome = run(rule({ maxElapsedMs: 250 }), (_, n) =>
      n === 0 ? Promise.reject(broken) : new Promise(() => {}),
    )
    await pass(240)
    expect(outcome).toEqual({})
    await pass(20)
    expect(outcome.error).toBeInstanceOf(TimeoutError)
    expect((outcome.error as Error).cause).toBe(broken)
    expect(begun).toEqual([0, 100])
    expect(time.waiting).toBe(0)
  })

  test('a wait that would end past the deadline is not begun', async () => {
    const outcome = run(rule({ maxElapsedMs: 250 }), failing(broken))
    await pass(110)
    expect(outcome.error).toBe(broken)
    expect(begun).toEqual([0, 100])
  })

  test('an attempt that takes too long is aborted and tried again', async () => {
    const signals: AbortSignal[] = []
    const outcome = run(rule({ attemptTimeoutMs: 50 }), (signal, n) => {
      signals.push(signal)
      return n === 0 ? new Promise<string>(() => {}) : 'done'
    })
    await pass(200)
    expect(outcome.value).toBe('done')
    expect(begun).toEqual([0, 150])
    expect(signals.map((s) => s.aborted)).toEqual([true, false])
    expect(signals[0]?.reason).toBeInstanceOf(TimeoutError)
  })

  test('the caller ends it at once, in an attempt and in a wait, with its own reason', async () => {
    for (const attempt of [failing(broken), () => new Promise<string>(() => {})]) {
      const controller = new AbortController()
      const outcome = run(rule({ initialDelayMs: 5_000 }), attempt, { signal: controller.signal })
      await pass(20)
      controller.abort(new Error('changed my mind'))
      await turn()
      expect((outcome.error as Error).message).toBe('changed my mind')
      expect(time.waiting).toBe(0)
    }
    const begunBefore = begun.length
    const outcome = run(rule(), failing(broken), { signal: AbortSignal.abort(new Error('too late')) })
    await turn()
    expect((outcome.error as Error).message).toBe('too late')
    expect(begun).toHaveLength(begunBefore)
  })

  test('a call that succeeds leaves no timer', async () => {
    run(rule({ attemptTimeoutMs: 50, maxElapsedMs: 100 }), () => 'done')
    await turn()
    expect(time.waiting).toBe(0)
  })
})

describe('budget', () => {
  const budget = { name: 'shared', ratio: 0.2, perSecond: 0, concurrentMin: 3 }

  test('spent, it refuses at once and says what failed; those that succeed fill it', async () => {
    const r = rule({ budget })
    const outcome = run(r, failing(broken))
    await turn()
    expect(outcome.error).toBeInstanceOf(BudgetExhaustedError)
    expect(outcome.error).toMatchObject({ details: { budget: 'shared', attempts: 1 }, cause: broken })
    for (let i = 0; i < 5; i++) run(r, () => 'ok')
    await turn()
    const later = run(r, failing(broken, 1))
    await pass(200)
    expect(later.value).toBe('done')
  })

  test('everything is given back, however it ends', async () => {
    const r = rule({ budget: { ...budget, perSecond: 100 }, maxElapsedMs: 250, attemptTimeoutMs: 30 })
    const controller = new AbortController()
    run(r, () => 'ok')
    run(r, failing(broken))
    run(r, failing(new ValidationError('bad')))
    run(r, () => new Promise(() => {}))
    run(r, failing(broken), { signal: controller.signal })
    run(r, failing(broken), { signal: AbortSignal.abort() })
    await pass(20)
    controller.abort()
    await pass(1_000)
    expect([r.budget?.active, r.budget?.retrying, time.waiting]).toEqual([0, 0, 0])
  })
})
