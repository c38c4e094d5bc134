import { expect, test } from 'vitest'
import { emailProblem, parseServices, passwordProblem, tokenNameProblem } from './problems'

test('e-mail addresses', () => {
  expect(emailProblem(' ada@example.org ')).toBeNull()
  expect(emailProblem('ada@')).toMatch(/such as/)
  expect(emailProblem('')).toMatch(/such as/)
})

test('names of tokens', () => {
  expect(tokenNameProblem('payments-2')).toBeNull()
  expect(tokenNameProblem(' ')).toMatch(/after what will use it/)
  expect(tokenNameProblem('-x')).toMatch(/begin and end/)
})

test('services in one line', () => {
  expect(parseServices('orders, billing  orders')).toEqual({ services: ['orders', 'billing'], problem: null })
  expect(parseServices('')).toEqual({ services: [], problem: null })
  expect(parseServices('a, -b').problem).toMatch(/"-b"/)
})

test('passwords', () => {
  expect(passwordProblem('short', 'short', 12)).toMatch(/at least 12/)
  expect(passwordProblem('long enough, this', 'other', 12)).toMatch(/match/)
  expect(passwordProblem('long enough, this', 'long enough, this', 12)).toBeNull()
})
