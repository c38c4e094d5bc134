import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INDEX_MAX, INDEX_MIN, RELATIVE_ERROR, Sketch } from './sketch.ts'

const latency = fc.double({ min: 0.01, max: 1e6, noNaN: true })

test('a quantile is within 1% of the exact one', () => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const sketch = new Sketch()
        for (const value of values) sketch.add(value)
        const sorted = [...values].sort((a, b) => a - b)
        const exact = sorted[Math.floor(q * (values.length - 1))] as number
        const [got] = sketch.quantiles(q) as [number]
        expect(Math.abs(got - exact)).toBeLessThanOrEqual(exact * (RELATIVE_ERROR + 1e-9))
      },
    ),
  )
})

test('merging equals adding everything to one, and the wire keeps all of it', () => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (a, b) => {
      const [left, right, both] = [new Sketch(), new Sketch(), new Sketch()]
      for (const value of a) left.add(value)
      for (const value of b) right.add(value)
      for (const value of [...a, ...b]) both.add(value)
      const travelled = Sketch.fromWire(JSON.parse(JSON.stringify(right.toWire())))
      left.merge(travelled as Sketch)
      expect(left.count).toBe(both.count)
      expect(left.bins()).toEqual(both.bins())
    }),
  )
})

test('what is not a sketch is refused, whatever it is', () => {
  for (const wire of [
    [],
    [1, 2],
    [0, INDEX_MIN - 1, 1],
    [0, INDEX_MAX + 1, 1],
    [0, 0.5, 1],
    [-1],
    [0, 3, -1],
    [Number.NaN],
    [0, 1, 1e15],
  ]) {
    expect(Sketch.fromWire(wire)).toBeNull()
  }
})

test('an empty sketch has no quantiles, zeroes count as zero', () => {
  expect(new Sketch().quantiles(0.5)).toEqual([null])
  const sketch = new Sketch()
  sketch.add(0, 3)
  sketch.add(10)
  expect(sketch.quantiles(0.5)).toEqual([0])
})
