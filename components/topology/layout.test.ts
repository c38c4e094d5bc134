import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { near } from './geometry.ts'
import { serviceNodeId as id, shapeOf } from './graph.ts'
import { anchor, boxAt, EMPTY_LAYOUT, isPlaced, moveNode, NODE_GAP, placeNew, wantsArranging } from './layout.ts'

const shape = (names: string[], calls: [string, string][] = []) =>
  shapeOf(
    names.map((name) => ({ name, zones: [] })),
    calls.map(([caller, callee]) => ({ id: `${caller}>${callee}`, caller, callee })),
    'none',
    new Set(),
  )

const fleet = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 24 })
  .chain((ns) =>
    fc.record({
      names: fc.constant(ns.map((n) => `s${n}`)),
      calls: fc.array(fc.tuple(fc.constantFrom(...ns), fc.constantFrom(...ns)), { maxLength: 40 }),
    }),
  )
  .map(({ names, calls }) => ({ names, calls: calls.map(([a, b]) => [`s${a}`, `s${b}`] as [string, string]) }))

import { parse, serialise } from './layout-text.ts'

describe('placement', () => {
  it('places every node, apart from all others', () => {
    fc.assert(
      fc.property(fleet, ({ names, calls }) => {
        const s = shape(names, calls)
        const layout = placeNew(s, EMPTY_LAYOUT)
        expect(isPlaced(s, layout)).toBe(true)
        const boxes = s.nodes.map((n) => boxAt(n, layout.places.get(n.id) as never))
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1)) expect(near(a, b, NODE_GAP)).toBe(false)
        })
      }),
    )
  })
  it('never moves what stands when something joins', () => {
    fc.assert(
      fc.property(fleet, fleet, (a, b) => {
        const first = placeNew(shape(a.names, a.calls), EMPTY_LAYOUT)
        const both = shape([...new Set([...a.names, ...b.names])], [...a.calls, ...b.calls])
        const second = placeNew(both, first)
        for (const [node, at] of first.places) expect(second.places.get(node)).toEqual(at)
      }),
    )
  })
  it('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(fleet, ({ names, calls }) => {
        const forward = placeNew(shape(names, calls), EMPTY_LAYOUT)
        const backward = placeNew(shape([...names].reverse(), [...calls].reverse()), EMPTY_LAYOUT)
        expect(new Map([...backward.places].sort())).toEqual(new Map([...forward.places].sort()))
      }),
    )
  })
  it('returns the very layout when there is nothing to place', () => {
    const s = shape(['a', 'b'], [['a', 'b']])
    const layout = placeNew(s, EMPTY_LAYOUT)
    expect(placeNew(s, layout)).toBe(layout)
  })
  it('gives a service that comes back its old place, unless another stands there', () => {
    const layout = placeNew(shape(['a', 'b'], [['a', 'b']]), EMPTY_LAYOUT)
    const without = placeNew(shape(['a']), layout)
    expect(placeNew(shape(['a', 'b'], [['a', 'b']]), without).places.get(id('b'))).toEqual(layout.places.get(id('b')))
    const squatted = {
      ...without,
      places: new Map([...without.places, [id('0'), layout.places.get(id('b')) as never]]),
    }
    const back = placeNew(shape(['0', 'a', 'b'], [['a', 'b']]), squatted)
    expect(back.places.get(id('b'))).not.toEqual(layout.places.get(id('b')))
  })
  it('puts callees to the right of their callers', () => {
    const { places } = placeNew(
      shape(
        ['a', 'b', 'c'],
        [
          ['a', 'b'],
          ['b', 'c'],
        ],
      ),
      EMPTY_LAYOUT,
    )
    expect(places.get(id('b'))?.x).toBeGreaterThan(places.get(id('a'))?.x ?? 0)
    expect(places.get(id('c'))?.x).toBeGreaterThan(places.get(id('b'))?.x ?? 0)
  })
})

describe('a layout', () => {
  const s = shape(['a', 'b'], [['a', 'b']])
  const curve = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 2, y: 0 },
    { x: 3, y: 0 },
  ]
  const layout = { ...placeNew(s, EMPTY_LAYOUT), routes: new Map([['a>b', { curve, label: { x: 1, y: 2 } }]]) }

  it('drops the curves of a node that was moved, and only those', () => {
    expect(moveNode(s, layout, id('a'), { x: 5, y: 5 }).routes.size).toBe(0)
    expect(moveNode(s, layout, 'service/other', { x: 5, y: 5 }).routes.size).toBe(1)
  })
  it('survives the browser storage, and rubbish there is no layout', () => {
    expect(parse(serialise(layout))).toEqual(layout)
    for (const text of [
      null,
      '',
      '{}',
      '[]',
      '{"v":2,"places":[["a","x",1]],"routes":[]}',
      '{"v":2,"places":[],"routes":[["a",[1]]]}',
    ]) {
      expect(parse(text)).toBeNull()
    }
  })
  it('can be shifted so that one node stays where it was', () => {
    const shifted = anchor(layout, id('a'), { x: 100, y: 100 })
    expect(shifted.places.get(id('a'))).toEqual({ x: 100, y: 100 })
  })
  it('wants arranging while it is new, and never after a person moved something', () => {
    expect(wantsArranging(s, EMPTY_LAYOUT)).toBe(true)
    expect(wantsArranging(s, layout)).toBe(false)
    expect(wantsArranging(s, { ...layout, routes: new Map() })).toBe(true)
    expect(wantsArranging(shape(['a', 'b', 'c', 'd', 'e'], [['a', 'b']]), layout)).toBe(true)
    expect(wantsArranging(shape(['a', 'b', 'c', 'd', 'e']), moveNode(s, layout, id('a'), { x: 1, y: 1 }))).toBe(false)
    expect(wantsArranging(shape([]), EMPTY_LAYOUT)).toBe(false)
  })
})
