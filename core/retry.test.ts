import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUILT_IN, DEFAULT_POLICY, effectivePolicy, policyProblem, type RetryPolicy } from './policy.ts'
import { seededRandom } from './random.ts'
import { afterFailure, type Failed, parseRetryAfter } from './retry.ts'
import { BudgetState } from './retry-budget.ts'

const policy = (change: Partial<RetryPolicy> = {}): RetryPolicy => ({ ...DEFAULT_POLICY, jitter: 'none', ...change })
const failed = (change: Partial<Failed> = {}): Failed => ({
  failure: 'NETWORK',
  unsafe: false,
  retryAfterMs: undefined,
  retries: 0,
  previousMs: 0,
  elapsedMs: 0,
  ...change,
})
const decide = (p: RetryPolicy, f: Failed) => afterFailure(p, f, seededRandom(1))

describe('afterFailure', () => {
  test('waits by the schedule until the retries are used up', () => {
    const p = policy({ initialDelayMs: 100, maxRetries: 2 })
    expect(decide(p, failed())).toEqual({ wait: 100 })
    expect(decide(p, failed({ retries: 1 }))).toEqual({ wait: 200 })
    expect(decide(p, failed({ retries: 2 }))).toEqual({ stop: 'retries' })
  })

  test('what is not listed and what is not safe is not retried', () => {
    expect(decide(policy(), failed({ failure: 'VALIDATION' }))).toEqual({ stop: 'failure' })
    expect(decide(policy(), failed({ unsafe: true }))).toEqual({ stop: 'unsafe' })
  })

  test('a wait that would end past the deadline is not begun', () => {
    const p = policy({ initialDelayMs: 100, maxElapsedMs: 1_000 })
    expect(decide(p, failed({ elapsedMs: 899 }))).toEqual({ wait: 100 })
    expect(decide(p, failed({ elapsedMs: 900 }))).toEqual({ stop: 'elapsed' })
    expect(decide(p, failed({ retryAfterMs: 5_000 }))).toEqual({ stop: 'elapsed' })
  })

  test('Retry-After makes a wait longer, never shorter, and spreads those who were told the same', () => {
    const p = policy({ initialDelayMs: 100, maxElapsedMs: null })
    expect(decide(p, failed({ retryAfterMs: 2_000 }))).toEqual({ wait: 2_000 })
    expect(decide(p, failed({ retryAfterMs: 10 }))).toEqual({ wait: 100 })
    expect(decide({ ...p, respectRetryAfter: false }, failed({ retryAfterMs: 2_000 }))).toEqual({ wait: 100 })
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const spread = afterFailure({ ...p, jitter: 'equal' }, failed({ retryAfterMs: 2_000 }), seededRandom(seed))
        expect((spread as { wait: number }).wait).toBeGreaterThanOrEqual(2_000)
        expect((spread as { wait: number }).wait).toBeLessThan(2_100)
      }),
    )
  })
})

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT')
  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:30 GMT', now)).toBe(30_000)
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:00:00 GMT', now)).toBe(0)
  for (const nonsense of ['', 'soon', '-1', '1.5', '99999999999999', null, undefined]) {
    expect(parseRetryAfter(nonsense, now)).toBeUndefined()
  }
})

describe('budget', () => {
  const config = { name: null, ratio: 0.2, perSecond: 0, concurrentMin: 1_000 }

  test('retries come to a fifth of the requests, whatever fails', () => {
    const budget = new BudgetState(config, 0)
    let granted = 0
    for (let i = 0; i < 1_000; i++) {
      budget.begin()
      if (budget.take(i) === null) {
        granted++
        budget.done()
      }
      budget.end()
    }
    expect(granted).toBe(200)
  })

  test('at a time no more than the share of what is in flight, waits counted, and always a few', () => {
    const budget = new BudgetState({ ...config, perSecond: 1_000, concurrentMin: 3 }, 0)
    for (let i = 0; i < 50; i++) budget.begin()
    const answers = Array.from({ length: 12 }, () => budget.take(1))
    expect(answers.filter((a) => a === null)).toHaveLength(10)
    expect(answers.at(-1)).toBe('share')
    budget.done()
    expect(budget.take(1)).toBeNull()
  })

  test('never lets through more than it was filled with, in any order of calls and with a clock that stands or runs back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('begin', 'end', 'take', 'done'), fc.integer({ min: -50, max: 500 })), {
          maxLength: 200,
        }),
        (steps) => {
          const c = { name: null, ratio: 0.2, perSecond: 10, concurrentMin: 3 }
          const budget = new BudgetState(c, 0)
          let now = 0
          let latest = 0
          let begun = 0
          let granted = 0
          for (const [what, ms] of steps) {
            now += ms
            if (what === 'begin') {
              budget.begin()
              begun++
            } else if (what === 'end' && budget.active > 0) budget.end()
            else if (what === 'done' && budget.retrying > 0) budget.done()
            else if (what === 'take') {
              latest = Math.max(latest, now)
              if (budget.take(now) === null) granted++
              expect(budget.retrying).toBeLessThanOrEqual(Math.max(3, begun))
            }
          }
          expect(granted).toBeLessThanOrEqual(10 + 0.2 * begun + latest / 100 + 1e-6)
          expect(Number.isFinite(budget.tokens) && budget.tokens >= 0).toBe(true)
        },
      ),
    )
  })
})

describe('policies', () => {
  test('those that are built in contradict nothing', () => {
    for (const name of Object.keys(BUILT_IN)) expect(policyProblem(effectivePolicy(name, null).policy)).toBeNull()
  })

  test('stored values win over code, code over what is built in, and each says where it comes from', () => {
    const { policy: p, sources } = effectivePolicy('eager', { maxRetries: 9 }, { maxRetries: 7, multiplier: 3 })
    expect([p.maxRetries, p.multiplier, p.initialDelayMs, p.respectRetryAfter]).toEqual([9, 3, 50, true])
    expect([sources.maxRetries, sources.multiplier, sources.initialDelayMs, sources.respectRetryAfter]).toEqual([
      'stored',
      'code',
      'built-in',
      'default',
    ])
    expect(effectivePolicy('constructor', null).policy).toEqual(DEFAULT_POLICY)
  })

  test('what contradicts itself is refused with what to change', () => {
    const says = (change: Partial<RetryPolicy>) => policyProblem(policy(change))?.message
    expect(says({ maxDelayMs: 50 })).toContain('Raise it to at least 200 ms')
    expect(says({ initialDelayMs: Number.NaN })).toContain('0 ms to a day')
    expect(says({ attemptTimeoutMs: 20_000 })).toContain('Shorten the attempt')
    expect(says({ retryOn: [] })).toContain('Choose failures')
    expect(says({ budget: { name: null, ratio: 0, perSecond: 0, concurrentMin: 3 } })).toContain('never allows')
    expect(says({ maxRetries: 0, retryOn: [] })).toBeUndefined()
  })
})
