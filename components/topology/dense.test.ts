import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pack } from './dense.ts'
import { bounds, near } from './geometry.ts'
import { shapeOf } from './graph.ts'
import { boxAt } from './layout.ts'

const fleet = (n: number, calls: [number, number][]) =>
  shapeOf(
    Array.from({ length: n }, (_, i) => ({ name: `s${i}`, zones: [] })),
    calls.map(([a, b]) => ({ id: `${a}>${b}`, caller: `s${a % n}`, callee: `s${b % n}` })),
    'none',
    new Set(),
  )

describe('a packed map', () => {
  it('places every node apart from all others, whatever calls whom', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.array(fc.tuple(fc.nat(150), fc.nat(150)), { maxLength: 200 }),
        (n, calls) => {
          const shape = fleet(n, calls)
          const { places } = pack(shape)
          const boxes = shape.nodes.map((node) => boxAt(node, places.get(node.id) as never))
          boxes.forEach((a, i) => {
            for (const b of boxes.slice(i + 1)) expect(near(a, b, 10)).toBe(false)
          })
        },
      ),
      { numRuns: 50 },
    )
  })
  it('of 500 services has the proportions of a screen', () => {
    const shape = fleet(
      500,
      Array.from({ length: 900 }, (_, i) => [Math.floor(i / 3), (i * 7 + 1) % 500]),
    )
    const { places } = pack(shape)
    const box = bounds(shape.nodes.map((node) => boxAt(node, places.get(node.id) as never)))
    expect(box?.width ?? 0).toBeLessThan(9000)
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeGreaterThan(0.9)
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeLessThan(4)
  })
  it('puts callees to the right of their callers', () => {
    const { places } = pack(
      fleet(3, [
        [0, 1],
        [1, 2],
      ]),
    )
    expect(places.get('service/s1')?.x).toBeGreaterThan(places.get('service/s0')?.x ?? 0)
    expect(places.get('service/s2')?.x).toBeGreaterThan(places.get('service/s1')?.x ?? 0)
  })
  it('keeps the services of an open group together, apart from the rest', () => {
    const services = Array.from({ length: 120 }, (_, i) => ({
      name: `${i % 2 ? 'pay' : `g${i % 30}`}-${i}`,
      zones: [],
    }))
    const shape = shapeOf(services, [], 'prefix', new Set(['pay']))
    const { places } = pack(shape)
    const inside = new Set(shape.frames.flatMap((f) => f.members))
    const boxOf = (id: string) => boxAt({ kind: 'service' }, places.get(id) as never)
    const frame = bounds([...inside].map(boxOf))
    expect(inside.size).toBe(60)
    for (const node of shape.nodes)
      if (!inside.has(node.id)) expect(near(frame as never, boxOf(node.id), 10)).toBe(false)
  })
})
