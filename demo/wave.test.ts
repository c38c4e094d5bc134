import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demandAt, hourAt, nextArrivalMs, rateAt, WAVE } from './wave.ts'

describe('the wave of a day', () => {
  it('starts at its hour and comes back to it after a day', () => {
    expect(hourAt(WAVE, 0)).toBe(WAVE.startHour)
    expect(hourAt(WAVE, WAVE.dayMs)).toBeCloseTo(WAVE.startHour, 9)
    expect(hourAt(WAVE, WAVE.dayMs / 2)).toBeCloseTo((WAVE.startHour + 12) % 24, 9)
  })

  it('has its peak in the evening and its trough before dawn', () => {
    const hours = Array.from({ length: 240 }, (_, i) => i / 10)
    const sorted = [...hours].sort((a, b) => demandAt(a) - demandAt(b))
    expect(sorted[0]).toBeGreaterThan(1)
    expect(sorted[0]).toBeLessThan(6)
    expect(sorted.at(-1)).toBeCloseTo(20, 0)
    expect(demandAt(12.75)).toBeGreaterThan(demandAt(10.5))
  })

  it('stays between floor and peak, at any time, also before its start', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10 * WAVE.dayMs, max: 1000 * WAVE.dayMs }), (elapsed) => {
        const hour = hourAt(WAVE, elapsed)
        const rate = rateAt(WAVE, elapsed)
        return hour >= 0 && hour < 24 && rate >= WAVE.floorPerSec && rate <= WAVE.peakPerSec
      }),
    )
  })

  it('makes no step, not even at midnight', () => {
    for (let elapsed = 0; elapsed < WAVE.dayMs; elapsed += 250) {
      const step = Math.abs(rateAt(WAVE, elapsed + 250) - rateAt(WAVE, elapsed))
      expect(step).toBeLessThan(0.2)
    }
  })

  it('spaces arrivals so that their mean is the rate', () => {
    // multiples of the golden ratio fill [0, 1) evenly, and the same way every time
    let x = 0
    const random = () => {
      x = (x + 0.618033988749895) % 1
      return x
    }
    let total = 0
    for (let i = 0; i < 20_000; i++) total += nextArrivalMs(20, random)
    expect(total / 20_000).toBeGreaterThan(48)
    expect(total / 20_000).toBeLessThan(52)
    expect(nextArrivalMs(0, random)).toBe(Number.POSITIVE_INFINITY)
  })
})
