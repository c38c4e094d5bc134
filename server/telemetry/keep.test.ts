import { expect, test } from 'vitest'
import { Keep, TRACE_ROWS_MAX } from './keep.ts'
import { exemplar } from './test-exemplar.ts'

const usual = () => ({ count: 100, p95Ms: 50 })

const ids = (keep: Keep) => keep.takeWaiting().map((row) => row.exemplar.id)

test('slow for its edge and failed are kept, what is usual is not, and an edge does not fill the table', () => {
  const keep = new Keep(0)
  const offered = [exemplar('a', '1', 60), exemplar('b', '2', 70), exemplar('c', '3', 10)]
  keep.offer('orders', 'orders-1', [...offered, exemplar('d', '4', 1, { failed: true, why: 'failed' })], usual, 0)
  expect(ids(keep)).toEqual(['a', 'd'])
  keep.offer('orders', 'orders-1', [exemplar('e', '5', 60)], usual, 4_999)
  expect(ids(keep)).toEqual([])
  keep.offer('orders', 'orders-1', [exemplar('f', '6', 60)], usual, 5_000)
  expect(ids(keep)).toEqual(['f'])
})

test('nothing is called slow while too little is known of its edge; what was chosen by its trace is typical', () => {
  const keep = new Keep(0)
  const few = () => ({ count: 19, p95Ms: 1 })
  keep.offer('orders', 'orders-1', [exemplar('a', '1', 60), exemplar('b', '2', 60, { why: 'sampled' })], few, 0)
  expect(keep.takeWaiting()).toEqual([expect.objectContaining({ notable: false, reporter: 'orders-1' })])
})

test('the rest of a kept trace is asked for, once of each reporter, and kept from whichever service it comes', () => {
  const keep = new Keep(0)
  keep.offer('orders', 'orders-1', [exemplar('a', '1', 60)], usual, 0)
  const trace = '1'.padStart(32, '0')
  expect(keep.wanted('orders-2', 0)).toEqual([trace])
  expect(keep.wanted('orders-2', 0)).toEqual([])
  expect(keep.wanted('payments-1', 29_000)).toEqual([trace])
  expect(keep.wanted('payments-2', 31_000)).toEqual([])
  keep.offer('payments', 'payments-1', [exemplar('b', '1', 2, { callee: 'ledger', why: 'trace' })], usual, 29_000)
  expect(keep.takeWaiting().map((row) => [row.caller, row.notable])).toEqual([
    ['orders', true],
    ['payments', true],
  ])
})

test('one trace, one fleet and one second do not fill the table', () => {
  const keep = new Keep(0)
  const many = Array.from({ length: TRACE_ROWS_MAX + 50 }, (_, i) => exemplar(`${i}`, '1', 60))
  keep.offer('orders', 'orders-1', many, usual, 0)
  expect(keep.takeWaiting()).toHaveLength(TRACE_ROWS_MAX)
  let kept = 0
  for (let i = 0; i < 1_000; i++) {
    const other = { callee: `s${i}`, failed: true }
    keep.offer('orders', 'orders-1', [exemplar(`x${i}`, `a${i.toString(16)}`, 60, other)], usual, i)
    kept += keep.takeWaiting().length
  }
  expect(kept).toBeLessThanOrEqual(63)
  expect(keep.passedBy).toBe(50 + 1_000 - kept)
})
