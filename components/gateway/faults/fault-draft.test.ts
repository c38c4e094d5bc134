import { expect, test } from 'vitest'
import { draftFrom, targetOf, wrongFault } from './fault-draft'

test('begins with what the address names', () => {
  const calls = draftFrom({ route: '', caller: 'orders', callee: 'payments' })
  expect(targetOf(calls)).toEqual({ caller: 'orders', callee: 'payments' })
  expect(wrongFault(calls)).toEqual({})
  expect(targetOf(draftFrom({ route: 'shop', caller: '', callee: '' }))).toEqual({ route: 'shop' })
})

test('what is wrong stands beside what it concerns', () => {
  const draft = draftFrom({ route: '', caller: '', callee: '' })
  expect(wrongFault(draft)).toEqual({ target: expect.any(String) })
  expect(wrongFault({ ...draft, on: 'calls', caller: 'a' })).toEqual({ target: expect.any(String) })
  expect(wrongFault({ ...draft, route: 'shop', delayMs: 0 })).toEqual({ does: expect.any(String) })
  expect(wrongFault({ ...draft, route: 'shop', delayMs: 0.5, abortStatus: 200, sharePercent: 0 })).toEqual({
    delayMs: expect.any(String),
    abortStatus: expect.any(String),
    share: expect.any(String),
  })
})
