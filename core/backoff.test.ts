import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cappedDelay, fullJitter, JITTERS, jitteredDelay } from './backoff.ts'
import { seededRandom } from './random.ts'

const config = fc
  .record({
    initialDelayMs: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 60_000, noNaN: true })),
    more: fc.double({ min: 0, max: 86_400_000, noNaN: true }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
  })
  .map(({ initialDelayMs, more, multiplier }) => ({ initialDelayMs, maxDelayMs: initialDelayMs + more, multiplier }))
const attempt = fc.oneof(fc.nat(80), fc.nat(1_000_000))
const random = fc.nat().map(seededRandom)

/** The seed's loop, one delay after the other. */
function seedDelays(initial: number, max: number, count: number): number[] {
  const delays: number[] = []
  let delay = initial
  for (let i = 0; i < count; i++) {
    delays.push(delay)
    delay = Math.min(delay * 2, max)
  }
  return delays
}

describe('backoff', () => {
  test('without jitter and with a factor of 2 the delays are those of the defining loop', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(1_000_000), (initialDelayMs, more) => {
        const policy = { initialDelayMs, maxDelayMs: initialDelayMs + more, multiplier: 2 }
        const ours = Array.from({ length: 60 }, (_, n) => cappedDelay(policy, n))
        expect(ours).toEqual(seedDelays(initialDelayMs, policy.maxDelayMs, 60))
      }),
    )
  })

  test('every jitter stays within its bounds, at any attempt', () => {
    fc.assert(
      fc.property(config, attempt, random, fc.constantFrom(...JITTERS), (c, n, r, jitter) => {
        const v = cappedDelay(c, n)
        const previous = Math.min(c.maxDelayMs, c.initialDelayMs + r() * c.maxDelayMs)
        const delay = jitteredDelay({ ...c, jitter }, n, previous, r)
        expect(Number.isFinite(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual({ none: v, full: 0, equal: v / 2, decorrelated: c.initialDelayMs }[jitter])
        expect(delay).toBeLessThanOrEqual({ none: v, full: v, equal: v, decorrelated: c.maxDelayMs }[jitter])
      }),
      { numRuns: 2_000 },
    )
  })

  test('the capped delay never falls and never passes the cap, also at the millionth attempt', () => {
    fc.assert(
      fc.property(config, fc.nat(1_000_000), (c, n) => {
        const now = cappedDelay(c, n)
        expect(cappedDelay(c, n + 1)).toBeGreaterThanOrEqual(now)
        expect(now).toBeLessThanOrEqual(c.maxDelayMs)
      }),
    )
  })

  test('the means are those of the formulas', () => {
    const c = { initialDelayMs: 100, maxDelayMs: 1_000, multiplier: 2 }
    const mean = (jitter: (typeof JITTERS)[number], n: number) => {
      const r = seededRandom(7)
      let sum = 0
      for (let i = 0; i < 20_000; i++) sum += jitteredDelay({ ...c, jitter }, n, 200, r)
      return sum / 20_000
    }
    expect(mean('none', 2)).toBe(400)
    expect(mean('full', 2)).toBeCloseTo(200, -1)
    expect(mean('equal', 2)).toBeCloseTo(300, -1)
    expect(mean('decorrelated', 2)).toBeCloseTo((100 + 600) / 2, -1)
  })

  test('the cap lines nobody up: far past it full jitter is still uniform over the whole of it', () => {
    const c = { initialDelayMs: 100, maxDelayMs: 1_000, multiplier: 2 }
    const r = seededRandom(3)
    const tenths = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const tenth = Math.floor(fullJitter(c, 40, r) / 100)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})
