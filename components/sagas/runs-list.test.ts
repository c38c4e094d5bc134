import { expect, test } from 'vitest'
import type { RunSummary } from '@/core/saga/view'
import { attributesOf, filterInput, listed, matches, type RunFilter } from './runs-list'

const ALL: RunFilter = { q: '', state: [], saga: '', attr: [], since: null }
const run = (id: string, more: Partial<RunSummary> = {}): RunSummary => ({
  id,
  definition: 'place-order',
  version: 1,
  status: 'running',
  direction: 'forward',
  startedAt: 0,
  updatedAt: 0,
  endedAt: null,
  steps: { total: 1, done: 0, undone: 0, owed: 0 },
  current: [],
  error: null,
  attention: null,
  attentionSince: null,
  attributes: {},
  idempotencyKey: null,
  parent: null,
  redriveOf: null,
  ...more,
})

test('attributes are written name:value; the value may hold colons, what has none is left out', () => {
  expect(attributesOf(['customer:c-7', 'at:10:30', 'nonsense', ':x'])).toEqual({ customer: 'c-7', at: '10:30' })
  expect(filterInput({ ...ALL, attr: ['nonsense'] }, 0)).toEqual({})
})

test('a run is found by the beginning of its id, its key, the value of an attribute, part of its saga', () => {
  const one = run('0abc', { idempotencyKey: 'k-1', attributes: { customer: 'c-7' } })
  expect(['0ab', 'k-1', 'c-7', 'ORDER'].map((q) => matches(one, { ...ALL, q }, 0))).toEqual([true, true, true, true])
  expect(['abc', 'k-', 'c-'].map((q) => matches(one, { ...ALL, q }, 0))).toEqual([false, false, false])
})

test('what changed joins or leaves; nothing is put below the last page that was read', () => {
  const stuck: RunFilter = { ...ALL, state: ['stuck'] }
  const read = [run('5', { status: 'stuck' }), run('3', { status: 'stuck' })]
  const changed = new Map([
    ['5', run('5')],
    ['4', run('4', { status: 'stuck' })],
    ['1', run('1', { status: 'stuck' })],
  ])
  expect(listed(read, changed, stuck, true, 0)).toEqual(['4', '3'])
  expect(listed(read, changed, stuck, false, 0)).toEqual(['4', '3', '1'])
})

test('a span of time moves with the clock', () => {
  const filter: RunFilter = { ...ALL, since: '1h' }
  const one = run('5', { startedAt: 1_000_000 })
  expect(filterInput(filter, 4_600_000)).toEqual({ startedFrom: 1_000_000 })
  expect(matches(one, filter, 4_600_000)).toBe(true)
  expect(matches(one, filter, 4_600_001)).toBe(false)
})
