import { expect, test } from 'vitest'
import type { Instance } from '@/core/instance'
import type { ServiceView } from '@/core/topology'
import { instancesNamed, instancesOf, servicesNamed } from './palette-search'

const service = (name: string, health: ServiceView['health'] = 'healthy', total = 2) =>
  ({ name, health, total }) as ServiceView
const instance = (id: string, address = '127.0.0.1:4101') => ({ id, address }) as Instance

const fleet = [
  service('orders'),
  service('payments', 'unhealthy'),
  service('payouts'),
  service('huge', 'healthy', 9_000),
]

test('what needs somebody comes first, and without words there are only a few', () => {
  expect(servicesNamed(fleet, '').map((s) => s.name)).toEqual(['payments', 'orders', 'payouts', 'huge'])
  const many = Array.from({ length: 500 }, (_, i) => service(`s${i}`))
  expect(servicesNamed(many, '')).toHaveLength(6)
  expect(servicesNamed(many, 's')).toHaveLength(30)
})

test('letters in their order find a service, words in any order', () => {
  expect(servicesNamed(fleet, 'pymt').map((s) => s.name)).toEqual(['payments'])
  expect(servicesNamed(fleet, 'zz')).toEqual([])
})

test('a beginning and a whole instance id both lead to the service; a huge one is not fetched', () => {
  expect(instancesOf(fleet, 'pay')).toEqual(['payments', 'payouts'])
  expect(instancesOf(fleet, 'payments-2')).toEqual(['payments'])
  expect(instancesOf(fleet, 'p')).toEqual([])
  expect(instancesOf(fleet, 'huge')).toEqual([])
})

test('instances are found by id and address, in the order people count', () => {
  const found = instancesNamed(
    [instance('payments-10'), instance('payments-2'), instance('x', '10.0.0.1:80')],
    'payments',
  )
  expect(found.map((i) => i.id)).toEqual(['payments-2', 'payments-10'])
  expect(instancesNamed([instance('x', '10.0.0.1:80')], '10.0')).toHaveLength(1)
})
