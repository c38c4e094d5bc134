import { describe, expect, it } from 'vitest'
import type { LockTurn, LockView, WaitGraph } from '@/core/lock-view'
import { drawWaits } from './graph'
import { matches, ordered } from './order'
import { holdings } from './turns'

const span = { count: 0, p50Ms: null, p99Ms: null, maxMs: null }
const lock = (resource: string, change: Partial<LockView> = {}): LockView => ({
  resource,
  kind: 'lock',
  permits: 1,
  holders: [],
  queue: [],
  waiting: 0,
  lastToken: 1,
  delayLeftMs: 0,
  acquired: 0,
  contended: 0,
  timedOut: 0,
  held: span,
  waited: span,
  ...change,
})

describe('the list', () => {
  it('puts what is waited for first and keeps the rest by name', () => {
    expect(ordered([lock('b'), lock('c', { waiting: 2 }), lock('a')])).toEqual(['c', 'a', 'b'])
  })
  it('is found by name and by who holds or waits', () => {
    const holder = { label: 'ada', session: 's', instance: 'pay-1' } as LockView['holders'][number]
    const held = lock('invoice:42', { holders: [holder] })
    for (const q of ['INVOICE', 'ada', 'pay-1', '']) expect(matches(held, { q, show: 'all' }), q).toBe(true)
    expect(matches(held, { q: 'bob', show: 'all' })).toBe(false)
    expect(matches(held, { q: '', show: 'contended' })).toBe(false)
    expect(matches(held, { q: '', show: 'leaders' })).toBe(false)
  })
})

describe('who held it when', () => {
  const turn = (seq: number, kind: string, tokens: number[]): LockTurn => ({
    seq,
    at: seq * 1_000,
    kind,
    actor: 'x',
    summary: '',
    holders: tokens.map((fencingToken) => ({
      fencingToken,
      lockId: `${fencingToken}`,
      session: `s${fencingToken}`,
      label: '',
      mode: 'exclusive',
      acquiredAt: fencingToken * 1_000,
    })),
  })
  it('is read from what each entry left', () => {
    const newestFirst = [
      turn(5, 'lock.acquired', [3]),
      turn(4, 'lock.expired', []),
      turn(3, 'lock.acquired', [2]),
      turn(2, 'lock.released', []),
      turn(1, 'lock.acquired', [1]),
    ]
    expect(holdings(newestFirst)).toMatchObject([
      { token: 1, fromMs: 1_000, toMs: 2_000, end: 'released' },
      { token: 2, fromMs: 2_000, toMs: 4_000, end: 'expired' },
      { token: 3, fromMs: 3_000, toMs: null, end: null },
    ])
  })
})

describe('the graph of who waits for whom', () => {
  it('draws one group for each set that is connected, and knows what lies on a cycle', () => {
    const edge = (from: string, to: string) => ({ from, to, resource: `r-${to}` })
    const cycle = [edge('a', 'b'), edge('b', 'a')]
    const graph: WaitGraph = { edges: [...cycle, edge('c', 'a'), edge('x', 'y')], cycles: [cycle], cut: false }
    const drawn = drawWaits(graph)
    expect(drawn.map(({ nodes }) => nodes.map(({ id }) => id).sort())).toEqual([
      ['a', 'b', 'c'],
      ['x', 'y'],
    ])
    expect(drawn[0]?.nodes.filter(({ inCycle }) => inCycle).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(drawn[0]?.edges.filter(({ inCycle }) => inCycle)).toHaveLength(2)
    for (const { nodes, width, height } of drawn) {
      for (const { x, y } of nodes) expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true)
    }
  })
})
