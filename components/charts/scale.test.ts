import { describe, expect, it } from 'vitest'
import { areaPath, linePath, maxOf, nearest, niceMax, runs, spread, timeTicks, yOf } from './scale.ts'

const frame = { fromMs: 0, toMs: 100, max: 10, width: 100, height: 50 }
const samples = (...values: (number | null)[]) => values.map((value, i) => ({ at: i * 10, value }))

describe('a chart', () => {
  it('has an axis from zero to a round number', () => {
    expect([0, 0.7, 1, 3, 21, 26, 480, 5001].map(niceMax)).toEqual([1, 1, 1, 5, 25, 50, 500, 10_000])
    expect(yOf(frame, 0)).toBe(50)
    expect(yOf(frame, 10)).toBe(0)
    expect(maxOf([samples(1, null, 7), []])).toBe(7)
  })
  it('breaks its line where nothing was measured, and does not draw zero there', () => {
    expect(linePath(samples(0, 10, null, 5, 5), 10, frame)).toBe('M0 50L10 0M30 25L40 25')
    expect(
      runs(
        [
          { at: 0, value: 1 },
          { at: 10, value: 1 },
          { at: 60, value: 1 },
        ],
        10,
      ),
    ).toHaveLength(2)
  })
  it('shows a lone sample', () => expect(linePath(samples(null, 10, null), 10, frame)).toBe('M10 0h2'))
  it('closes areas at zero', () => expect(areaPath(samples(10, 10), 10, frame)).toBe('M0 50L0 0L10 0L10 50Z'))
  it('finds the sample under the pointer', () => {
    expect(nearest(samples(1, 2, 3), 14)?.value).toBe(2)
    expect(nearest([], 14)).toBeNull()
  })
  it('labels round times', () => {
    expect(timeTicks(30_000, 900_000, 4)).toEqual([300_000, 600_000, 900_000])
  })
  it('keeps labels apart and inside', () => {
    expect(spread([10, 12], 14, 100)).toEqual([10, 24])
    expect(spread([98, 99], 14, 100)).toEqual([86, 100])
    expect(spread([50, 10], 14, 100)).toEqual([50, 10])
  })
})
