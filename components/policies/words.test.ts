import { expect, test } from 'vitest'
import { effectivePolicy } from '@/core/policy'
import { inShort, span } from './words'

test('a policy on one line', () => {
  expect(inShort(effectivePolicy('gentle', null).policy)).toBe('3 retries, 200 ms to 5 s, full')
  expect(inShort(effectivePolicy('none', null).policy)).toBe('no retries')
})

test('spans of time as people say them', () => {
  expect([0, 25, 1_400, 15_000, 90_000, 1_800_000, 7_200_000].map(span)).toEqual([
    '0',
    '25 ms',
    '1.4 s',
    '15 s',
    '1.5 min',
    '30 min',
    '2 h',
  ])
})
