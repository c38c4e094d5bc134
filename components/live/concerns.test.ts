import { expect, test } from 'vitest'
import { collect, isConcerned, noConcerns } from './concerns'
import type { LiveEvent } from './store'

const event = (given: Partial<LiveEvent>): LiveEvent => ({
  seq: 1,
  at: 1,
  kind: 'instance.down',
  key: 'instance/orders-1',
  service: 'orders',
  actor: 'system',
  summary: '',
  operationId: null,
  ...given,
})

test('nothing happened, nothing is old', () => {
  expect(isConcerned(collect(noConcerns(), []))).toBe(false)
})

test('a change of an instance makes its service, the lists and the journal old, not the audit trail', () => {
  expect(collect(noConcerns(), [event({})])).toEqual({
    services: new Set(['orders']),
    registry: true,
    journal: true,
    audit: false,
    admin: false,
    gateway: false,
  })
})

test('what a person did makes the audit trail old', () => {
  expect(collect(noConcerns(), [event({ actor: 'user:ada@example.org' })]).audit).toBe(true)
})

test('changes to people and tokens make the settings old, and leave the registry alone', () => {
  const concerns = collect(noConcerns(), [
    event({ kind: 'user.invited', key: 'user/7', service: null, actor: 'user:ada@example.org' }),
  ])
  expect(concerns).toMatchObject({ admin: true, registry: false, journal: true })
})

test('a route or a fault makes what is shown of the gateway old', () => {
  expect(collect(noConcerns(), [event({ key: 'fault/fault_1', service: null })]).gateway).toBe(true)
  expect(collect(noConcerns(), [event({ key: 'route/orders' })])).toMatchObject({ gateway: true, registry: false })
})
