import { describe, expect, it } from 'vitest'
import type { EdgeView, ServiceView } from '../../core/topology.ts'
import { shapeOf } from './graph.ts'
import { noCounts } from './summary.ts'
import { litNodes, viewsOf } from './views.ts'

const service = (name: string, more: Partial<ServiceView> = {}): ServiceView => ({
  name,
  health: 'healthy',
  reason: 'fine',
  counts: { ...noCounts(), healthy: 2 },
  total: 2,
  routable: 2,
  flapping: 0,
  zones: ['a'],
  versions: ['1.0'],
  tags: [],
  maintenance: null,
  hold: null,
  changedAt: null,
  ...more,
})
const edge = (caller: string, callee: string, more: Partial<EdgeView> = {}): EdgeView => ({
  id: `${caller}>${callee}`,
  caller,
  callee,
  protocol: 'http',
  count: 100,
  errors: 1,
  ratePerSec: 10,
  errorShare: 0.01,
  p50Ms: 5,
  p99Ms: 20,
  windowMs: 10_000,
  ageMs: 0,
  quality: 'measured',
  ...more,
})

const services = [service('pay-1'), service('pay-2'), service('web')]
const edges = [edge('web', 'pay-1'), edge('web', 'pay-2'), edge('load', 'web')]
const shape = shapeOf(services, edges, 'none', new Set())

describe('views', () => {
  it('keep their identity while nothing about them changes', () => {
    const first = viewsOf(shape, services, edges)
    const second = viewsOf(
      shape,
      [service('pay-1', { health: 'unhealthy' }), service('pay-2'), service('web')],
      edges,
      first,
    )
    const changed = shape.nodes.filter((n) => first.nodes.get(n.id) !== second.nodes.get(n.id))
    expect(changed.map((n) => n.name)).toEqual(['pay-1'])
    for (const line of shape.lines) expect(second.lines.get(line.id)).toBe(first.lines.get(line.id))
  })
  it('of an edge change that edge and its two ends', () => {
    const first = viewsOf(shape, services, edges)
    const second = viewsOf(
      shape,
      services,
      [edge('web', 'pay-1', { count: 200, ratePerSec: 20 }), ...edges.slice(1)],
      first,
    )
    expect(shape.nodes.filter((n) => first.nodes.get(n.id) !== second.nodes.get(n.id)).map((n) => n.name)).toEqual([
      'pay-1',
      'web',
    ])
    expect(shape.lines.filter((l) => first.lines.get(l.id) !== second.lines.get(l.id)).map((l) => l.id)).toEqual([
      'web>pay-1',
    ])
  })
  it('of a group add its services up and show the worst', () => {
    const sick = [
      service('pay-1', { health: 'unhealthy', counts: { ...noCounts(), unhealthy: 2 } }),
      service('pay-2'),
      service('web'),
    ]
    const view = viewsOf(shapeOf(sick, edges, 'prefix', new Set()), sick, edges).nodes.get('group/pay')
    expect(view).toMatchObject({ health: 'unhealthy', services: 2, troubled: 1, total: 4, inbound: { ratePerSec: 20 } })
  })
  it('of strangers say that they are not registered', () => {
    expect(viewsOf(shape, services, edges).nodes.get('service/load')).toMatchObject({
      kind: 'stranger',
      health: 'unknown',
    })
  })
})

describe('search', () => {
  it('lights what matches by name, tag, zone or version', () => {
    const lit = (q: string) => [
      ...(litNodes(shape, [service('pay-1', { tags: ['gold'] }), service('web', { zones: ['eu'] })], q, []) ?? []),
    ]
    expect(lit('PAY')).toEqual(['service/pay-1', 'service/pay-2'])
    expect(lit('gold')).toEqual(['service/pay-1'])
    expect(lit('eu')).toEqual(['service/web'])
    expect(lit('load')).toEqual(['service/load'])
    expect(lit('nothing')).toEqual([])
  })
  it('lights all when nothing is asked', () => expect(litNodes(shape, services, ' ', [])).toBeNull())
  it('finds a service by the state of one of its instances', () => {
    const mixed = [service('web', { counts: { ...noCounts(), healthy: 1, unhealthy: 1 } }), service('pay-1')]
    expect([...(litNodes(shape, mixed, '', ['unhealthy']) ?? [])]).toEqual(['service/web'])
  })
})
