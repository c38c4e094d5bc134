import { describe, expect, it } from 'vitest'
import type { RouteView } from '@/core/gateway/view'
import { newRoute } from './draft'
import { matches, ordered, placeAmong, places } from './order'
import { faultDoes, formatBytes, placeWord, routeState, takesWord, targetsWord } from './words'

const view = (id: string, route = {}, observed = {}): RouteView => ({
  route: { ...newRoute('orders'), id, revision: 1, updatedAt: 0, updatedBy: 'user:ada', reason: 'x', ...route },
  observed: {
    windowMs: 10_000,
    requests: 0,
    ratePerSec: 0,
    errors: 0,
    byClass: [0, 0, 0, 0, 0],
    refusals: {},
    inFlight: 0,
    retries: 0,
    ageMs: 0,
    routable: 2,
    instances: 2,
    concerns: [],
    ...observed,
  },
})

describe('the state of a route', () => {
  it('is what is seen of it, and never well only because it is configured', () => {
    expect(routeState(view('a'), 1)).toEqual({ state: 'healthy', word: 'ready' })
    expect(routeState(view('a', {}, { requests: 9 }), 1).word).toBe('serving')
    expect(routeState(view('a'), 0)).toEqual({ state: 'unknown', word: 'no worker' })
    expect(routeState(view('a', {}, { ageMs: null }), 1).word).toBe('not seen yet')
    expect(routeState(view('a', {}, { routable: 0 }), 1).word).toBe('nobody routable')
    expect(routeState(view('a', {}, { requests: 10, errors: 10, concerns: ['x'] }), 1).state).toBe('unhealthy')
    expect(routeState(view('a', {}, { requests: 100, errors: 5 }), 1).word).toBe('some fail')
    expect(routeState(view('a', { enabled: false }, { routable: 0 }), 1)).toEqual({
      state: 'operator',
      word: 'disabled',
    })
  })
})

describe('the list', () => {
  const all = [
    view('any', { match: { hosts: [], path: { kind: 'prefix', value: '/' }, methods: [], headers: [] } }),
    view('exact', { match: { hosts: [], path: { kind: 'exact', value: '/a' }, methods: [], headers: [] } }),
    view('off', { enabled: false, priority: 9 }),
    view('first', { priority: 5 }),
  ]
  it('is in the order in which routes are looked at', () => {
    expect(ordered(all)).toEqual(['first', 'exact', 'any', 'off'])
    expect([...places(all)]).toEqual([
      ['first', 1],
      ['exact', 2],
      ['any', 3],
    ])
    const routes = all.map(({ route }) => route)
    expect(placeAmong({ ...newRoute('orders'), id: 'new' }, routes)).toEqual({ at: 3, of: 4, after: 'exact' })
  })
  it('is found by what it takes, where it goes and what it passes', () => {
    const found = (q: string) => all.filter((v) => matches(v, 1, { q, show: 'all' })).map(({ route }) => route.id)
    expect(found('ORDERS')).toHaveLength(4)
    expect(found('/a')).toEqual(['exact'])
    expect(found('breaker')).toHaveLength(4)
    expect(all.filter((v) => matches(v, 1, { q: '', show: 'disabled' }))).toHaveLength(1)
    expect(all.filter((v) => matches(v, 1, { q: '', show: 'concerns' }))).toHaveLength(0)
  })
})

describe('in words', () => {
  it('what a route takes and where it goes', () => {
    const match = {
      hosts: ['a.example.org', '*.b.org'],
      path: { kind: 'prefix' as const, value: '/orders/' },
      methods: ['GET', 'POST'],
      headers: [{ name: 'x-beta', value: null }],
    }
    expect(placeWord(match)).toBe('a.example.org +1/orders/*')
    expect(takesWord(match)).toBe('GET and POST to a.example.org or *.b.org, /orders and below, with x-beta')
    const target = (service: string | null, weight: number, addresses: string[] = []) => ({
      service,
      weight,
      addresses,
    })
    expect(targetsWord([target('orders', 9), target('orders-v2', 1)])).toBe('orders 90%, orders-v2 10%')
    expect(targetsWord([target(null, 1, ['10.0.0.1:80', '10.0.0.2:80'])])).toBe('10.0.0.1:80 +1')
  })
  it('what a fault does', () => {
    expect(faultDoes({ delayMs: 300, abortStatus: 503, share: 0.5 })).toBe(
      '300 ms later, then answered 503 in the service’s place, 50% of them',
    )
    expect(faultDoes({ delayMs: 300, abortStatus: null, share: 1 })).toBe('300 ms later, all of them')
  })
  it('bytes', () => {
    expect([0, 1_023, 1_024, 16_777_216, 1_099_511_627_776].map(formatBytes)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '16 MiB',
      '1 TiB',
    ])
  })
})
