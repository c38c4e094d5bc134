import { expect, test } from 'vitest'
import { holdfastError, mayRetry, retryDelay } from './errors'

const described = (holdfast: object) =>
  Object.assign(new Error('x'), { name: 'TRPCClientError', shape: {}, data: { holdfast } })

test('what the server described is what is shown', () => {
  const error = described({ code: 'CONFLICT', message: 'Somebody was faster.', retryable: false })
  expect(holdfastError(error)).toEqual({ code: 'CONFLICT', message: 'Somebody was faster.', retryable: false })
  expect(mayRetry(0, error)).toBe(false)
})

test('a call that never got an answer is a broken connection, and is made again three times', () => {
  const error = Object.assign(new Error('WebSocket closed'), { name: 'TRPCClientError' })
  expect(holdfastError(error).code).toBe('NETWORK')
  expect([0, 1, 2, 3].map((failures) => mayRetry(failures, error))).toEqual([true, true, true, false])
})

test('the delay the server asks for wins over doubling', () => {
  expect(
    retryDelay(0, described({ code: 'RATE_LIMITED', message: 'Later.', retryable: true, retryAfterMs: 7_000 })),
  ).toBe(7_000)
  expect(retryDelay(2, described({ code: 'TIMEOUT', message: 'Slow.', retryable: true }))).toBe(1_600)
  expect(retryDelay(20, described({ code: 'TIMEOUT', message: 'Slow.', retryable: true }))).toBe(5_000)
})

test('a defect of the page keeps its words', () => {
  expect(holdfastError(new TypeError('x is not a function'))).toEqual({
    code: 'INTERNAL',
    message: 'x is not a function',
    retryable: false,
  })
  expect(holdfastError(null).message).toMatch(/went wrong/)
})
