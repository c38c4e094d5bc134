import { expect, test } from 'vitest'
import { formatGatewayTiming, formatServerTiming, parseServerTiming } from './server-timing.ts'

test.each([
  ['app;dur=12.5, queue;dur=3', 12.5, 3],
  ['cache;desc="hit, stale";dur=1, app;dur=7', 7, null],
  ['app;desc=x;dur="4.25"', 4.25, null],
  ['APP;dur=5', null, null],
  ['app;dur=-5, queue;dur=abc', null, null],
  ['app;dur=1, app;dur=9', 1, null],
  ['', null, null],
])('reads %s', (header, appMs, queueMs) => {
  expect(parseServerTiming(header)).toEqual({ appMs, queueMs, gatewayAppMs: 0, gatewayQueueMs: 0 })
})

test('what is written is read again', () => {
  const own = formatServerTiming(1.25, 0.5)
  expect(parseServerTiming(own)).toMatchObject({ appMs: 1.25, queueMs: 0.5 })
  const inside = [formatGatewayTiming(2, 0.25), formatGatewayTiming(1, 0)]
  expect(parseServerTiming([own, ...inside])).toEqual({
    appMs: 1.25,
    queueMs: 0.5,
    gatewayAppMs: 3,
    gatewayQueueMs: 0.25,
  })
})
