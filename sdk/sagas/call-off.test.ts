import { expect, test } from 'vitest'
import { CallOff } from './call-off.ts'

test('a signal that is asked for before, and one after, tell the first reason', () => {
  const early = new CallOff()
  const heard: unknown[] = []
  early.signal.addEventListener('abort', () => heard.push(early.signal.reason))
  const first = new Error('first')
  early.abort(first)
  early.abort(new Error('second'))
  expect(heard).toEqual([first])
  const late = new CallOff()
  expect(late.aborted).toBe(false)
  late.abort(first)
  expect([late.aborted, late.reason, late.signal.aborted, late.signal.reason]).toEqual([true, first, true, first])
  expect(late.signal).toBe(late.signal)
})
