import { expect, test } from 'vitest'
import type { LatencyPoint } from '../../core/latency-view.ts'
import { comparedWith, periodOf } from './ranges.ts'
import { mainQuality, stepsOf, totalOf } from './steps.ts'

function point(at: number, networkMs: number): LatencyPoint {
  const parts = { measured: { count: 2, networkMs, processingMs: 5, queueMs: 1, unattributedMs: 0 } }
  return { at, count: 2, errors: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1, parts }
}

test('a mean is as wide as its step, and silence is a gap', () => {
  const steps = stepsOf([point(0, 1), point(20, 2), point(60, 3)], 'measured', 10)
  expect(steps.map((s) => [s.at, s.networkMs])).toEqual([
    [0, 1],
    [9, 1],
    [20, 2],
    [29, 2],
    [30, null],
    [60, 3],
    [69, 3],
  ])
  expect(totalOf(steps[0] as (typeof steps)[number])).toBe(7)
  expect(stepsOf([point(0, 1)], 'partial', 10)).toEqual([])
})

test('the quality of most requests is shown', () => {
  expect(mainQuality({ measured: { count: 3 }, partial: { count: 4 } })).toBe('partial')
  expect(mainQuality({})).toBeNull()
})

test('periods lie on the grid of their step, and what they are compared with is as long', () => {
  const period = periodOf('15m', 1_000_003)
  expect(period).toEqual({ fromMs: 110_000, toMs: 1_010_000 })
  expect(comparedWith(period, 'none')).toBeUndefined()
  const now = 1_800_000_000_000
  const before = comparedWith(periodOf('1h', now), 'before')
  expect(before?.toMs).toBe(periodOf('1h', now).fromMs)
  expect(comparedWith(periodOf('1h', now), 'day')?.toMs).toBe(periodOf('1h', now).toMs - 86_400_000)
})
