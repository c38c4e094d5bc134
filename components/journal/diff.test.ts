import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diff, shown } from './diff'

test('fields are told apart by their path, nested ones too', () => {
  const before = { health: 'healthy', check: { http: '/healthz', intervalMs: 5_000 }, tags: ['a'], drain: null }
  const after = { health: 'unhealthy', check: { http: '/healthz', intervalMs: 9_000 }, tags: ['a', 'b'], zone: 'eu' }
  expect(diff(before, after).map(({ path, kind }) => [path, kind])).toEqual([
    ['health', 'changed'],
    ['check.http', 'same'],
    ['check.intervalMs', 'changed'],
    ['tags', 'changed'],
    ['zone', 'added'],
    ['drain', 'removed'],
  ])
})

test('the first value of a key is all added, the last one all removed', () => {
  expect(diff(null, { a: 1, b: { c: 2 } }).every((change) => change.kind === 'added')).toBe(true)
  expect(diff({ a: 1 }, null)).toEqual([{ path: 'a', kind: 'removed', before: 1, after: undefined }])
  expect(diff(null, null)).toEqual([])
})

test('a value is the same as itself, whatever it is', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => diff(value, value).every((change) => change.kind === 'same')))
})

test('values in words', () => {
  expect(shown('healthSince', 1_767_225_600_000)).toBe('2026-01-01 00:00:00.000 UTC')
  expect(shown('maintenance.until', null)).toBe('–')
  expect(shown('ttlMs', 15_000)).toBe('15,000 ms')
  expect(shown('tags', [])).toBe('–')
  expect(shown('tags', ['a', 'b'])).toBe('a, b')
  expect(shown('weight', 100)).toBe('100')
  expect(shown('flapping', false)).toBe('false')
})
