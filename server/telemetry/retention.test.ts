import { expect, test } from 'vitest'
import { FakeClock } from '../../core/clock.ts'
import type { CutQuality } from '../../core/latency.ts'
import { Sketch } from '../../core/sketch.ts'
import { type TestStore, testStore } from '../../db/test-store.ts'
import { KEPT_MS, prune } from '../retention.ts'
import { Telemetry } from '../telemetry.ts'
import { Cuts } from './cuts.ts'
import { GROUPS_MAX } from './groups.ts'
import { ROLLUPS } from './rollups.ts'
import { exemplar } from './test-exemplar.ts'

const ORIGIN = { actor: 'system', operationId: null }
const HOUR_MS = 3_600_000

const sketch = (ms: number) => {
  const one = new Sketch()
  one.add(ms)
  return one
}

function cut(name: string, quality: CutQuality = 'measured') {
  const sums = { count: 1, errors: 0, clamped: 0, sumsMs: [1, 2, 3, 0], total: sketch(6) }
  return { kind: 'route' as const, name, quality, ...sums, parts: [sketch(1), sketch(2), sketch(3), sketch(0)] }
}

const rowsOf = ({ store }: TestStore, stepMs: number) =>
  store.read(async (tx) => {
    const all = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000_000 }
    return (await tx.q.latency.rollups({ stepMs, kind: 'route', ...all })).map(({ at }) => at)
  })

const kept = ({ store }: TestStore) =>
  store.read(async (tx) => (await tx.q.latency.exemplars({ order: 'newest', limit: 200 })).map(({ id }) => id))

test('under steady traffic each step of the history grows to its keep, and no further', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const telemetry = new Telemetry({ clock, store: t.store })
  const options = { store: t.store, clock, journal: { retentionDays: 30, eventsMax: 1_000 } }
  const edge = { callee: 'payments', protocol: 'http', count: 1, errors: 0, sketch: null }
  const grown: number[] = []
  for (let minute = 1; minute <= 100; minute++) {
    for (let i = 0; i < 6; i++) {
      telemetry.report('orders', 'orders-1', [{ ...edge, cuts: [cut('/charge')] }])
      await telemetry.rollUp()
      clock.advance(10_000)
    }
    if (minute % 50 === 0) {
      await prune(options)
      grown.push((await rowsOf(t, 10_000)).length)
    }
  }
  // An hour at 10 s, and the step that has just begun.
  expect(grown).toEqual([300, 360])
  expect((await rowsOf(t, 60_000)).length).toBeLessThanOrEqual(101)
  expect((await rowsOf(t, HOUR_MS)).length).toBeLessThanOrEqual(3)
  expect(telemetry.groups.pending()).toEqual([])
})

test('roll-ups go when their step is over its keep; requests kept whole when they are, the typical ones first', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const options = { store: t.store, clock, journal: { retentionDays: 30, eventsMax: 1_000 } }
  const telemetry = new Telemetry({ clock, store: t.store })
  const at = clock.wall()
  telemetry.report('orders', 'orders-1', [
    { callee: 'payments', protocol: 'http', count: 1, errors: 0, sketch: null, cuts: [cut('/charge')] },
  ])
  await telemetry.rollUp()
  await t.store.transact(ORIGIN, async (tx) => {
    const row = { caller: 'orders', reporter: 'orders-1' }
    await tx.q.latency.addExemplar({ ...row, notable: true, exemplar: exemplar('slow', '1', 900, { at }) })
    await tx.q.latency.addExemplar({ ...row, notable: false, exemplar: exemplar('typical', '2', 9, { at }) })
  })
  const left = async () => {
    await prune(options)
    return [...(await Promise.all(ROLLUPS.map(async ({ stepMs }) => (await rowsOf(t, stepMs)).length))), await kept(t)]
  }
  expect(await left()).toEqual([1, 1, 1, ['typical', 'slow']])
  clock.advance(2 * HOUR_MS)
  expect(await left()).toEqual([0, 1, 1, ['typical', 'slow']])
  clock.advance(KEPT_MS.typicalExemplars)
  expect(await left()).toEqual([0, 1, 1, ['slow']])
  clock.advance(3 * 24 * HOUR_MS)
  expect(await left()).toEqual([0, 0, 1, ['slow']])
  clock.advance(KEPT_MS.exemplars)
  expect(await left()).toEqual([0, 0, 1, []])
  clock.advance(90 * 24 * HOUR_MS)
  expect(await left()).toEqual([0, 0, 0, []])
})

test('a fleet that is too large for the table loses the oldest of each step, in portions', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const cuts = new Cuts()
  cuts.add(cut(''))
  await t.store.transact(ORIGIN, async (tx) => {
    for (let i = 0; i < 60; i++) {
      for (const stepMs of [10_000, 60_000]) {
        const key = {
          caller: 'a',
          callee: 'b',
          protocol: 'http',
          kind: 'route',
          name: '',
          quality: 'measured',
        } as const
        await tx.q.latency.putRollup({ stepMs, at: i * stepMs, ...key, ...cuts.sums(), sketches: cuts.encode() })
      }
      const one = exemplar(`e${i}`, String(i), 1, { at: i })
      await tx.q.latency.addExemplar({ caller: 'a', reporter: 'a-1', notable: true, exemplar: one })
    }
  })
  const bound = (limit: number) =>
    t.store.transact(ORIGIN, async (tx) => [
      await tx.q.latency.boundRollups(10_000, 20, limit),
      await tx.q.latency.boundExemplars(20, limit),
    ])
  expect(await bound(30)).toEqual([30, 30])
  expect(await bound(30)).toEqual([10, 10])
  expect(await bound(30)).toEqual([0, 0])
  expect(await rowsOf(t, 10_000)).toEqual(Array.from({ length: 20 }, (_, i) => (i + 40) * 10_000))
  expect(await rowsOf(t, 60_000)).toHaveLength(60)
  expect((await kept(t)).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `e${i + 40}`))
})

test('memory holds at most so many groups; what has no room is refused and counted', async () => {
  const clock = new FakeClock()
  await using t = await testStore(clock)
  const telemetry = new Telemetry({ clock, store: t.store })
  const edge = { callee: 'payments', protocol: 'http', count: 1, errors: 0, sketch: null }
  for (let i = 0; i < GROUPS_MAX + 50; i += 50) {
    telemetry.report('orders', 'orders-1', [{ ...edge, cuts: Array.from({ length: 50 }, (_, k) => cut(`/${i + k}`)) }])
  }
  expect([telemetry.groups.size, telemetry.refused]).toEqual([GROUPS_MAX, 50])
  telemetry.groups.takePending()
  clock.advance(10 * 60_000)
  telemetry.forget()
  expect(telemetry.groups.size).toBe(0)
})
