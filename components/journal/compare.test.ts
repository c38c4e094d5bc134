import { expect, test } from 'vitest'
import type { Instance, Service } from '@/core/instance'
import { compare } from './compare'

const service = (name: string, more: Partial<Service> = {}): Service => ({
  name,
  maintenance: null,
  hold: null,
  createdAt: 0,
  revision: 1,
  ...more,
})

const instance = (id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  service: id.split('-', 1)[0] as string,
  address: '127.0.0.1:1',
  zone: null,
  version: '1.0.0',
  tags: [],
  weight: 100,
  metadata: {},
  ttlMs: 15_000,
  check: null,
  deregisterAfterMs: 0,
  generation: 1,
  incarnation: 'a',
  owner: 'token:ci',
  registeredAt: 0,
  lastHeartbeatAt: null,
  heartbeat: 'live',
  reported: { status: 'ok', note: '' },
  checkState: null,
  checkOutput: '',
  maintenance: null,
  serviceMaintenance: null,
  drain: null,
  health: 'healthy',
  reason: '',
  healthSince: 0,
  flapping: false,
  revision: 1,
  ...more,
})

test('what came, what went and what is as it was', () => {
  const then = { services: [service('a'), service('b')], instances: [instance('a-1'), instance('b-1')] }
  const now = {
    services: [service('a'), service('c')],
    instances: [instance('a-1', { lastHeartbeatAt: 9 }), instance('c-1')],
  }
  expect(compare(then, now).map(({ name, changes, different }) => [name, changes, different])).toEqual([
    ['a', [], false],
    ['b', ['gone now'], true],
    ['c', ['not registered then'], true],
  ])
})

test('an instance is told apart by what matters', () => {
  const intent = { reason: 'upgrade', by: 'user:ada', since: 1, until: null }
  const then = { services: [service('a')], instances: [instance('a-1')] }
  const now = {
    services: [service('a', { maintenance: intent })],
    instances: [instance('a-1', { health: 'unhealthy', version: '1.1.0', drain: intent, generation: 4, revision: 9 })],
  }
  const [a] = compare(then, now)
  expect(a?.changes).toEqual(['in maintenance now, not then'])
  expect(a?.instances[0]?.changes).toEqual([
    'healthy then, down now',
    'version 1.0.0 → 1.1.0',
    'drained now, not then',
    'registered again 3 times',
  ])
})

test('an instance that moved is gone from one service and new in the other', () => {
  const then = { services: [service('a'), service('b')], instances: [instance('x', { service: 'a' })] }
  const now = { services: [service('a'), service('b')], instances: [instance('x', { service: 'b' })] }
  expect(compare(then, now).map(({ name, instances }) => [name, instances[0]?.changes])).toEqual([
    ['a', ['gone now']],
    ['b', ['not registered then']],
  ])
})
