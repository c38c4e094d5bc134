import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WindowedMin } from './windowed-min.ts'

test('is the least of a span between half the window and the whole of it', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 1_000 })))
  fc.assert(
    fc.property(steps, (added) => {
      const least = new WindowedMin(1_000, 0)
      let now = 0
      const seen: { at: number; value: number }[] = []
      for (const [after, value] of added) {
        now += after
        least.add(value, now)
        seen.push({ at: now, value })
        const since = (ms: number) => Math.min(...seen.filter((s) => s.at > now - ms).map((s) => s.value))
        expect(least.get(now)).toBeGreaterThanOrEqual(since(1_001))
        expect(least.get(now)).toBeLessThanOrEqual(since(500))
      }
    }),
  )
})

test('is nothing when nothing came for the whole window, and before anything came', () => {
  const least = new WindowedMin(1_000, 50)
  expect(least.get(60)).toBeNull()
  least.add(7, 100)
  expect(least.get(600)).toBe(7)
  expect(least.get(1_049)).toBe(7)
  expect(least.get(1_050)).toBeNull()
})
