import { describe, expect, test } from 'vitest'
import { outage } from './outage.ts'
import { effectivePolicy, type PolicyValues } from './policy.ts'
import { schedule, stampede } from './policy-preview.ts'
import { seededRandom } from './random.ts'

const policy = (values: PolicyValues = {}) => effectivePolicy('x', values).policy

describe('schedule', () => {
  test('bands and sums of each jitter', () => {
    const values = { initialDelayMs: 100, maxDelayMs: 300, maxRetries: 3 }
    const of = (jitter: 'none' | 'full' | 'equal') => schedule(policy({ ...values, jitter }), seededRandom(1))
    expect(of('none').map((s) => s.delay.mean)).toEqual([100, 200, 300])
    expect(of('full').map((s) => s.delay)).toEqual([
      { min: 0, mean: 50, max: 100 },
      { min: 0, mean: 100, max: 200 },
      { min: 0, mean: 150, max: 300 },
    ])
    expect(of('equal').at(-1)?.since).toEqual({ min: 300, mean: 450, max: 600 })
  })

  test('decorrelated stands between its base and its cap', () => {
    const steps = schedule(policy({ jitter: 'decorrelated', maxRetries: 20 }), seededRandom(1))
    for (const { delay } of steps) {
      expect(delay.min).toBe(200)
      expect(delay.mean).toBeGreaterThan(200)
      expect(delay.max).toBeLessThanOrEqual(5_000)
      expect(delay.mean).toBeLessThan(delay.max)
    }
  })

  test('no retries, no schedule', () => {
    expect(schedule(policy({ maxRetries: 0 }), seededRandom(1))).toEqual([])
  })
})

describe('a thousand clients that fail together', () => {
  test('without jitter all of them meet in one step, with it they are spread', () => {
    const s = stampede(policy(), seededRandom(5))
    expect(s.worstTogether).toBe(1_000)
    expect(s.together.filter((n) => n > 0)).toHaveLength(3)
    expect(s.worstSpread).toBeLessThan(800)
    expect(s.spread.reduce((a, b) => a + b, 0)).toBe(3_000)
  })

  test('the same seed gives the same picture', () => {
    expect(stampede(policy(), seededRandom(5))).toEqual(stampede(policy(), seededRandom(5)))
  })

  test('what lies beyond the picture is counted, not drawn', () => {
    const s = stampede(
      policy({ initialDelayMs: 60_000, maxDelayMs: 60_000, jitter: 'none', maxElapsedMs: null }),
      seededRandom(1),
    )
    expect(s).toMatchObject({ spread: [], worstSpread: 0, later: 1_000 })
  })
})

describe('a service that is down', () => {
  const options = { downMs: 20_000, requestsPerSecond: 200, processes: 10, attemptMs: 20 }

  test('without a budget the load is multiplied by all attempts, and is back to normal afterwards', () => {
    const load = outage(policy({ budget: null }), seededRandom(2), options)
    expect(load.peak).toBeGreaterThan(3)
    expect(load.peak).toBeLessThan(6)
    expect(load.multiplier.at(-1)).toBeCloseTo(1)
    expect(load.refusedShare).toBe(0)
  })

  test('a budget bounds it to its share', () => {
    const budget = { name: null, ratio: 0.2, perSecond: 0, concurrentMin: 3 }
    const load = outage(policy({ budget }), seededRandom(2), options)
    const down = load.multiplier.slice(10, 60)
    expect(down.reduce((a, b) => a + b, 0) / down.length).toBeLessThan(1.25)
    expect(load.refusedShare).toBeGreaterThan(0.5)
    expect(load.failedShare).toBeGreaterThan(0.9)
  })

  test('without retries there is nothing to add', () => {
    const load = outage(policy({ maxRetries: 0 }), seededRandom(2), options)
    expect(load.peak).toBe(1)
    expect(load.failedShare).toBe(1)
  })
})
