import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRoutable } from './health.ts'
import { HEALTH_STATES, type HealthState, type Instance } from './instance.ts'
import { summarise } from './summary.ts'

const instance = (health: HealthState): Instance =>
  ({
    health,
    heartbeat: 'live',
    checkState: null,
    zone: null,
    version: null,
    tags: [],
    healthSince: 1,
  }) as unknown as Instance

const of = (...states: HealthState[]) => summarise('orders', undefined, states.map(instance))

test.each<[HealthState[], HealthState, RegExp]>([
  [[], 'unknown', /no instances/],
  [['healthy', 'healthy'], 'healthy', /all instances/],
  [['healthy', 'draining'], 'healthy', /1 of 2 take traffic/],
  [['healthy', 'unhealthy'], 'warning', /1 of 2 down/],
  [['healthy', 'warning'], 'warning', /1 of 2 with warnings/],
  [['unhealthy', 'unhealthy'], 'unhealthy', /no instance can take traffic/],
  [['unhealthy', 'maintenance'], 'unhealthy', /no instance can take traffic/],
  [['maintenance', 'maintenance'], 'maintenance', /all in maintenance/],
  [['maintenance', 'draining'], 'draining', /all draining/],
])('%j is %s', (states, health, reason) => {
  expect(of(...states)).toMatchObject({ health, reason: expect.stringMatching(reason) })
})

test('counts add up, and healthy is only said when something takes traffic', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...HEALTH_STATES), { maxLength: 20 }), (states) => {
      const view = of(...states)
      expect(Object.values(view.counts).reduce((sum, n) => sum + n, 0)).toBe(view.total)
      expect(view.routable).toBe(states.map(instance).filter(isRoutable).length)
      if (view.health === 'healthy') expect(view.routable).toBeGreaterThan(0)
    }),
  )
})
