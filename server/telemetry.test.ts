import { expect, test } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { Sketch } from '../core/sketch.ts'
import { testStore } from '../db/test-store.ts'
import { EDGES_MAX, ROLLUPS, Telemetry, WINDOW_MS } from './telemetry.ts'

function report(callee: string, latencies: number[], errors = 0) {
  const sketch = new Sketch()
  for (const latency of latencies) sketch.add(latency)
  return { callee, protocol: 'http', count: latencies.length, errors, sketch }
}

async function setUp() {
  const clock = new FakeClock()
  const file = await testStore(clock)
  return { clock, file, telemetry: new Telemetry({ clock, store: file.store }) }
}

test('callers merge into one edge; the window forgets, and no traffic is not zero latency', async () => {
  const { clock, telemetry, file } = await setUp()
  for (let second = 0; second < 30; second++) {
    telemetry.report('orders', 'orders-1', [report('payments', [10, 20])])
    telemetry.report('orders', 'orders-2', [report('payments', [30], 1)])
    clock.advance(1_000)
  }
  const [edge] = telemetry.views()
  expect(edge).toMatchObject({ caller: 'orders', callee: 'payments', quality: 'measured', errorShare: 1 / 3 })
  expect(edge?.ratePerSec).toBeCloseTo(3, 0)
  expect(edge?.p50Ms).toBeCloseTo(20, 0)
  clock.advance(WINDOW_MS)
  expect(telemetry.views()[0]).toMatchObject({ count: 0, errorShare: null, p50Ms: null, p99Ms: null, quality: 'none' })
  clock.advance(5 * 60_000)
  await telemetry.rollUp()
  telemetry.forget()
  expect(telemetry.size).toBe(0)
  await file[Symbol.asyncDispose]()
})

test('a caller that stops reporting makes its edge partial', async () => {
  const { clock, telemetry, file } = await setUp()
  telemetry.report('orders', 'orders-1', [report('payments', [10])])
  telemetry.report('orders', 'orders-2', [report('payments', [10])])
  clock.advance(6_000)
  telemetry.report('orders', 'orders-2', [report('payments', [10])])
  expect(telemetry.views()[0]?.quality).toBe('partial')
  await file[Symbol.asyncDispose]()
})

test('the rate of a young edge is over its own life', async () => {
  const { clock, telemetry, file } = await setUp()
  for (let second = 0; second < 5; second++) {
    telemetry.report('orders', 'orders-1', [report('payments', [1, 1, 1, 1])])
    clock.advance(1_000)
  }
  expect(telemetry.views()[0]?.ratePerSec).toBeCloseTo(4, 5)
  await file[Symbol.asyncDispose]()
})

test('edges are bounded, and what is refused is counted', async () => {
  const { telemetry, file } = await setUp()
  for (let i = 0; i < EDGES_MAX + 10; i++) telemetry.report('orders', 'orders-1', [report(`s-${i}`, [1])])
  expect([telemetry.size, telemetry.refused]).toEqual([EDGES_MAX, 10])
  await file[Symbol.asyncDispose]()
})

test('history adds up at every step, across a restart, with quantiles of all of it', async () => {
  const { clock, telemetry, file } = await setUp()
  const begun = clock.wall()
  for (let minute = 0; minute < 20; minute++) {
    telemetry.report('orders', 'orders-1', [report('payments', [10, 10, 100], 1)])
    await telemetry.rollUp()
    clock.advance(60_000)
  }
  const store = await file.reopen()
  const later = new Telemetry({ clock, store })
  for (const { stepMs } of ROLLUPS) {
    const rows = await store.read((tx) => tx.q.telemetry.rollups({ stepMs, from: 0, to: clock.wall(), limit: 1_000 }))
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(60)
  }
  const points = await later.history({ callee: 'payments', fromMs: begun - 1, toMs: clock.wall() })
  expect(points.reduce((sum, point) => sum + point.errors, 0)).toBe(20)
  expect(points[0]?.p50Ms).toBeCloseTo(10, 0)
  expect(points[0]?.p99Ms).toBeCloseTo(10, 0)
  await file[Symbol.asyncDispose]()
})
