import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conforms, rateOf, remaining } from './gcra.ts'

test('a burst, then one at a time', () => {
  const rate = rateOf(10, 1_000, 3)
  let tat = 0
  const at = (now: number) => {
    const decided = conforms(rate, tat, now)
    if ('tat' in decided) tat = decided.tat
    return 'tat' in decided ? 'yes' : decided.waitMs
  }
  expect([at(0), at(0), at(0), at(0)]).toEqual(['yes', 'yes', 'yes', 100])
  expect([at(99), at(100), at(100)]).toEqual([expect.closeTo(1), 'yes', 100])
  expect(at(10_000)).toBe('yes')
  expect(remaining(rate, tat, 10_000)).toBe(2)
})

const rates = fc.record({
  requests: fc.integer({ min: 1, max: 1_000 }),
  perMs: fc.integer({ min: 10, max: 60_000 }),
  burst: fc.option(fc.integer({ min: 1, max: 200 })),
})

test('in no window are there more than the burst and what the rate allows; whoever waits as told conforms', () => {
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (r, gaps) => {
        const rate = rateOf(r.requests, r.perMs, r.burst)
        const taken: number[] = []
        let tat = 0
        let now = 1_000
        for (const gap of gaps) {
          now += gap
          const decided = conforms(rate, tat, now)
          expect(remaining(rate, tat, now) >= 1).toBe('tat' in decided)
          if ('tat' in decided) {
            taken.push(now)
            tat = decided.tat
          } else {
            expect(decided.waitMs).toBeGreaterThan(0)
            expect('tat' in conforms(rate, tat, now + decided.waitMs)).toBe(true)
          }
        }
        for (let i = 0; i < taken.length; i++) {
          for (let j = i; j < taken.length; j++) {
            const span = (taken[j] as number) - (taken[i] as number)
            expect(j - i + 1).toBeLessThanOrEqual(rate.burst + span / rate.everyMs + 1e-3)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})
