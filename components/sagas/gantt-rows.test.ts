import { expect, test } from 'vitest'
import { type GanttRow, tickStep, timeScale } from './gantt-rows'

const bar = (from: number, to: number | null): GanttRow => ({
  step: 'a',
  phase: 'do',
  bars: [{ from, to, kind: 'attempt', outcome: 'succeeded', attempt: 1, worker: 'w', error: null }],
})

test('time runs evenly where there is always something', () => {
  const { at, folds } = timeScale([bar(0, 50), bar(50, 100)], 0, 100)
  expect(folds).toEqual([])
  expect([0, 25, 100].map(at)).toEqual([0, 0.25, 1])
})

test('a long silence is folded, and time still only goes on', () => {
  const { at, folds } = timeScale([bar(0, 10), bar(990, null)], 0, 1_000)
  expect(folds.map(({ from, to }) => [from, to])).toEqual([[10, 990]])
  expect(at(10)).toBeCloseTo(0.47)
  expect(at(990)).toBeCloseTo(0.53)
  const places = Array.from({ length: 101 }, (_, i) => at(i * 10))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(at(1_000)).toBeCloseTo(1)
})

test('ticks are round', () => {
  expect([90, 1_000, 61_000, 10_000_000].map((span) => tickStep(span, 8))).toEqual([20, 200, 10_000, 2_400_000])
})
