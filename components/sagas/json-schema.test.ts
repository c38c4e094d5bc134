import { expect, test } from 'vitest'
import { fieldsOf, parseJson, problemsOf } from './json-schema'

const ORDER = {
  type: 'object',
  required: ['orderId', 'amount'],
  additionalProperties: false,
  properties: {
    orderId: { type: 'string', minLength: 3 },
    amount: { type: 'integer', minimum: 1 },
    carrier: { enum: ['dove', 'raven'] },
    lines: { type: 'array', items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
  },
}

test('what does not fit is said with its place', () => {
  expect(problemsOf(ORDER, { orderId: 'A', amount: 1.5, carrier: 'crow', lines: [{}], more: 1 })).toEqual([
    { path: 'orderId', message: 'needs at least 3 characters' },
    { path: 'amount', message: 'must be a whole number, not a number' },
    { path: 'carrier', message: 'must be one of "dove", "raven"' },
    { path: 'lines[0].sku', message: 'is missing' },
    { path: 'more', message: 'is not known here' },
  ])
  expect(problemsOf(ORDER, null)).toEqual([{ path: '', message: 'must be an object, not null' }])
  expect(problemsOf(ORDER, { orderId: 'A-1', amount: 2 })).toEqual([])
  expect(problemsOf(null, 'anything')).toEqual([])
})

test('a text that is no JSON is told with line and column; an empty one is null', () => {
  expect(parseJson('{\n  "a": 1,\n}').problem).toMatch(/line 3, column 1/)
  expect(parseJson(' ')).toEqual({ value: null, problem: null })
})

test('a form is made of plain fields only', () => {
  expect(
    fieldsOf({ type: 'object', properties: { a: { type: 'string', title: 'A' }, b: { type: 'boolean' } } }),
  ).toEqual([
    { name: 'a', label: 'A', hint: null, required: false, type: 'text', choices: [] },
    { name: 'b', label: 'b', hint: null, required: false, type: 'boolean', choices: [] },
  ])
  expect(fieldsOf(ORDER)).toBeNull()
})
