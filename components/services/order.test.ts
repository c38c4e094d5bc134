import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noCounts } from '@/core/summary'
import type { EdgeView, ServiceView } from '@/core/topology'
import { isStranded, matches, nextOrder, nextSort, ordered, SORTS } from './order'
import { addUp, edgesOf, trafficInto } from './traffic'

const view = (name: string, given: Partial<ServiceView> = {}): ServiceView => ({
  name,
  health: 'healthy',
  reason: '',
  counts: { ...noCounts(), healthy: 1 },
  total: 1,
  routable: 1,
  flapping: 0,
  zones: [],
  versions: [],
  tags: [],
  maintenance: null,
  hold: null,
  changedAt: 1,
  ...given,
})

const edge = (caller: string, callee: string, given: Partial<EdgeView> = {}): EdgeView => ({
  id: `${caller}>${callee}`,
  caller,
  callee,
  protocol: 'http',
  count: 100,
  errors: 0,
  ratePerSec: 10,
  errorShare: 0,
  p50Ms: 1,
  p99Ms: 5,
  windowMs: 10_000,
  ageMs: 500,
  quality: 'measured',
  ...given,
})

const any = { q: '', health: null, zone: null, tag: null }

test('a service is found by name and tag, and by the state of any of its instances', () => {
  const orders = view('orders', { tags: ['core'], zones: ['a'], counts: { ...noCounts(), healthy: 2, unhealthy: 1 } })
  expect(matches(orders, any)).toBe(true)
  expect(matches(orders, { ...any, q: ' ORD ' })).toBe(true)
  expect(matches(orders, { ...any, q: 'core' })).toBe(true)
  expect(matches(orders, { ...any, q: 'pay' })).toBe(false)
  expect(matches(orders, { ...any, health: 'unhealthy' })).toBe(true)
  expect(matches(orders, { ...any, health: 'maintenance' })).toBe(false)
  expect(matches(orders, { ...any, zone: 'b' })).toBe(false)
  expect(matches(orders, { ...any, tag: 'core' })).toBe(true)
})

test('without a routable instance comes first, unless somebody took it out on purpose', () => {
  const views = [
    view('a'),
    view('b', { health: 'warning' }),
    view('c', { health: 'unknown', routable: 0 }),
    view('d', { health: 'maintenance', routable: 0 }),
    view('e', { health: 'unknown', routable: 0, total: 0 }),
    view('f', { health: 'unhealthy', routable: 0 }),
  ]
  expect(views.map(isStranded)).toEqual([false, false, true, false, false, true])
  expect(ordered(views, new Map(), 'state')).toEqual(['f', 'c', 'b', 'e', 'd', 'a'])
})

test('what has no value comes last in both directions', () => {
  const traffic = trafficInto([edge('x', 'a', { p99Ms: 9 }), edge('x', 'b', { p99Ms: 3 })])
  const views = [view('a'), view('b'), view('c')]
  expect(ordered(views, traffic, '-p99')).toEqual(['a', 'b', 'c'])
  expect(ordered(views, traffic, 'p99')).toEqual(['b', 'a', 'c'])
})

test('every order is a permutation, the same however the services come in', () => {
  const views = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 12 })
  fc.assert(
    fc.property(views, fc.constantFrom(...SORTS), fc.infiniteStream(fc.nat(3)), (names, sort, numbers) => {
      const made = names.map((name) => view(name, { total: numbers.next().value as number }))
      const one = ordered(made, new Map(), sort)
      expect(one).toEqual(ordered([...made].reverse(), new Map(), sort))
      expect([...one].sort()).toEqual([...names].sort())
    }),
  )
})

test('a heading sorts in its useful direction first and then turns around', () => {
  expect(nextSort('state', 'rate')).toBe('-rate')
  expect(nextSort('-rate', 'rate')).toBe('rate')
  expect(nextSort('rate', 'rate')).toBe('-rate')
  expect(nextSort('state', 'state')).toBe('-state')
  expect(nextSort('-rate', 'name')).toBe('name')
})

test('under the pointer nothing moves; another filter applies at once', () => {
  const shown = { key: 'k', names: ['a', 'b'] }
  expect(nextOrder(shown, 'k', ['b', 'a', 'c'], true)).toBe(shown)
  expect(nextOrder(shown, 'k', ['a', 'b'], false)).toBe(shown)
  expect(nextOrder(shown, 'k', ['b', 'a'], false).names).toEqual(['b', 'a'])
  expect(nextOrder(shown, 'other', ['b', 'a'], true).names).toEqual(['b', 'a'])
})

test('traffic of several callers: rates add up, errors are weighed, p99 is of the slowest', () => {
  const sum = addUp([
    edge('x', 'a', { count: 300, errors: 3, ratePerSec: 30, p99Ms: 4, ageMs: 900 }),
    edge('y', 'a', { count: 100, errors: 5, ratePerSec: 10, p99Ms: 80, quality: 'partial' }),
    edge('z', 'a', { count: 0, errors: 0, ratePerSec: 0, errorShare: null, p99Ms: null, quality: 'none' }),
  ])
  expect(sum).toEqual({
    count: 400,
    ratePerSec: 40,
    errorShare: 0.02,
    p99Ms: 80,
    quality: 'partial',
    ageMs: 500,
    callers: ['x', 'y'],
  })
})

test('a service that nobody calls has no traffic, which is not the same as none measured of it', () => {
  expect(trafficInto([edge('a', 'b')]).has('a')).toBe(false)
  expect(addUp([edge('a', 'b', { count: 0, ratePerSec: 0 })])).toMatchObject({ quality: 'none', errorShare: null })
})

test('edges of a service, in and out; a call to itself is both', () => {
  const { incoming, outgoing } = edgesOf('b', [edge('c', 'b'), edge('a', 'b'), edge('b', 'd'), edge('b', 'b')])
  expect(incoming.map((e) => e.caller)).toEqual(['a', 'b', 'c'])
  expect(outgoing.map((e) => e.callee)).toEqual(['b', 'd'])
})
