import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { EdgeView, LiveFrame, ServiceView } from '@/core/topology'
import { EVENTS_KEPT, LATE_AFTER_MS, type LiveEvent, LiveStore, OFFLINE_AFTER_MS } from './store'

const service = (name: string, total = 1): ServiceView => ({
  name,
  health: 'healthy',
  reason: '',
  counts: { healthy: total, warning: 0, unhealthy: 0, unknown: 0, draining: 0, maintenance: 0 },
  total,
  routable: total,
  flapping: 0,
  zones: [],
  versions: [],
  tags: [],
  maintenance: null,
  hold: null,
  changedAt: 1,
})

const edge = (id: string, count = 1): EdgeView => ({
  id,
  caller: 'a',
  callee: 'b',
  protocol: 'http',
  count,
  errors: 0,
  ratePerSec: count / 60,
  errorShare: 0,
  p50Ms: 1,
  p99Ms: 2,
  windowMs: 60_000,
  ageMs: 0,
  quality: 'measured',
})

const event = (seq: number): LiveEvent => ({
  seq,
  at: seq,
  kind: 'instance.registered',
  key: `instance/${seq}`,
  service: 'orders',
  actor: 'system',
  summary: '',
  operationId: null,
})

const frame = (given: Partial<LiveFrame>): LiveFrame => ({
  full: false,
  seq: 1,
  now: 1_000,
  services: [],
  removedServices: [],
  edges: [],
  removedEdges: [],
  events: [],
  ...given,
})

function setup() {
  const time = { ms: 0 }
  const store = new LiveStore(
    { services: [service('orders'), service('billing')], edges: [edge('e1')], events: [], seq: 1, now: 1_000 },
    () => time.ms,
  )
  return { store, time }
}

test('a full frame replaces; what says the same keeps its identity', () => {
  const { store } = setup()
  const orders = store.shown.services.get('orders')
  store.apply(frame({ full: true, services: [service('orders'), service('shipping')], edges: [] }))
  expect(store.serviceList.map((s) => s.name)).toEqual(['orders', 'shipping'])
  expect(store.shown.services.get('orders')).toBe(orders)
  expect(store.edgeList).toEqual([])
})

test('a frame patches by key and takes away what is gone', () => {
  const { store } = setup()
  store.apply(
    frame({
      services: [service('orders', 5)],
      removedServices: ['billing'],
      edges: [edge('e2')],
      removedEdges: ['e1'],
    }),
  )
  expect(store.serviceList.map((s) => [s.name, s.total])).toEqual([['orders', 5]])
  expect(store.edgeList.map((e) => e.id)).toEqual(['e2'])
})

test('only the readers of what has changed are told', () => {
  const { store } = setup()
  const [orders, billing, all, edges] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  store.subscribe('service:orders', orders)
  store.subscribe('service:billing', billing)
  store.subscribe('services', all)
  store.subscribe('edges', edges)
  store.apply(frame({ services: [service('orders', 2)] }))
  expect([orders, billing, all, edges].map((f) => f.mock.calls.length)).toEqual([1, 0, 1, 0])
  store.apply(frame({ services: [service('orders', 2)] }))
  expect(all).toHaveBeenCalledTimes(1)
  store.apply(frame({ removedServices: ['billing'] }))
  expect(billing).toHaveBeenCalledTimes(1)
})

test('lists keep their identity until something in them changes', () => {
  const { store } = setup()
  const list = store.serviceList
  store.apply(frame({ edges: [edge('e1', 9)] }))
  expect(store.serviceList).toBe(list)
  expect(store.edgeList[0]?.count).toBe(9)
})

test('events are kept newest first, each once, at most 200', () => {
  const { store } = setup()
  store.apply(frame({ seq: 150, events: Array.from({ length: 150 }, (_, i) => event(i + 1)) }))
  store.apply(frame({ seq: 260, events: Array.from({ length: 120 }, (_, i) => event(i + 141)) }))
  const seqs = store.shown.events.map((e) => e.seq)
  expect(seqs).toHaveLength(EVENTS_KEPT)
  expect(seqs[0]).toBe(260)
  expect(seqs.at(-1)).toBe(61)
  store.fill([event(40), event(259)])
  expect(store.shown.events).toHaveLength(EVENTS_KEPT)
  expect(new Set(store.shown.events.map((e) => e.seq)).size).toBe(EVENTS_KEPT)
})

test('a pause holds the picture still and counts what waits; going on shows all of it at once', () => {
  const { store, time } = setup()
  const told = vi.fn()
  store.subscribe('services', told)
  store.pause()
  store.apply(frame({ seq: 4, services: [service('orders', 7)] }))
  time.ms = 2_000
  store.apply(frame({ seq: 6, now: 3_000 }))
  store.refresh()
  expect(store.shown.services.get('orders')?.total).toBe(1)
  expect(store.connection).toEqual({ status: 'paused', paused: true, sinceMs: 2_000, seq: 1, now: 3_000, waiting: 5 })
  expect(told).not.toHaveBeenCalled()
  store.resume()
  expect(store.shown.services.get('orders')?.total).toBe(7)
  expect(store.connection).toMatchObject({ status: 'live', waiting: 0, seq: 6, sinceMs: 0 })
  expect(told).toHaveBeenCalledTimes(1)
})

test('a silent stream is late, then offline, and says how old the picture is', () => {
  const { store, time } = setup()
  const until = (ms: number) => {
    while (time.ms < ms) {
      time.ms = Math.min(time.ms + 1_000, ms)
      store.refresh()
    }
  }
  until(LATE_AFTER_MS - 1)
  expect(store.connection.status).toBe('live')
  until(LATE_AFTER_MS)
  expect(store.connection.status).toBe('reconnecting')
  until(OFFLINE_AFTER_MS)
  expect(store.connection).toMatchObject({
    status: 'offline',
    sinceMs: OFFLINE_AFTER_MS,
    now: 1_000 + OFFLINE_AFTER_MS,
  })
  store.apply(frame({ seq: 2, now: 99_000 }))
  expect(store.connection).toMatchObject({ status: 'live', sinceMs: 0, now: 99_000 })
})

test('a broken stream is shown as broken while paused, too', () => {
  const { store, time } = setup()
  store.pause()
  for (; time.ms < OFFLINE_AFTER_MS; store.refresh()) time.ms += 1_000
  expect(store.connection).toMatchObject({ status: 'offline', paused: true })
})

test('a tab that slept is reconnecting, not cut off, until it has listened long enough', () => {
  const { store, time } = setup()
  time.ms = 3_600_000
  store.refresh()
  expect(store.connection).toMatchObject({ status: 'reconnecting', sinceMs: 3_600_000 })
  const woke = time.ms
  for (; time.ms < woke + OFFLINE_AFTER_MS; store.refresh()) time.ms += 1_000
  expect(store.connection.status).toBe('offline')
})

test('a full frame that is ahead of us says that entries were missed; one that is behind forgets ours', () => {
  const { store } = setup()
  expect(store.apply(frame({ full: true, seq: 1 }))).toBe(false)
  expect(store.apply(frame({ seq: 3, events: [event(2), event(3)] }))).toBe(false)
  expect(store.apply(frame({ full: true, seq: 9 }))).toBe(true)
  store.fill([event(9), event(8)])
  expect(store.shown.events.map((e) => e.seq)).toEqual([9, 8, 3, 2])
  expect(store.apply(frame({ full: true, seq: 2 }))).toBe(true)
  store.fill([event(2), event(1)])
  expect(store.shown.events.map((e) => e.seq)).toEqual([2, 1])
})

test('nobody is told after leaving', () => {
  const { store } = setup()
  const told = vi.fn()
  store.subscribe('services', told)()
  store.apply(frame({ services: [service('orders', 3)] }))
  expect(told).not.toHaveBeenCalled()
})

test('whatever the frames, patches end where a full frame would', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.record({ set: fc.array(fc.tuple(names, fc.nat(3))), remove: fc.array(names), pause: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const store = new LiveStore({ services: [], edges: [], events: [], seq: 0, now: 0 }, () => 0)
      const model = new Map<string, number>()
      steps.forEach(({ set, remove, pause }, i) => {
        if (pause) store.pause()
        else store.resume()
        for (const name of remove) model.delete(name)
        const changed = new Map(set)
        for (const [name, total] of changed) model.set(name, total)
        store.apply(frame({ seq: i, services: [...changed].map(([n, t]) => service(n, t)), removedServices: remove }))
      })
      store.resume()
      expect(new Map(store.serviceList.map((s) => [s.name, s.total]))).toEqual(new Map([...model].sort()))
    }),
  )
})
