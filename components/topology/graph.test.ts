import { describe, expect, it } from 'vitest'
import { autoGroup, groupOf, prefixOf, shapeOf } from './graph.ts'

const service = (name: string, ...zones: string[]) => ({ name, zones })
const edge = (caller: string, callee: string, protocol = 'http') => ({
  id: `${caller}>${callee}/${protocol}`,
  caller,
  callee,
})
const none = new Set<string>()

describe('the shape of the map', () => {
  it('is the same whatever order things arrive in', () => {
    const services = [service('b'), service('a'), service('c')]
    const edges = [edge('b', 'c'), edge('a', 'b')]
    expect(shapeOf([...services].reverse(), [...edges].reverse(), 'none', none).key).toBe(
      shapeOf(services, edges, 'none', none).key,
    )
  })
  it('shows callers that are not registered as strangers', () => {
    const shape = shapeOf([service('orders')], [edge('load', 'orders')], 'none', none)
    expect(shape.nodes.map((n) => [n.kind, n.name])).toEqual([
      ['stranger', 'load'],
      ['service', 'orders'],
    ])
  })
  it('gives lines of the same pair a lane each, in both directions', () => {
    const shape = shapeOf(
      [service('a'), service('b')],
      [edge('a', 'b'), edge('a', 'b', 'grpc'), edge('b', 'a')],
      'none',
      none,
    )
    expect(shape.lines.map((l) => l.lane)).toEqual([-1, 0, 1])
  })
  it('bundles the lines of closed groups and leaves out what stays within', () => {
    const services = [service('pay-1'), service('pay-2'), service('web')]
    const edges = [edge('web', 'pay-1'), edge('web', 'pay-2'), edge('pay-1', 'pay-2')]
    const shape = shapeOf(services, edges, 'prefix', none)
    expect(shape.nodes.map((n) => n.id)).toEqual(['group/pay', 'service/web'])
    expect(shape.lines.map((l) => [l.id, l.edges.length])).toEqual([['service/web → group/pay', 2]])
    expect(shape.nodeOf.get('pay-2')).toBe('group/pay')
  })
  it('draws an open group as a frame around its services', () => {
    const shape = shapeOf([service('pay-1'), service('pay-2'), service('web')], [], 'prefix', new Set(['pay']))
    expect(shape.frames).toEqual([{ id: 'group/pay', name: 'pay', members: ['service/pay-1', 'service/pay-2'] }])
    expect(shape.nodes).toHaveLength(3)
  })
  it('keeps a group of one as the service it is', () => {
    expect(shapeOf([service('web-1'), service('api')], [], 'prefix', none).nodes.map((n) => n.kind)).toEqual([
      'service',
      'service',
    ])
  })
})

describe('groups', () => {
  it('come from the first part of a name, or from the zones', () => {
    expect(['payments-eu', 'payments.eu', 'payments', '-x'].map(prefixOf)).toEqual([
      'payments',
      'payments',
      'payments',
      '-x',
    ])
    expect(groupOf(service('a', 'z2', 'z1'), 'zone')).toBe('z1 + z2')
    expect(groupOf(service('a'), 'zone')).toBeNull()
  })
  it('come by themselves only when there are many services', () => {
    const many = Array.from({ length: 500 }, (_, i) => service(`team${i % 20}-${i}`, 'a'))
    expect(autoGroup(many)).toBe('prefix')
    expect(autoGroup(many.slice(0, 100))).toBe('none')
    expect(autoGroup(many.map((_, i) => service(`s${i}`, `zone-${i % 3}`)))).toBe('zone')
    expect(autoGroup(many.map((_, i) => service(`s${i}`)))).toBe('none')
  })
})
