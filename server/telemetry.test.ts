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

function cuts(name: string, values: [network: number, processing: number, queue: number], kind: 'route' | 'instance') {
  const total = new Sketch()
  total.add(values.reduce((a, b) => a + b))
  const parts = [...values, 0].map((value) => {
    const sketch = new Sketch()
    sketch.add(value)
    return sketch
  })
  const sumsMs = [...values, 0]
  const quality = 'measured' as const
  return { kind, name, quality, count: 1, errors: 0, clamped: 0, sumsMs, total, parts: kind === 'route' ? parts : null }
}

test('cuts are rolled up at every step, by route and by instance, and survive a restart', async () => {
  const { clock, telemetry, file } = await setUp()
  const begun = clock.wall()
  for (let i = 0; i < 12; i++) {
    const edge = report('payments', [10])
    const both = [cuts('/charge', [1, 6, 3], 'route'), cuts('payments-1', [1, 6, 2], 'instance')]
    telemetry.report('orders', 'orders-1', [{ ...edge, cuts: both }])
    await telemetry.rollUp()
    clock.advance(10_000)
  }
  const store = await file.reopen()
  for (const { stepMs } of ROLLUPS) {
    for (const [kind, queueMs] of [
      ['route', 36],
      ['instance', 24],
    ] as const) {
      const filter = { stepMs, kind, from: begun - 3_600_000, to: clock.wall(), limit: 100 }
      const rows = await store.read((tx) => tx.q.latency.rollups(filter))
      const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((n, row) => n + of(row), 0)
      expect([sum((r) => r.count), sum((r) => r.networkMs), sum((r) => r.queueMs)]).toEqual([12, 12, queueMs])
    }
  }
  await file[Symbol.asyncDispose]()
})

test('the window of groups forgets, and is as long as what it holds', async () => {
  const { clock, telemetry, file } = await setUp()
  const begun = clock.monotonic()
  for (let second = 0; second < 120; second++) {
    telemetry.report('orders', 'orders-1', [
      { ...report('payments', [10]), cuts: [cuts('p-1', [1, 6, 2], 'instance')] },
    ])
    const [window] = telemetry.groups.windows('instance', clock.monotonic())
    const rate = (window?.count ?? 0) / ((window?.spanMs ?? 1) / 1_000)
    if (clock.monotonic() - begun > 5_000) expect(Math.abs(rate - 1)).toBeLessThan(0.25)
    clock.advance(1_000)
  }
  const [window] = telemetry.groups.windows('instance', clock.monotonic())
  expect((window?.processingMs ?? 0) / (window?.count ?? 1)).toBe(6)
  clock.advance(60_000)
  expect(telemetry.groups.windows('instance', clock.monotonic())).toEqual([])
  await file[Symbol.asyncDispose]()
})

test('calls in flight and completions are told apart, so that one can be checked by the other', async () => {
  const { clock, telemetry, file } = await setUp()
  for (let second = 0; second < 30; second++) {
    const flow = { sumMs: 500, inFlight: { mean: 0.5, max: 1 } }
    telemetry.report('orders', 'orders-1', [{ ...report('payments', [250, 250]), ...flow }], { intervalMs: 1_000 })
    clock.advance(1_000)
  }
  const [flow] = telemetry.flows()
  expect(flow).toMatchObject({ meanMs: 250, quality: 'measured' })
  expect(flow?.ratePerSec).toBeCloseTo(2, 5)
  expect(flow?.inFlight).toBeCloseTo(0.5, 5)
  await file[Symbol.asyncDispose]()
})
