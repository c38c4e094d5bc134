import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeptExemplar } from '../../core/exemplar.ts'
import { lengthOf, waterfall } from './waterfall.ts'

function kept(id: string, parentId: string | null, at: number, totalMs: number): KeptExemplar {
  return {
    ...{ id, parentId, at, key: Number(id.slice(1)), traceId: 't', caller: 'a', reporter: 'a-1', callee: 'b' },
    ...{
      protocol: 'http',
      route: null,
      method: 'GET',
      path: '/',
      status: 200,
      error: null,
      failed: false,
      why: 'slow',
    },
    ...{ spans: [], attempts: [] },
    cut: {
      ...{ totalMs, networkMs: totalMs, processingMs: 0, queueMs: 0, unattributedMs: 0, quality: 'measured' },
      ...{ clamped: false, firstByteMs: null, streamMs: 0 },
    },
  }
}

const told = (list: KeptExemplar[]) =>
  waterfall(list).rows.map((r) => [r.exemplar.id, r.depth, r.offsetMs, r.movedMs, r.orphan])

test('requests lie within the one they were made for, in the order of their beginnings', () => {
  const trace = [kept('r3', 'r1', 1_040, 20), kept('r1', null, 1_000, 100), kept('r2', 'r1', 1_010, 20)]
  expect(told([...trace, kept('r4', 'r3', 1_045, 5)])).toEqual([
    ['r1', 0, 0, 0, false],
    ['r2', 1, 10, 0, false],
    ['r3', 1, 40, 0, false],
    ['r4', 2, 45, 0, false],
  ])
  expect(waterfall(trace)).toMatchObject({ totalMs: 100, at: 1_000 })
})

test('a clock that is ahead or behind is moved into its caller, and it is said by how much', () => {
  expect(told([kept('r1', null, 1_000, 100), kept('r2', 'r1', 5_000, 20), kept('r3', 'r1', 900, 20)])).toEqual([
    ['r1', 0, 0, 0, false],
    ['r3', 1, 0, 100, false],
    ['r2', 1, 80, 3_920, false],
  ])
})

test('a request whose caller is not kept stands for itself; a circle ends', () => {
  expect(told([kept('r2', 'gone', 1_010, 20)])).toEqual([['r2', 0, 0, 0, true]])
  expect(waterfall([kept('r1', 'r2', 0, 1), kept('r2', 'r1', 0, 1)]).rows).toHaveLength(2)
  expect(waterfall([])).toEqual({ rows: [], totalMs: 0, at: 0 })
})

test('every request has one row, within the whole, whatever the clocks say', () => {
  const any = fc.array(
    fc.record({
      parent: fc.integer({ min: -1, max: 8 }),
      at: fc.integer({ min: 0, max: 5_000 }),
      ms: fc.double({ min: 0, max: 900, noNaN: true }),
    }),
    { maxLength: 9 },
  )
  fc.assert(
    fc.property(any, (list) => {
      const trace = list.map(({ parent, at, ms }, i) => kept(`r${i}`, parent < 0 ? null : `r${parent}`, at, ms))
      const { rows, totalMs } = waterfall(trace)
      expect(rows.map((r) => r.exemplar.id).sort()).toEqual(trace.map((e) => e.id).sort())
      for (const { exemplar, offsetMs } of rows) {
        expect(offsetMs).toBeGreaterThanOrEqual(0)
        expect(offsetMs + lengthOf(exemplar)).toBeLessThanOrEqual(totalMs + 1e-6)
      }
    }),
  )
})
