import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currentTrace, formatTraceparent, incomingTrace, nextTrace, parseTraceparent, withTrace } from './trace.ts'

const VALID = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('reads what the standard gives as its example', () => {
  expect(parseTraceparent(VALID)).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    flags: 1,
  })
})

test.each([
  ['nothing', undefined],
  ['two headers', [VALID, VALID]],
  ['empty', ''],
  ['capital letters', VALID.toUpperCase()],
  ['a trace id of zeroes', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
  ['a span id of zeroes', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
  ['version ff', `ff${VALID.slice(2)}`],
  ['too short a trace id', '00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01'],
  ['more after version 00', `${VALID}-extra`],
  ['something glued on', `${VALID}x`],
  ['spaces', ` ${VALID}`],
  ['a line break', `${VALID}\n`],
])('refuses %s', (_, header) => {
  expect(parseTraceparent(header)).toBeNull()
})

test('a later version may go on after a dash; unknown flags are dropped', () => {
  expect(parseTraceparent(`cc${VALID.slice(2, -2)}ff-what-comes-later`)).toMatchObject({ flags: 1 })
})

test('whatever comes in, what goes out is valid', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant(VALID), fc.string({ unit: 'binary' })), (header) => {
      const out = parseTraceparent(formatTraceparent(incomingTrace({ traceparent: header })))
      expect(out).not.toBeNull()
    }),
  )
})

test('the trace id stays and the span id changes from step to step', () => {
  const first = nextTrace(undefined)
  const second = nextTrace(first)
  expect(second.traceId).toBe(first.traceId)
  expect(second.spanId).not.toBe(first.spanId)
})

test('tracestate is passed on, but not without a valid traceparent and not without bound', () => {
  expect(incomingTrace({ traceparent: VALID, tracestate: ['a=1', 'b=2'] }).state).toBe('a=1,b=2')
  expect(incomingTrace({ tracestate: 'a=1' }).state).toBeUndefined()
  expect(incomingTrace({ traceparent: VALID, tracestate: 'x'.repeat(600) }).state).toBeUndefined()
})

test('the current trace follows through awaits and ends outside', async () => {
  const trace = nextTrace(undefined)
  await withTrace(trace, async () => {
    await Promise.resolve()
    expect(currentTrace()).toBe(trace)
  })
  expect(currentTrace()).toBeUndefined()
})
