import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Instance } from '../core/instance.ts'
import { type Balance, type Chooser, Upstreams } from './upstreams.ts'

const instance = (id: string, more: Partial<Instance> = {}) =>
  ({
    id,
    service: 's',
    address: `10.0.0.1:${1_000 + Number(id.slice(1))}`,
    zone: null,
    weight: 1,
    metadata: {},
    ...more,
  }) as Instance

function seeded(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

function choosing(instances: Instance[], balance: Partial<Balance>, zone: string | null = null) {
  const upstreams = new Upstreams(seeded(7), zone)
  upstreams.set('s', instances)
  const chooser: Chooser = { balance: { by: 'round-robin', hashHeader: '', zoneFirst: false, ...balance }, turn: 0 }
  const group = upstreams.service('s')
  return {
    upstreams,
    group,
    choose: (key = '', now = 0, except: string[] = []) =>
      upstreams.choose(
        group,
        chooser,
        group.all.filter((u) => except.includes(u.facts.id)),
        () => key,
        now,
      ),
  }
}

function counts(times: number, choose: () => { facts: { id: string } } | null): Record<string, number> {
  const found: Record<string, number> = {}
  for (let i = 0; i < times; i++) {
    const id = choose()?.facts.id ?? 'none'
    found[id] = (found[id] ?? 0) + 1
  }
  return found
}

test('by turns, each as often as its weight says, never far from it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 5 }), (weights) => {
      const { choose } = choosing(
        weights.map((weight, i) => instance(`i${i}`, { weight })),
        {},
      )
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const found = counts(total * 100, choose)
      for (const [i, weight] of weights.entries())
        expect(Math.abs((found[`i${i}`] ?? 0) - weight * 100)).toBeLessThan(weight * 100 * 0.1 + 5)
    }),
    { numRuns: 50 },
  )
})

test('a weight of nothing takes nothing while another can', () => {
  const { choose } = choosing([instance('i0', { weight: 0 }), instance('i1'), instance('i2')], {})
  expect(counts(100, choose).i0).toBeUndefined()
  expect(choosing([instance('i0', { weight: 0 })], {}).choose()?.facts.id).toBe('i0')
})

test('by hash: the same key the same instance; one that goes moves only its own keys', () => {
  const all = Array.from({ length: 10 }, (_, i) => instance(`i${i}`))
  const before = choosing(all, { by: 'hash' })
  const after = choosing(all.slice(0, 9), { by: 'hash' })
  let moved = 0
  for (let i = 0; i < 2_000; i++) {
    const [a, b] = [before.choose(`k${i}`)?.facts.id, after.choose(`k${i}`)?.facts.id]
    if (a === 'i9') moved += 1
    else expect(b).toBe(a)
  }
  expect(moved).toBeGreaterThan(100)
  expect(moved).toBeLessThan(320)
})

test('the zone of the gateway first; another only when it has none', () => {
  const zoned = [instance('i0', { zone: 'a' }), instance('i1', { zone: 'b' }), instance('i2', { zone: 'b' })]
  expect(Object.keys(counts(100, choosing(zoned, { zoneFirst: true }, 'b').choose)).sort()).toEqual(['i1', 'i2'])
  expect(Object.keys(counts(100, choosing(zoned, { zoneFirst: true }, 'c').choose))).toHaveLength(3)
  expect(Object.keys(counts(100, choosing(zoned, {}, 'b').choose))).toHaveLength(3)
})

test('the less loaded of two: the one with more under way is left alone', () => {
  const { choose, group } = choosing([instance('i0'), instance('i1')], { by: 'least-in-flight' })
  const [busy] = group.all
  if (busy) busy.inFlight = 10
  expect(counts(100, choose)).toEqual({ i1: 100 })
})

test('an instance that fails fast does not look like the fastest', () => {
  const { choose, group } = choosing([instance('i0'), instance('i1')], { by: 'least-load' })
  const [bad, good] = group.all
  for (let now = 0; now < 1_000; now += 10) {
    bad?.seen(1, true, now)
    good?.seen(80, false, now)
  }
  expect(counts(100, () => choose('', 1_000))).toEqual({ i1: 100 })
  // What is remembered fades: it is asked again.
  expect(counts(100, () => choose('', 120_000)).i0).toBeGreaterThan(10)
})

test('what could not be reached is passed over for a while; when that is all of them, any will do', () => {
  const { choose, group } = choosing([instance('i0'), instance('i1')], {})
  const [a, b] = group.all
  a?.unreachable(0, 0.5)
  expect(counts(50, () => choose('', 100))).toEqual({ i1: 50 })
  b?.unreachable(0, 0.5)
  expect(Object.keys(counts(50, () => choose('', 100)))).toHaveLength(2)
  expect(Object.keys(counts(50, () => choose('', 60_000)))).toHaveLength(2)
})

test('a retry goes to another while there is one', () => {
  const { choose } = choosing([instance('i0'), instance('i1')], {})
  expect(counts(50, () => choose('', 0, ['i0']))).toEqual({ i1: 50 })
  expect(choose('', 0, ['i0', 'i1'])).not.toBeNull()
})

test('instances that stay keep what is known of them; what is gone is let go', () => {
  const { upstreams, group } = choosing([instance('i0'), instance('i1')], {})
  const kept = group.all[0]
  upstreams.set('s', [instance('i0', { weight: 3 }), instance('i2')])
  expect(group.all[0]).toBe(kept)
  expect(kept?.facts.weight).toBe(3)
  upstreams.set('s', [instance('i0', { address: '10.0.0.9:1' })])
  expect(group.all[0]).not.toBe(kept)
  upstreams.keep(new Set())
  expect([...upstreams.groups]).toEqual([])
})
