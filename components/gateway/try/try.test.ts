import { expect, test } from 'vitest'
import { requestFor, tryHref, wrongTry } from './form'
import { nested, PASSED_BACK } from './steps'

const step = (name: string, startMs: number, endMs: number) => ({ name, startMs, endMs, did: '' })

test('steps lie within the one that handed on to them; each keeps only its own time', () => {
  const steps = [
    step('route', 0, 0.2),
    step('timeout', 0.2, 20),
    step('retry', 1, 19),
    step('attempt 1', 2, 5),
    step('attempt 2', 8, 18),
  ]
  expect(nested(steps).map(({ name, depth, ownMs }) => [name, depth, Math.round(ownMs * 10) / 10])).toEqual([
    ['route', 0, 0.2],
    ['timeout', 0, 1.8],
    ['retry', 1, 5],
    ['attempt 1', 2, 3],
    ['attempt 2', 2, 10],
  ])
})

test('a step that never ended takes nothing from others', () => {
  expect(nested([step('a', 0, 10), step('b', 4, 0)]).map(({ ownMs }) => ownMs)).toEqual([10, 0])
})

test('a refusal is told where it began', () => {
  const said = (name: string, startMs: number, endMs: number, did: string) => ({ name, startMs, endMs, did })
  const steps = [said('a', 0, 10, 'no'), said('b', 1, 9, 'no'), said('c', 2, 8, 'no'), said('d', 3, 4, '')]
  expect(nested(steps).map(({ did }) => did)).toEqual([PASSED_BACK, PASSED_BACK, 'no', ''])
})

test('a request that a route would take', () => {
  const match = { hosts: ['*.example.org'], methods: ['POST'], headers: [] }
  const of = (kind: 'exact' | 'prefix' | 'pattern', value: string) => requestFor({ ...match, path: { kind, value } })
  expect(of('pattern', '/orders/:id/items/*')).toEqual({
    method: 'POST',
    path: '/orders/1/items/x',
    host: 'www.example.org',
  })
  expect(tryHref(of('prefix', '/orders'))).toBe('/gateway/try?method=POST&path=%2Forders&host=www.example.org')
  expect(tryHref({ method: 'GET', path: '/', host: '' })).toBe('/gateway/try')
})

test('what keeps a request from being sent', () => {
  expect(wrongTry({ path: '/a?b=1', headers: [['x-a', '1']] })).toBeNull()
  expect(wrongTry({ path: 'a', headers: [] })).toMatch(/begins/)
  expect(wrongTry({ path: '/a b', headers: [] })).toMatch(/%20/)
  expect(wrongTry({ path: '/', headers: [['', '1']] })).toMatch(/name/)
  expect(wrongTry({ path: '/', headers: [['a b', '1']] })).toMatch(/"a b"/)
})
