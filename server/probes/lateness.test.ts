import { describe, expect, it } from 'vitest'
import type { CheckSpec } from '../../core/instance.ts'
import { CHECK, quantile, Simulation, TICK_MS } from './simulation.ts'

/** How late each look at an address began, judged from outside: by the gap to the one before. */
function lateness(sim: Simulation, addresses: Iterable<string>, intervalMs: number, from: number): number[] {
  const late: number[] = []
  for (const address of addresses) {
    const times = (sim.calls.get(address) ?? []).filter((at) => at >= from)
    for (let i = 1; i < times.length; i++) late.push((times[i] ?? 0) - (times[i - 1] ?? 0) - intervalMs)
    // One that is not looked at any more is the latest of all.
    late.push(sim.clock.monotonic() - (times.at(-1) ?? from) - intervalMs)
  }
  return late
}

function fleet(sim: Simulation, count: number, check: CheckSpec): string[] {
  return Array.from({ length: count }, (_, i) => {
    const id = `i-${i}`
    sim.probes.set({ id, generation: 1, service: `s-${i % 50}`, address: `${id}:80`, check })
    return `${id}:80`
  })
}

describe('with 10% of the targets black-holed (H3)', () => {
  it.each([
    { count: 2_000, intervalMs: 5_000, timeoutMs: 5_000 },
    { count: 4_000, intervalMs: 10_000, timeoutMs: 2_000 },
    { count: 10_000, intervalMs: 10_000, timeoutMs: 10_000 },
  ])('the others are late by less than an interval: $count, timeout $timeoutMs of $intervalMs ms', async (p) => {
    const sim = new Simulation(p.count)
    const check = { ...CHECK, intervalMs: p.intervalMs, timeoutMs: p.timeoutMs }
    const addresses = fleet(sim, p.count, check)
    const holes = new Set(addresses.filter((_, i) => i % 10 === 0))
    // The burst of first looks is spread at 200 a second, or by the grid.
    await sim.run(p.intervalMs * 2)
    const from = sim.clock.monotonic()
    sim.behaviour = (address) => (holes.has(address) ? { kind: 'silent' } : { kind: 'answers', afterMs: 20 })
    await sim.run(p.intervalMs * 4)
    const late = lateness(
      sim,
      addresses.filter((address) => !holes.has(address)),
      p.intervalMs,
      from,
    )
    expect(quantile(late, 0.99)).toBeLessThan(p.intervalMs * 0.2 + TICK_MS)
    expect(sim.probes.stats().lateP99Ms).toBeLessThan(p.intervalMs)
    expect(sim.worstPerAddress).toBe(1)
    expect(sim.worstTotal).toBeLessThanOrEqual(2_048)
    for (const address of [...holes].slice(0, 20)) expect(sim.of(address.slice(0, -3)).at(-1)?.status).toBe('failing')
  })

  it('holds after a restart that finds them black-holed', async () => {
    const sim = new Simulation()
    sim.behaviour = (address) => (Number(address.slice(2, -3)) % 10 === 0 ? { kind: 'silent' } : { kind: 'answers' })
    const addresses = fleet(sim, 3_000, { ...CHECK, intervalMs: 5_000, timeoutMs: 5_000 })
    await sim.run(25_000)
    const late = lateness(
      sim,
      addresses.filter((_, i) => i % 10 !== 0),
      5_000,
      5_000,
    )
    expect(quantile(late, 0.99)).toBeLessThan(5_000 * 0.5)
  })
})

describe('ten thousand targets', () => {
  it('are spread over the interval', async () => {
    const sim = new Simulation()
    fleet(sim, 10_000, CHECK)
    await sim.run(30_000)
    const from = sim.clock.monotonic()
    await sim.run(10_000)
    const perSecond = new Map<number, number>()
    for (const times of sim.calls.values()) {
      for (const at of times) {
        const second = Math.floor((at - from) / 1_000)
        if (second >= 0 && second < 10) perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
      }
    }
    expect(perSecond.size).toBe(10)
    for (const count of perSecond.values()) {
      expect(count).toBeGreaterThan(850)
      expect(count).toBeLessThan(1_150)
    }
  })

  it('cost nothing at a tick when none is due', () => {
    const spent = (count: number) => {
      const sim = new Simulation()
      fleet(sim, count, { ...CHECK, intervalMs: 3_600_000 })
      const begun = performance.now()
      for (let i = 0; i < 20_000; i++) sim.probes.tick()
      return performance.now() - begun
    }
    spent(100)
    // 20,000 ticks take some milliseconds; were each to walk through 10,000 targets, it would be a second and more.
    expect(spent(10_000)).toBeLessThan(spent(100) * 20 + 100)
  })

  it('replaced again and again do not pile up', async () => {
    const sim = new Simulation()
    const check = { ...CHECK, intervalMs: 3_600_000 }
    for (let generation = 1; generation <= 300; generation++) {
      for (let i = 0; i < 50; i++)
        sim.probes.set({ id: `i-${i}`, generation, service: 's', address: `i-${i}:80`, check })
    }
    await sim.run(5_000)
    expect(sim.probes.stats().targets).toBe(50)
    expect(sim.told).toHaveLength(50)
    expect(sim.told.every((told) => told.generation === 300)).toBe(true)
  })
})
