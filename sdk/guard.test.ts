import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import {
  BreakerOpenError,
  ConflictError,
  NetworkError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../core/errors.ts'
import { effectivePolicy, type PolicyValues } from '../core/policy.ts'
import { Bulkhead } from './bulkhead.ts'
import { FakeTime } from './fake-time.ts'
import { Guard, type GuardBreaker, type GuardOptions, type GuardParts } from './guard.ts'
import { byType, compensate, escalate, failStatic, fallback, inTurn, retryBy } from './recovery.ts'
import { Retrier } from './retry.ts'

let time: FakeTime
let told: string[]
beforeEach(() => {
  time = new FakeTime()
  told = []
})

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
async function pass(ms: number) {
  for (let left = ms; left > 0; left -= 10) {
    await turn()
    time.advance(Math.min(10, left))
  }
  await turn()
}

function guard<R = never>(options: GuardOptions<R>, name = 'payments.charge'): Guard<R> {
  const retrier = new Retrier(time, () => 0.5)
  const parts: GuardParts = {
    time,
    retry(policy, attempt, o) {
      const values: PolicyValues = typeof policy === 'string' ? {} : policy
      const effective = effectivePolicy('x', { jitter: 'none', initialDelayMs: 100, budget: null, ...values })
      return retrier.execute({ name: 'x', policy: effective.policy, budget: null }, attempt, o)
    },
    escalated: (of, to, error) => told.push(`${of} to ${to}: ${(error as Error).message}`),
  }
  return new Guard(parts, name, options)
}
const breaker: GuardBreaker = {
  async execute<T>(work: (signal: AbortSignal) => T | PromiseLike<T>): Promise<Awaited<T>> {
    told.push('breaker asked')
    return await work(new AbortController().signal)
  },
}
const broken = new NetworkError('the connection broke')
const never = () => new Promise<string>(() => {})

describe('the fixed order', () => {
  test('the total time bounds retries and their waits; each attempt has its own', async () => {
    const begun: number[] = []
    const outcome = guard({ timeoutMs: 300, retry: {}, attemptTimeoutMs: 50 })
      .execute(() => {
        begun.push(time.monotonic())
        return never()
      })
      .catch((error: unknown) => error)
    await pass(500)
    expect(await outcome).toBeInstanceOf(TimeoutError)
    expect((await outcome) as Error).toMatchObject({ message: expect.stringContaining('300 ms it has for everything') })
    expect(begun).toEqual([0, 150])
    expect(time.waiting).toBe(0)
  })

  test('a retry that waits holds no place in the bulkhead', async () => {
    const g = guard({ retry: {}, bulkhead: { concurrencyMax: 1 } })
    const first = g.execute((_, n) => (n === 0 ? Promise.reject(broken) : 'first'))
    await turn()
    expect(g.bulkhead?.inside).toBe(0)
    expect(await g.execute(() => 'second')).toBe('second')
    await pass(200)
    expect(await first).toBe('first')
  })

  test('each attempt asks the breaker; what waits in the bulkhead asks it only when it is its turn', async () => {
    const g = guard({ retry: {}, breaker, bulkhead: { concurrencyMax: 1, queueMax: 1 } })
    let release = (_: string) => {}
    const held = g.execute(() => new Promise<string>((resolve) => (release = resolve)))
    const queued = g.execute(() => 'queued')
    await turn()
    expect(told).toEqual(['breaker asked'])
    release('held')
    expect(await Promise.all([held, queued])).toEqual(['held', 'queued'])
    expect(told).toHaveLength(2)
  })

  test('an open breaker is not retried', async () => {
    let asked = 0
    const open: GuardBreaker = {
      execute: () => {
        asked++
        return Promise.reject(new BreakerOpenError('open since 12:00', { retryAfterMs: 5_000 }))
      },
    }
    await expect(guard({ retry: {}, breaker: open }).execute(() => 'x')).rejects.toBeInstanceOf(BreakerOpenError)
    expect(asked).toBe(1)
  })

  test('the caller ends it at once, without a substitute', async () => {
    const controller = new AbortController()
    const g = guard({ retry: {}, recover: fallback('instead') })
    const outcome = g.execute(never, { signal: controller.signal })
    await turn()
    controller.abort(new Error('changed my mind'))
    await expect(outcome).rejects.toThrow('changed my mind')
  })
})

describe('bulkhead', () => {
  test('refuses at once when it is full, and whoever gives up leaves the queue', async () => {
    const b = new Bulkhead('payments', { concurrencyMax: 1, queueMax: 1 })
    let release = () => {}
    const held = b.execute(() => new Promise<void>((resolve) => (release = resolve)))
    const controller = new AbortController()
    const queued = b.execute(() => 'queued', controller.signal)
    const refused = await b.execute(() => 'x').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ServiceUnavailableError)
    expect(refused).toMatchObject({ retryable: false, message: expect.stringMatching(/1 are running and 1 wait/) })
    controller.abort(new Error('no more'))
    await expect(queued).rejects.toThrow('no more')
    expect(b.waiting).toBe(0)
    release()
    await held
    expect(b.inside).toBe(0)
    expect(() => new Bulkhead('b', { concurrencyMax: 0 })).toThrow(ValidationError)
  })

  test('never more inside than allowed, in order', async () => {
    const b = new Bulkhead('payments', { concurrencyMax: 3, queueMax: 100 })
    let most = 0
    const order: number[] = []
    const work = (n: number) => async () => {
      most = Math.max(most, b.inside)
      order.push(n)
      await turn()
    }
    await Promise.all(Array.from({ length: 50 }, (_, n) => b.execute(work(n))))
    expect(most).toBe(3)
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })
})

describe('hedge', () => {
  test('a second attempt is begun when the first takes long; the first answer wins, the other is aborted', async () => {
    const signals: AbortSignal[] = []
    const outcome = guard({ hedge: { afterMs: 50 } }).execute((signal) => {
      signals.push(signal)
      return signals.length === 1 ? never() : 'second'
    })
    await pass(40)
    expect(signals).toHaveLength(1)
    await pass(20)
    expect(await outcome).toBe('second')
    expect(signals[0]?.aborted).toBe(true)
    expect(time.waiting).toBe(0)
  })

  test('fails only when all have failed, with the last failure; a failure begins no other', async () => {
    let begun = 0
    const g = guard({ hedge: { afterMs: 50 } })
    await expect(
      g.execute(() => {
        begun++
        throw broken
      }),
    ).rejects.toBe(broken)
    expect(begun).toBe(1)
    expect(() => guard({ hedge: { afterMs: 50 }, idempotent: false })).toThrow(/may run twice/)
  })
})

describe('recovery', () => {
  const failing = () => Promise.reject(broken)

  test('by type: each error gets its strategy, those not named are thrown', async () => {
    const recover = byType({ NETWORK: fallback('from the cache'), CONFLICT: escalate('ledger') })
    const g = guard({ recover })
    expect(await g.execute(failing)).toBe('from the cache')
    await expect(g.execute(() => Promise.reject(new ConflictError('twice')))).rejects.toThrow('twice')
    expect(told).toEqual(['payments.charge to ledger: twice'])
    await expect(g.execute(() => Promise.reject(new ValidationError('bad')))).rejects.toThrow('bad')
    expectTypeOf(g.execute(async () => 1)).resolves.toEqualTypeOf<number | string>()
    expectTypeOf(guard({ recover: escalate('x') }).execute(async () => 1)).resolves.toEqualTypeOf<number>()
  })

  test('static: the last success under the same key, not older than allowed; never that of another key', async () => {
    const g = guard({ recover: failStatic({ ageMaxMs: 1_000 }) })
    await g.execute(() => 'ada', { staticKey: 'user-1' })
    expect(await g.execute<string>(failing, { staticKey: 'user-1' })).toBe('ada')
    await expect(g.execute(failing, { staticKey: 'user-2' })).rejects.toBe(broken)
    await expect(g.execute(failing)).rejects.toBe(broken)
    time.advance(1_001)
    await expect(g.execute(failing, { staticKey: 'user-1' })).rejects.toBe(broken)
  })

  test('compensate takes back and throws; what fails there has the error as its cause', async () => {
    const undone: unknown[] = []
    await expect(guard({ recover: compensate((e) => undone.push(e)) }).execute(failing)).rejects.toBe(broken)
    expect(undone).toEqual([broken])
    const failed = await guard({
      recover: compensate(() => {
        throw new Error('cannot undo')
      }),
    })
      .execute(failing)
      .catch((e: unknown) => e)
    expect(failed).toMatchObject({ message: 'cannot undo', cause: broken })
  })

  test('in turn: again by a patient policy, then a person, then a substitute', async () => {
    let tries = 0
    const g = guard({})
    const outcome = g.execute<string, string>(
      () => {
        tries++
        throw broken
      },
      {
        recover: inTurn(
          retryBy({ maxRetries: 2 }),
          escalate('on call'),
          fallback((e) => `no: ${(e as Error).message}`),
        ),
      },
    )
    await pass(500)
    expect(await outcome).toBe('no: the connection broke')
    expect(tries).toBe(4)
    expect(told).toEqual(['payments.charge to on call: the connection broke'])
  })
})
