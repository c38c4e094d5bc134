import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../core/clock.ts'
import type { Instance } from '../../core/instance.ts'
import type { CutQuality } from '../../core/latency.ts'
import { Sketch } from '../../core/sketch.ts'
import { type TestStore, testStore } from '../../db/test-store.ts'
import { createCaller } from '../api/root.ts'
import type { Engines } from '../engines.ts'
import { Telemetry } from '../telemetry.ts'
import { Bottlenecks } from './bottlenecks.ts'
import type { CutReport } from './groups.ts'
import { LatencyReads } from './latency.ts'
import { exemplar } from './test-exemplar.ts'

const clock = new FakeClock()
let file: TestStore
let telemetry: Telemetry
let bottlenecks: Bottlenecks
let api: ReturnType<typeof createCaller>
const declared = new Map<string, string>()

beforeEach(async () => {
  file = await testStore(clock)
  telemetry = new Telemetry({ clock, store: file.store })
  declared.clear()
  bottlenecks = new Bottlenecks(
    telemetry,
    (id) => ({ metadata: declared.has(id) ? { concurrency: declared.get(id) } : {} }) as unknown as Instance,
  )
  const latency = new LatencyReads({ store: file.store, clock, groups: telemetry.groups })
  const engines = { clock, store: file.store, telemetry, latency, bottlenecks } as unknown as Engines
  const principal = { kind: 'user', actor: 'user:ada', name: 'Ada', role: 'viewer', scopes: [], active: true }
  api = createCaller({ engines, principal } as unknown as Parameters<typeof createCaller>[0])
})

afterEach(() => file[Symbol.asyncDispose]())

type Parts = [network: number, processing: number, queue: number, unattributed: number]

function cut(kind: 'route' | 'instance', name: string, parts: Parts, count = 1, quality: CutQuality = 'measured') {
  const total = new Sketch()
  total.add(
    parts.reduce((a, b) => a + b),
    count,
  )
  const sketches = parts.map((ms) => {
    const sketch = new Sketch()
    sketch.add(ms, count)
    return sketch
  })
  const sums = { count, errors: 0, clamped: 0, sumsMs: parts.map((ms) => ms * count), total }
  return { kind, name, quality, ...sums, parts: kind === 'route' ? sketches : null } satisfies CutReport
}

function report(caller: string, callee: string, cuts: CutReport[], more: { sumMs?: number; inFlight?: number } = {}) {
  const count = cuts.filter((c) => c.kind === 'instance').reduce((sum, c) => sum + c.count, 0)
  const { sumMs, inFlight } = more
  const gauge = inFlight === undefined ? {} : { inFlight: { mean: inFlight, max: inFlight } }
  const edge = { callee, protocol: 'http', count, errors: 0, sketch: null, cuts, sumMs, ...gauge }
  telemetry.report(caller, `${caller}-1`, [edge])
}

test('parts are means that sum to the mean, each quality for itself; the total is one', async () => {
  const fromMs = clock.wall()
  report('orders', 'payments', [cut('route', '/charge', [2, 6, 2, 0], 3), cut('route', '', [1, 0, 0, 9], 1, 'partial')])
  await telemetry.rollUp()
  clock.advance(10_000)
  report('orders', 'payments', [cut('route', '/charge', [4, 12, 4, 0])])
  const answer = await api.telemetry.latency({ data: { period: { fromMs: fromMs - 1, toMs: clock.wall() + 1 } } })
  const { points, summary, stepMs } = answer.period
  expect(stepMs).toBe(10_000)
  expect(points.map((p) => [p.count, Object.keys(p.parts)])).toEqual([
    [4, ['measured', 'partial']],
    [1, ['measured']],
  ])
  expect(points[0]?.parts.measured).toEqual({ count: 3, networkMs: 2, processingMs: 6, queueMs: 2, unattributedMs: 0 })
  expect(summary.qualities.measured?.means.processingMs).toBe(7.5)
  expect(summary.qualities.partial?.means.unattributedMs).toBe(9)
  expect(summary.meanMs).toBe(12)
  expect(summary.percentiles[0]).toBeCloseTo(10, 0)
  expect(answer.names.routes.map((r) => [r.name, r.count])).toEqual([
    ['/charge', 3],
    ['', 1],
  ])
})

test('by route, by instance, and against another period', async () => {
  const before = clock.wall()
  report('orders', 'payments', [cut('route', '/charge', [1, 1, 1, 0]), cut('instance', 'p-1', [1, 1, 0, 0])])
  await telemetry.rollUp()
  clock.advance(600_000)
  const now = clock.wall()
  report('orders', 'payments', [cut('route', '/refund', [9, 9, 9, 0]), cut('instance', 'p-2', [9, 9, 0, 0])])
  await telemetry.rollUp()
  const period = { fromMs: now - 60_000, toMs: now + 60_000 }
  const compare = { fromMs: before - 60_000, toMs: before + 60_000 }
  const of = async (scope: object) => {
    const answer = await api.telemetry.latency({ data: { scope, period, compare } })
    return [answer.period.summary.meanMs, answer.compare?.summary.meanMs]
  }
  expect(await of({})).toEqual([27, 3])
  expect(await of({ route: '/charge' })).toEqual([null, 3])
  expect(await of({ instance: 'p-2' })).toEqual([18, null])
  expect(await of({ caller: 'nobody' })).toEqual([null, null])
  await expect(of({ route: 'a', instance: 'b' })).rejects.toThrow(/not both/)
})

test('the heatmap holds every request in one cell, and a cell’s requests are found', async () => {
  const fromMs = clock.wall()
  for (const ms of [0.01, 0.5, 7, 7.2, 480, 5_000_000]) {
    report('orders', 'payments', [cut('route', '', [ms, 0, 0, 0])])
  }
  const answer = await api.telemetry.latency({ data: { period: { fromMs, toMs: clock.wall() + 1 } } })
  const { edgesMs, columns } = answer.period.heatmap
  const counts = columns[0]?.counts as number[]
  expect(counts.reduce((a, b) => a + b)).toBe(6)
  expect([...edgesMs]).toEqual([...edgesMs].sort((a, b) => a - b))
  for (const ms of [0.5, 7.2, 480]) {
    const row = edgesMs.findIndex((edge, i) => edge <= ms && ms < (edgesMs[i + 1] as number))
    expect(counts[row]).toBeGreaterThan(0)
  }
})

test('requests kept whole are found by length, time and trace, and survive a restart', async () => {
  const exemplars = [
    exemplar('a', '1', 60, { failed: true, error: 'broke', status: null }),
    exemplar('b', '1', 5, { parentId: 'a', callee: 'ledger', why: 'trace' }),
    exemplar('c', '2', 600, { failed: true, callee: 'ledger' }),
  ]
  telemetry.report('orders', 'orders-1', [], { exemplars: exemplars.map((e) => ({ ...e, at: clock.wall() })) })
  await telemetry.rollUp()
  await telemetry.rollUp()
  const find = async (data: Parameters<typeof api.telemetry.exemplars>[0]['data']) =>
    (await api.telemetry.exemplars({ data })).exemplars.map((e) => e.id)
  expect(await find({ order: 'slowest' })).toEqual(['c', 'a', 'b'])
  expect(await find({ totalMinMs: 50, totalBelowMs: 100 })).toEqual(['a'])
  expect(await find({ callee: 'ledger', failed: false })).toEqual(['b'])
  expect(await find({ from: clock.wall() + 1 })).toEqual([])
  expect(await find({ traceId: '1'.padStart(32, '0') })).toEqual(['a', 'b'])
})

test('the fullest instance is the bottleneck; what it may do at once is declared, or as seen, and it is said', async () => {
  declared.set('p-1', '4')
  declared.set('s-1', '0.5')
  for (let second = 0; second < 60; second++) {
    report('gateway', 'storefront', [cut('instance', 's-1', [1, 10, 0, 0], 10)], { sumMs: 110, inFlight: 0.11 })
    report('storefront', 'payments', [cut('instance', 'p-1', [1, 90, 30, 0], 20)], { sumMs: 2_420, inFlight: 9 })
    report('storefront', 'ledger', [cut('instance', 'l-1', [1, 0, 0, 20], 5, 'partial')])
    clock.advance(1_000)
  }
  const found = await api.telemetry.bottlenecks({ data: {} })
  expect(found.bottleneck).toBe('p-1')
  expect(found.entryPerSec).toBeCloseTo(10, 5)
  const stations = new Map(found.services.flatMap((s) => s.stations).map((s) => [s.id, s]))
  expect(stations.get('p-1')).toMatchObject({ serviceMs: 90, concurrency: 4, concurrencyFrom: 'declared', queueMs: 30 })
  expect(stations.get('p-1')?.utilisation).toBeCloseTo(0.45, 1)
  expect(stations.get('s-1')).toMatchObject({ concurrency: 1, concurrencyFrom: 'estimated', serviceFrom: 'measured' })
  expect(stations.get('l-1')).toMatchObject({ serviceMs: 20, serviceFrom: 'estimated' })
  const growth = found.services[0]?.growth as number
  expect(found.throughputMaxPerSec).toBeCloseTo(10 * growth, 0)
  expect(found.paths[0]).toMatchObject({
    services: ['gateway', 'storefront', 'payments'],
    first: { service: 'payments', growth },
  })
  const little = new Map(found.flows.map((f) => [f.callee, f.little?.verdict]))
  expect([...little]).toEqual([
    ['storefront', 'agrees'],
    ['payments', 'differs'],
    ['ledger', undefined],
  ])
  clock.advance(120_000)
  expect((await api.telemetry.bottlenecks({ data: {} })).bottleneck).toBeNull()
})
