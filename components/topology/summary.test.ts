import { describe, expect, it } from 'vitest'
import type { HealthState } from '../../core/instance.ts'
import type { EdgeView, ServiceView } from '../../core/topology.ts'
import { headline, noCounts, summarise, trafficOf, worstEdges, worstOf } from './summary.ts'

const service = (name: string, health: HealthState, more: Partial<ServiceView> = {}): ServiceView => ({
  name,
  health,
  reason: '',
  counts: { ...noCounts(), [health]: 2 },
  total: 2,
  routable: 2,
  flapping: 0,
  zones: [],
  versions: [],
  tags: [],
  maintenance: null,
  hold: null,
  changedAt: null,
  ...more,
})

const edge = (id: string, more: Partial<EdgeView> = {}): EdgeView => ({
  id,
  caller: 'a',
  callee: 'b',
  protocol: 'http',
  count: 100,
  errors: 0,
  ratePerSec: 10,
  errorShare: 0,
  p50Ms: 5,
  p99Ms: 20,
  windowMs: 10_000,
  ageMs: 500,
  quality: 'measured',
  ...more,
})

describe('the fleet in one line', () => {
  it('names what needs attention, worst first', () => {
    const s = summarise([service('web', 'warning'), service('pay', 'unhealthy'), service('api', 'healthy')], [])
    expect(s.worst).toBe('unhealthy')
    expect(headline(s)).toBe('pay and web need attention')
    expect(s.byState.unhealthy).toBe(2)
    expect(s.instances).toBe(6)
  })
  it('counts many instead of naming them', () => {
    const many = Array.from({ length: 9 }, (_, i) => service(`s${i}`, 'unhealthy'))
    expect(headline(summarise(many, []))).toBe('9 of 9 services need attention')
  })
  it('does not call for attention where an operator wants it so', () => {
    const s = summarise([service('web', 'maintenance'), service('api', 'draining')], [])
    expect(s.troubled).toEqual([])
    expect(headline(s)).toBe('1 in maintenance, 1 draining')
    expect(headline(summarise([service('api', 'healthy'), service('web', 'healthy')], []))).toBe(
      'All 2 services are healthy',
    )
  })
  it('counts a held expiry and flapping as trouble', () => {
    const hold = { since: 0, instanceIds: ['x'], total: 2 }
    expect(summarise([service('web', 'healthy', { hold })], []).troubled).toHaveLength(1)
    expect(summarise([service('web', 'healthy', { flapping: 1 })], []).flapping).toBe(1)
  })
  it('says when there is nothing', () => expect(headline(summarise([], []))).toBe('No services yet'))
})

describe('traffic', () => {
  it('adds up calls and errors, and bounds latency by the greatest', () => {
    const t = trafficOf([edge('1', { errors: 10 }), edge('2', { count: 300, ratePerSec: 30, p99Ms: 90 })])
    expect(t).toMatchObject({ ratePerSec: 40, errorShare: 10 / 400, p99Ms: 90, quality: 'measured' })
  })
  it('is none, not zero, without calls', () => {
    const quiet = edge('1', { count: 0, ratePerSec: 0, errorShare: null, p50Ms: null, p99Ms: null, quality: 'none' })
    expect(trafficOf([quiet])).toMatchObject({ errorShare: null, p50Ms: null, quality: 'none' })
    expect(trafficOf([])).toMatchObject({ errorShare: null, ageMs: null, quality: 'none' })
  })
  it('is partial as soon as one part is', () => {
    expect(trafficOf([edge('1'), edge('2', { quality: 'partial' })]).quality).toBe('partial')
  })
})

describe('the worst', () => {
  it('edges are those that fail, else the slowest', () => {
    const slow = edge('slow', { p99Ms: 900 })
    const failing = edge('failing', { errors: 3, errorShare: 0.03 })
    expect(worstEdges([slow, failing]).map((e) => e.id)).toEqual(['failing'])
    expect(worstEdges([edge('quick'), slow]).map((e) => e.id)).toEqual(['slow', 'quick'])
  })
  it('state of none is healthy', () => {
    expect(worstOf([])).toBe('healthy')
    expect(worstOf(['healthy', 'maintenance', 'warning'])).toBe('warning')
  })
})
