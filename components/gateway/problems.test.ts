import { expect, test } from 'vitest'
import { newRoute } from './draft'
import { linesOf, problemsOf, sorted } from './problems'

const route = {
  ...newRoute(),
  id: 'orders-api',
  match: { hosts: [], path: { kind: 'prefix' as const, value: '/orders' }, methods: [], headers: [] },
  targets: [{ service: 'orders', addresses: [], weight: 1 }],
}

test('a route that can be taken has no problems', () => {
  expect(problemsOf(route, [], [])).toEqual({ count: 0, at: {}, steps: [], whole: [] })
})

test('each problem stands beside what it concerns', () => {
  const { at, steps, whole, count } = problemsOf(
    {
      ...route,
      id: 'Orders!',
      match: { ...route.match, path: { kind: 'prefix', value: 'orders' }, headers: [{ name: 'x y', value: null }] },
      targets: [{ service: null, addresses: [], weight: 0 }],
      middleware: [
        { use: 'timeout', config: { ms: 0 } },
        { use: 'cors', config: {} },
        { use: 'timeout', config: {} },
      ],
    },
    [],
    [],
  )
  expect(at.id).toHaveLength(1)
  expect(at.path).toEqual(['the path must begin with "/"'])
  expect(at.headers).toEqual(['"x y" is not the name of one'])
  expect(at.targets).toHaveLength(2)
  expect(steps[0]).toEqual({ ms: ['must be from 1 to 3600000'] })
  expect(steps[1]).toEqual({ origins: ['give a value'] })
  expect(steps[2]?.['']?.[0]).toContain('only once')
  expect(whole).toEqual([])
  expect(count).toBe(8)
})

test('a twin is a problem of the whole route', () => {
  expect(problemsOf(route, [{ ...route, id: 'twin' }], []).whole[0]).toContain('"twin" takes the same requests')
})

test('a refusal without a list is one line', () => {
  expect(linesOf('There are 500 routes already.')).toEqual(['There are 500 routes already.'])
  expect(sorted(['api-key: the key "a" needs at least 16 characters']).whole).toHaveLength(1)
})
