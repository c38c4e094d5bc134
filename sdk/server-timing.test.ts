import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatServerTiming, parseServerTiming, splitTiming } from './server-timing.ts'

test.each([
  ['app;dur=12.5, queue;dur=3', 12.5, 3],
  ['cache;desc="hit, stale";dur=1, app;dur=7', 7, null],
  ['app;desc=x;dur="4.25"', 4.25, null],
  ['APP;dur=5', null, null],
  ['app;dur=-5, queue;dur=abc', null, null],
  ['app;dur=1, app;dur=9', 1, null],
  ['', null, null],
])('reads %s', (header, appMs, queueMs) => {
  expect(parseServerTiming(header)).toEqual({ appMs, queueMs })
})

test('what is written is read again', () => {
  expect(parseServerTiming(formatServerTiming(1.25, 0.5))).toEqual({ appMs: 1.25, queueMs: 0.5 })
})

const ms = fc.double({ min: 0, max: 1e6, noNaN: true })

test('the three parts are disjoint, never negative, and sum to the total, however much a service claims', () => {
  fc.assert(
    fc.property(ms, ms, fc.option(ms), fc.option(ms), (totalMs, waitedMs, appMs, queueMs) => {
      const t = splitTiming(totalMs, waitedMs, { appMs, queueMs })
      expect(Math.min(t.networkMs, t.processingMs, t.queueMs)).toBeGreaterThanOrEqual(-1e-6)
      expect(t.networkMs + t.processingMs + t.queueMs).toBeCloseTo(totalMs, 5)
      expect(t.quality).toBe(appMs === null ? 'partial' : 'measured')
    }),
  )
})
