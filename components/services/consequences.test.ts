import { expect, test } from 'vitest'
import type { Instance } from '@/core/instance'
import { holdReleased, instanceDeregisters, instanceDrains, named, serviceMaintenanceStarts } from './consequences'
import { NO_TRAFFIC } from './traffic'

const busy = { ...NO_TRAFFIC, count: 420, ratePerSec: 42, callers: ['orders', 'storefront'] }
const instance = (id: string, given: Partial<Instance> = {}) =>
  ({ id, service: 'payments', health: 'healthy', heartbeat: 'live', checkState: 'passing', ...given }) as Instance

test('maintenance of a service says how many leave and who calls them', () => {
  const [leave, traffic] = serviceMaintenanceStarts(3, 3, busy)
  expect(leave).toMatch(/^3 instances leave discovery\./)
  expect(traffic).toBe('42/s from orders, storefront are affected.')
  expect(serviceMaintenanceStarts(0, 2, NO_TRAFFIC)[0]).toMatch(/^None of its instances takes traffic/)
  expect(serviceMaintenanceStarts(0, 0, NO_TRAFFIC)).toHaveLength(1)
})

test('one of several leaves: the others take over; the last one leaves: callers are named', () => {
  const [a, b] = [instance('a'), instance('b')]
  expect(instanceDrains(a, [a, b], busy)[0]).toBe('New calls go to the other one that takes traffic.')
  const alone = instanceDrains(a, [a, instance('b', { health: 'unhealthy' })], busy)
  expect(alone[0]).toMatch(/^It is the last of payments/)
  expect(alone[1]).toMatch(/orders, storefront/)
})

test('what takes no traffic is missed by nobody, but deregistering still cannot be undone', () => {
  const down = instance('a', { health: 'unhealthy' })
  const lines = instanceDeregisters(down, [down, instance('b')], busy)
  expect(lines[0]).toMatch(/no caller notices/)
  expect(lines.at(-1)).toMatch(/cannot be undone/)
})

test('a hold says why it was held and what releasing does', () => {
  expect(holdReleased(4, 5)[0]).toMatch(/^4 of 5 stopped beating/)
})

test('long lists of callers are cut', () => {
  expect(named(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
  expect(named([])).toBe('nobody')
})
