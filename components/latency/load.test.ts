import { expect, test } from 'vitest'
import type { ServiceLoad } from '@/core/latency-view'
import { formatGrowth, formatUse, hopsOf, loadWord, missedBy, pathMaxPerSec } from './load.ts'

test('a utilisation has a word at its borders, and none where nothing is known', () => {
  expect([null, 0, 0.79, 0.8, 0.999, 1, 4].map((u) => loadWord(u).word)).toEqual([
    'not known',
    'has room',
    'has room',
    'nearly full',
    'nearly full',
    'saturated',
    'saturated',
  ])
})

test('growth and use are written with the digits that matter, also beyond what can be done', () => {
  expect([523.6, 14.04, 5.23, 1.05, 0.64, 29_805].map(formatGrowth)).toEqual([
    '×524',
    '×14',
    '×5.2',
    '×1.05',
    '×0.64',
    '×30k',
  ])
  expect(formatGrowth(null)).toBe('no bound known')
  expect([0, 0.0004, 0.019, 0.62, 1.463, 12.5].map(formatUse)).toEqual([
    '0.0%',
    '<0.1%',
    '1.9%',
    '62%',
    '146%',
    '1250%',
  ])
})

test('along a path the one that gives way first is marked, and bounds what may enter', () => {
  const loads = new Map([['orders', { service: 'orders', utilisation: 0.5 } as ServiceLoad]])
  const path = { services: ['storefront', 'orders'], visits: 1, first: { service: 'orders', growth: 2 } }
  expect(hopsOf(path, loads).map(({ service, load, first }) => [service, load?.utilisation ?? null, first])).toEqual([
    ['storefront', null, false],
    ['orders', 0.5, true],
  ])
  expect(pathMaxPerSec(20, path.first)).toBe(40)
  expect(pathMaxPerSec(null, path.first)).toBeNull()
  expect(pathMaxPerSec(20, null)).toBeNull()
})

test('how far the law and the count are apart is a share of the larger', () => {
  expect(missedBy({ expected: 4, measured: 3 })).toBe(0.25)
  expect(missedBy({ expected: 3, measured: 4 })).toBe(0.25)
  expect(missedBy({ expected: 0, measured: 0 })).toBe(0)
})
