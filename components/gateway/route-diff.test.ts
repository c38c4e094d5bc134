import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newRoute } from './draft'
import { rolledBack, routeDiff } from './route-diff'

const route = { ...newRoute('orders'), id: 'orders-api' }
const told = (changes: ReturnType<typeof routeDiff>) => changes.map(({ what, kind }) => `${kind} ${what}`)

test('what stays is not told', () => {
  expect(routeDiff(route, structuredClone(route))).toEqual([])
})

test('settings, targets and shares by name', () => {
  const after = {
    ...route,
    priority: 5,
    targets: [...route.targets, { service: 'orders-v2', addresses: [], weight: 1 }],
    middleware: route.middleware.map((step) =>
      step.use === 'timeout' ? { ...step, config: { ...step.config, ms: 800 } } : step,
    ),
  }
  expect(routeDiff(route, after)).toEqual([
    { what: 'priority', kind: 'changed', before: '0', after: '5' },
    { what: 'target orders', kind: 'changed', before: '100%', after: '50%' },
    { what: 'target orders-v2', kind: 'added', before: null, after: '50%' },
    { what: 'timeout · ms', kind: 'changed', before: '15000', after: '800' },
  ])
})

test('of a chain, only what has moved is told as moved', () => {
  const [first, ...rest] = route.middleware
  expect(told(routeDiff(route, { ...route, middleware: [...rest, first as (typeof rest)[0]] }))).toEqual([
    'moved request-id',
  ])
  const added = { use: 'compression', config: { bytesMin: 1 } }
  expect(told(routeDiff(route, { ...route, middleware: [added, ...route.middleware] }))).toEqual(['added compression'])
  expect(told(routeDiff(route, { ...route, middleware: rest }))).toEqual(['removed request-id'])
})

test('any two chains: what is added less what is removed is the difference of their lengths', () => {
  const chain = fc.array(
    fc.constantFrom('a', 'b', 'c', 'd').map((use) => ({ use, config: {} })),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(chain, chain, (before, after) => {
      const changes = routeDiff({ ...route, middleware: before }, { ...route, middleware: after })
      const count = (kind: string) => changes.filter((change) => change.kind === kind).length
      expect(count('added') - count('removed')).toBe(after.length - before.length)
      if (JSON.stringify(before) !== JSON.stringify(after)) expect(changes).not.toEqual([])
      else expect(changes).toEqual([])
    }),
  )
})

test('going back takes what each route was before the first later change', () => {
  const v1 = { ...route, priority: 1 }
  const v2 = { ...route, priority: 2 }
  const v3 = { ...route, priority: 3 }
  const other = { ...route, id: 'other' }
  const later = [
    { changes: [{ route: 'orders-api', before: v1 }] },
    { changes: [{ route: 'other', before: null }] },
    { changes: [{ route: 'orders-api', before: v2 }] },
  ]
  const present = new Map([
    ['orders-api', v3],
    ['other', other],
  ])
  expect(rolledBack(later, present)).toEqual([
    { route: 'orders-api', before: v3, after: v1 },
    { route: 'other', before: other, after: null },
  ])
  expect(rolledBack(later.slice(0, 1), new Map([['orders-api', v1]]))).toEqual([])
})
