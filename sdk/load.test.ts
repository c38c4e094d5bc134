import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { instance } from './fake-control-plane.ts'
import { FakeTime } from './fake-time.ts'
import { Load } from './load.ts'

const NONE = new Set<string>()

function fleet(weights: number[]) {
  return weights.map((weight, i) => instance(`i${i}`, { weight }))
}

test('spreads calls that never end evenly by weight', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer({ min: 20, max: 400 }), { minLength: 2, maxLength: 8 }),
      (seed, weights) => {
        const load = new Load(new FakeTime(), seededRandom(seed))
        const instances = fleet(weights)
        for (let i = 0; i < 4_000; i++) load.began(load.choose(instances, NONE)?.id as string)
        const perWeight = instances.map((i) => load.inFlight(i.id) / i.weight)
        // The better of two random choices keeps every one near the mean, however long it goes on.
        const mean = perWeight.reduce((a, b) => a + b) / perWeight.length
        for (const value of perWeight) expect(Math.abs(value - mean)).toBeLessThan(Math.max(mean * 0.25, 0.5))
      },
    ),
    { numRuns: 30 },
  )
})

test('an instance that is slow gets fewer calls', () => {
  const load = new Load(new FakeTime(), seededRandom(3))
  const instances = fleet([100, 100, 100, 100])
  const chosen = new Map<string, number>()
  for (let i = 0; i < 2_000; i++) {
    const { id } = load.choose(instances, NONE) as { id: string }
    chosen.set(id, (chosen.get(id) ?? 0) + 1)
    load.began(id)
    if (id !== 'i0' || i % 10 === 0) load.ended(id, true)
  }
  expect(chosen.get('i0') ?? 0).toBeLessThan(2_000 / 4 / 4)
})

test('weight 0 gets nothing while anyone else is there', () => {
  const load = new Load(new FakeTime(), seededRandom(5))
  for (let i = 0; i < 500; i++) expect(load.choose(fleet([0, 100, 0]), NONE)?.id).toBe('i1')
  expect(load.choose(fleet([0]), NONE)?.id).toBe('i0')
  expect(load.choose([], NONE)).toBeUndefined()
})

test('one that refuses connections is left alone for a while, unless it is the last', () => {
  const time = new FakeTime()
  const load = new Load(time, seededRandom(7))
  const instances = fleet([100, 100])
  load.began('i0')
  load.ended('i0', false)
  for (let i = 0; i < 100; i++) expect(load.choose(instances, NONE)?.id).toBe('i1')
  expect(load.choose(instances, new Set(['i1']))?.id).toBe('i0')
  time.advance(1_001)
  const seen = new Set(Array.from({ length: 100 }, () => load.choose(instances, NONE)?.id))
  expect(seen).toContain('i0')
})

test('the pause grows with every refusal, up to 10 s, and ends with the first connection', () => {
  const time = new FakeTime()
  const load = new Load(time, () => 0.999)
  const instances = fleet([100, 100])
  for (let i = 0; i < 8; i++) {
    load.began('i0')
    load.ended('i0', false)
  }
  const choices = () =>
    new Set(Array.from({ length: 50 }, (_, i) => new Load(time, seededRandom(i)) && load.choose(instances, NONE)?.id))
  time.advance(9_900)
  expect(choices()).toEqual(new Set(['i1']))
  load.began('i0')
  load.ended('i0', true)
  load.began('i1')
  expect(choices()).toEqual(new Set(['i0']))
})
