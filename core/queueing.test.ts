import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bottleneckOf,
  checkLittle,
  firstSaturation,
  loadsOf,
  pathsOf,
  type Station,
  throughputMax,
} from './queueing.ts'

const station = fc.record({
  service: fc.constantFrom('orders', 'payments', 'inventory'),
  ratePerSec: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
  serviceMs: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
  concurrency: fc.integer({ min: 1, max: 64 }),
})
const stations = fc
  .array(station, { minLength: 1, maxLength: 8 })
  .map((list): Station[] => list.map((s, i) => ({ ...s, id: `${s.service}-${i}` })))
const rate = fc.double({ min: 0.01, max: 500, noNaN: true })

test('an instance by hand: 20/s of 40 ms on two at a time is 40% used, may take 50/s, and enters 25/s at most', () => {
  const [load] = loadsOf([{ id: 'p-1', service: 'p', ratePerSec: 20, serviceMs: 40, concurrency: 2 }], 10)
  expect(load).toMatchObject({ utilisation: 0.4, capacityPerSec: 50, visits: 2, demandMs: 80, growth: 2.5 })
  expect(load?.throughputMaxPerSec).toBe(25)
})

test('X_max = min T_i, and the bottleneck = argmax U_i is where the minimum is', () => {
  fc.assert(
    fc.property(stations, rate, (list, entry) => {
      const loads = loadsOf(list, entry)
      const bottleneck = bottleneckOf(loads)
      const most = Math.max(...list.map((s) => (s.ratePerSec * (s.serviceMs as number)) / 1_000 / s.concurrency))
      expect(bottleneck?.utilisation).toBeCloseTo(most, 9)
      expect(loads[0]).toBe(bottleneck)
      const max = throughputMax(loads) as number
      expect(max).toBe(Math.min(...loads.map((l) => l.throughputMaxPerSec as number)))
      expect((bottleneck?.throughputMaxPerSec ?? 0) / max).toBeCloseTo(1, 9)
    }),
  )
})

test('as all load grows alike, the bottleneck stays, and at X_max exactly it is full while nobody is over', () => {
  fc.assert(
    fc.property(stations, rate, (list, entry) => {
      const loads = loadsOf(list, entry)
      const growth = (throughputMax(loads) as number) / entry
      const grown = loadsOf(
        list.map((s) => ({ ...s, ratePerSec: s.ratePerSec * growth })),
        entry * growth,
      )
      expect(bottleneckOf(loads)?.growth).toBeCloseTo(growth, 6)
      for (const load of grown) expect(load.utilisation).toBeLessThanOrEqual(1 + 1e-9)
      expect(bottleneckOf(grown)?.utilisation).toBeCloseTo(1, 9)
      // Visits and demands are of one request, so that load changes neither.
      for (const load of grown) {
        expect(load.visits).toBeCloseTo(loads.find((l) => l.id === load.id)?.visits as number, 6)
      }
    }),
  )
})

test('what is not known is nobody’s bottleneck', () => {
  const loads = loadsOf(
    [
      { id: 'a', service: 's', ratePerSec: 1_000, serviceMs: null, concurrency: 1 },
      { id: 'b', service: 's', ratePerSec: 1, serviceMs: 10, concurrency: 1 },
    ],
    null,
  )
  expect(loads.map((l) => [l.id, l.utilisation, l.throughputMaxPerSec])).toEqual([
    ['b', 0.01, null],
    ['a', null, null],
  ])
  expect(bottleneckOf(loads)?.id).toBe('b')
  expect(bottleneckOf(loadsOf([], 5))).toBeNull()
  expect(throughputMax([])).toBeNull()
})

test('Little: the area under what is in flight is the sum of durations, whatever overlaps', () => {
  const calls = fc.array(
    fc.tuple(fc.double({ min: 0, max: 25_000, noNaN: true }), fc.double({ min: 0, max: 5_000, noNaN: true })),
    { minLength: 30, maxLength: 200 },
  )
  fc.assert(
    fc.property(calls, (list) => {
      const windowMs = 30_000
      const turns = list.flatMap(([at, ms]) => [
        { at, by: 1 },
        { at: at + ms, by: -1 },
      ])
      let [area, inFlight, last] = [0, 0, 0]
      for (const turn of turns.sort((a, b) => a.at - b.at)) {
        area += inFlight * (turn.at - last)
        inFlight += turn.by
        last = turn.at
      }
      const meanMs = list.reduce((sum, [, ms]) => sum + ms, 0) / list.length
      const ratePerSec = list.length / (windowMs / 1_000)
      const check = checkLittle({ count: list.length, ratePerSec, meanMs, inFlight: area / windowMs })
      expect(check.measured).toBeCloseTo(check.expected, 6)
      expect(check.verdict).toBe('agrees')
    }),
  )
})

test('a gauge that says something else is told; with few requests nothing is', () => {
  const flow = { count: 500, ratePerSec: 20, meanMs: 100, inFlight: 5 }
  expect(checkLittle(flow)).toEqual({ expected: 2, measured: 5, verdict: 'differs' })
  expect(checkLittle({ ...flow, inFlight: 2.2 }).verdict).toBe('agrees')
  expect(checkLittle({ ...flow, count: 29 }).verdict).toBe('unknown')
})

const edge = (caller: string, callee: string, ratePerSec: number) => ({ caller, callee, ratePerSec })

test('paths go from where requests enter to where they end, with the share that goes on', () => {
  const paths = pathsOf([
    edge('gateway', 'storefront', 10),
    edge('storefront', 'orders', 2),
    edge('storefront', 'inventory', 20),
    edge('orders', 'payments', 2),
    edge('idle', 'orders', 0),
  ])
  expect(paths).toEqual([
    { services: ['gateway', 'storefront', 'inventory'], visits: 2 },
    { services: ['gateway', 'storefront', 'orders', 'payments'], visits: 0.2 },
  ])
})

test('paths of any graph are bounded, without repetition, along edges that are there', () => {
  const name = fc.integer({ min: 0, max: 9 }).map((n) => `s${n}`)
  const perSec = fc.integer({ min: 0, max: 500 }).map((n) => n / 10)
  const graph = fc.array(fc.tuple(name, name, perSec), { maxLength: 60 })
  fc.assert(
    fc.property(graph, (list) => {
      const edges = list.map(([caller, callee, ratePerSec]) => edge(caller, callee, ratePerSec))
      const paths = pathsOf(edges)
      expect(paths.length).toBeLessThanOrEqual(50)
      for (const { services, visits } of paths) {
        expect(new Set(services).size).toBe(services.length)
        expect(visits).toBeGreaterThan(0)
        for (let i = 1; i < services.length; i++) {
          expect(edges.some((e) => e.caller === services[i - 1] && e.callee === services[i])).toBe(true)
        }
      }
    }),
  )
})

test('the first to give way along a path is the one of the highest utilisation on it', () => {
  const utilisation = new Map([
    ['storefront', 0.2],
    ['orders', 0.8],
    ['payments', 0.5],
  ])
  expect(firstSaturation(['gateway', 'storefront', 'orders', 'payments'], utilisation)).toEqual({
    service: 'orders',
    growth: 1.25,
  })
  expect(firstSaturation(['gateway', 'storefront'], utilisation)).toEqual({ service: 'storefront', growth: 5 })
  expect(firstSaturation(['gateway'], utilisation)).toBeNull()
})
