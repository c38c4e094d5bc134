import { expect, test } from 'vitest'
import { BUILT_IN_MIDDLEWARE, findMiddleware, type MiddlewareSpec } from '@/core/gateway/catalog'
import { draftOf, moved, newRoute, specOf, withStep } from './draft'

let next = 0
const keyOf = () => String(next++)
const spec = (name: string) => findMiddleware(name) as MiddlewareSpec
const uses = (steps: { use: string }[]) => steps.map(({ use }) => use)

test('a draft gives back the route that it was made of', () => {
  const route = { ...newRoute('orders'), id: 'orders-api' }
  expect(specOf(draftOf(route, keyOf))).toEqual(route)
})

test('a step is put where chains usually have it, wherever the others stand', () => {
  const steps = draftOf(newRoute(), keyOf).middleware
  expect(uses(withStep(steps, spec('rate-limit'), 'k'))).toEqual([
    'request-id',
    'access-log',
    'rate-limit',
    'timeout',
    'retry',
    'breaker',
  ])
  expect(uses(withStep([], spec('breaker'), 'k'))).toEqual(['breaker'])
  const custom = { name: 'tenant', title: 'Tenant', help: '', fields: [], from: 'edge' }
  expect(uses(withStep(steps, custom, 'k')).indexOf('tenant')).toBe(3)
  expect(BUILT_IN_MIDDLEWARE.length).toBeGreaterThan(10)
})

test('a step moves and the others keep their order', () => {
  expect(moved(['a', 'b', 'c', 'd'], 3, 1)).toEqual(['a', 'd', 'b', 'c'])
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
})
