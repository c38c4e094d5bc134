import { expect, test } from 'vitest'
import { actorWords, hrefOf, stateOf, targetWords } from './names'

test('who, in words', () => {
  expect(actorWords('system')).toBe('Holdfast')
  expect(actorWords('user:ada@example.org')).toBe('ada@example.org')
  expect(actorWords('token:ci')).toBe('token ci')
  expect(actorWords('admin-token')).toBe('admin-token')
})

test('where a key is shown', () => {
  expect(hrefOf('service/orders', 'orders')).toBe('/services/orders')
  expect(hrefOf('instance/a:1', 'orders')).toBe('/services/orders?instance=a%3A1')
  expect(hrefOf('instance/a:1', null)).toBeNull()
  expect(hrefOf('user/1', null)).toBe('/settings/users')
})

test('the mark of an entry', () => {
  const health = (summary: string) => stateOf({ kind: 'instance.health', summary })
  expect(health('orders-1 is unhealthy: silent for 15 s')).toBe('unhealthy')
  expect(health('orders-1 is healthy: heartbeats on time')).toBe('healthy')
  expect(health('something else')).toBeNull()
  expect(stateOf({ kind: 'service.maintenance.started', summary: '' })).toBe('operator')
  expect(stateOf({ kind: 'instance.registered', summary: 'orders-1 is healthy' })).toBeNull()
})

test('the target of an act', () => {
  const act = { action: 'user.removed', actor: 'user:ada', target: 'user/7' }
  expect(targetWords({ ...act, before: { email: 'bob@example.org' }, after: null })).toBe('user bob@example.org')
  expect(targetWords({ ...act, target: 'service/orders' })).toBe('service/orders')
  expect(targetWords({ ...act, action: 'session.signed-in' })).toBe('ada')
})
