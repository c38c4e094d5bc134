import { describe, expect, it } from 'vitest'
import type { CheckSpec } from '../core/instance.ts'
import { type Behaviour, CHECK, Simulation, TICK_MS } from './probes/simulation.ts'

const INTERVAL = CHECK.intervalMs

function add(sim: Simulation, count: number, services = 1, check: CheckSpec = CHECK): string[] {
  const ids = Array.from({ length: count }, (_, i) => `i-${i}`)
  ids.forEach((id, i) => {
    sim.probes.set({ id, generation: 1, service: `s-${i % services}`, address: `${id}:80`, check })
  })
  return ids
}

/** All of them behave alike. */
const all = (behaviour: Behaviour) => () => behaviour

describe('one target', () => {
  it('is looked at soon after it is added, then once an interval', async () => {
    const sim = new Simulation()
    add(sim, 1)
    await sim.run(6 * INTERVAL + 1_000)
    const times = sim.calls.get('i-0:80') ?? []
    expect(times[0]).toBeLessThanOrEqual(300 + TICK_MS)
    expect(times.length).toBeGreaterThanOrEqual(6)
    const gaps = times.slice(2).map((at, i) => at - (times[i + 1] ?? 0))
    for (const gap of gaps) {
      expect(gap).toBeGreaterThan(INTERVAL * 0.9)
      expect(gap).toBeLessThan(INTERVAL * 1.1)
    }
    expect(sim.told.every((t) => t.status === 'passing' && t.output === 'HTTP 200: ok' && t.generation === 1)).toBe(
      true,
    )
    expect(sim.told).toHaveLength(times.length)
    expect(sim.told[0]?.at).toBe(1_700_000_000_000 + (sim.told[0]?.toldAt ?? 0))
    expect(sim.told[0]?.durationMs).toBe(5)
  })

  it.each<[Behaviour, string, string]>([
    [{ kind: 'answers', status: 204, body: '' }, 'passing', 'HTTP 204'],
    [{ kind: 'answers', status: 429, body: 'slow down' }, 'warning', 'HTTP 429: slow down'],
    [{ kind: 'answers', status: 503, body: 'no database' }, 'failing', 'HTTP 503: no database'],
    [{ kind: 'answers', status: 302, body: 'moved' }, 'failing', 'HTTP 302: a redirect, which is not followed'],
    [
      { kind: 'answers', status: 200, body: '\u001b[31ma\u0000\u202eb\r\nc\u2028d' },
      'passing',
      'HTTP 200: [31ma b c d',
    ],
    [{ kind: 'fails', cause: 'ECONNREFUSED', local: false }, 'failing', 'i-0:80: ECONNREFUSED.'],
    [{ kind: 'fails', cause: 'EMFILE', local: true }, 'unknown', 'i-0:80: EMFILE.'],
    [{ kind: 'forbidden' }, 'unknown', 'i-0:80 may not be called: it is a link-local address.'],
    [{ kind: 'silent' }, 'failing', 'i-0:80: timed out after 2000 ms, connecting.'],
  ])('that %j is %s', async (behaviour, status, output) => {
    const sim = new Simulation()
    sim.behaviour = all(behaviour)
    add(sim, 1)
    await sim.run(4_000)
    expect(sim.told[0]).toMatchObject({ status, output })
  })

  it('keeps an excerpt of 300 characters', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'answers', body: '🦊'.repeat(2_000) })
    add(sim, 1)
    await sim.run(2_000)
    const { output = '' } = sim.told[0] ?? {}
    expect([...output]).toHaveLength(300)
    expect(output.endsWith('🦊…')).toBe(true)
  })

  it('may be checked by a connection alone', async () => {
    const sim = new Simulation()
    const { http: _http, ...rest } = CHECK
    add(sim, 1, 1, { ...rest, tcp: true })
    await sim.run(2_000)
    expect(sim.told[0]).toMatchObject({ status: 'passing', output: 'accepts connections' })
  })

  it('is left alone once removed, even by a probe under way', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'answers', afterMs: 1_000 })
    add(sim, 1)
    await sim.run(600)
    expect(sim.calls.get('i-0:80')).toHaveLength(1)
    sim.probes.delete('i-0')
    await sim.run(5 * INTERVAL)
    expect(sim.told).toEqual([])
    expect(sim.calls.get('i-0:80')).toHaveLength(1)
  })

  it('set anew during a probe has no second one at the same time, and no result of the old', async () => {
    for (const removeFirst of [false, true]) {
      const sim = new Simulation()
      sim.behaviour = all({ kind: 'answers', afterMs: 1_500 })
      add(sim, 1)
      await sim.run(600)
      if (removeFirst) sim.probes.delete('i-0')
      sim.probes.set({ id: 'i-0', generation: 2, service: 's-0', address: 'i-0:80', check: CHECK })
      await sim.run(5_000)
      expect(sim.worstPerAddress).toBe(1)
      expect(sim.told.map((t) => t.generation)).toEqual([2])
    }
  })

  it('whose probes take the whole interval is probed one after the other', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'silent' })
    add(sim, 1, 1, { ...CHECK, intervalMs: 1_000, timeoutMs: 1_000 })
    await sim.run(20_000)
    expect(sim.worstPerAddress).toBe(1)
    expect(sim.calls.get('i-0:80')?.length).toBeGreaterThan(15)
  })

  it('does not stop being checked when a result cannot be taken in', async () => {
    const sim = new Simulation()
    sim.onResult = () => Promise.reject(new Error('the database is away'))
    add(sim, 1)
    await sim.run(3 * INTERVAL)
    expect(sim.told.length).toBeGreaterThanOrEqual(3)
    expect(sim.probes.stats().deliveryErrors).toBe(sim.told.length)
  })
})

describe('checking now', () => {
  it('looks at once and tells everybody once', async () => {
    const sim = new Simulation()
    add(sim, 1)
    await sim.run(3_000)
    const before = sim.told.length
    const asked = sim.probes.checkNow('i-0')
    expect(sim.calls.get('i-0:80')).toHaveLength(before + 1)
    await sim.run(100)
    expect((await asked).status).toBe('passing')
    expect(sim.told).toHaveLength(before + 1)
  })

  it('joins the probe under way', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'answers', afterMs: 1_000 })
    add(sim, 1)
    await sim.run(500)
    const asked = Promise.all([sim.probes.checkNow('i-0'), sim.probes.checkNow('i-0')])
    await sim.run(2_000)
    const [a, b] = await asked
    expect(a).toEqual(b)
    expect(sim.told).toHaveLength(1)
    expect(sim.worstPerAddress).toBe(1)
  })

  it('answers when the result has been taken in', async () => {
    const sim = new Simulation()
    let takenIn: () => void = () => {}
    sim.onResult = () =>
      new Promise<void>((resolve) => {
        takenIn = resolve
      })
    add(sim, 1)
    let answered = false
    const asked = sim.probes.checkNow('i-0').then(() => {
      answered = true
    })
    await sim.run(200)
    expect(sim.told).toHaveLength(1)
    expect(answered).toBe(false)
    takenIn()
    await asked
  })

  it('keeps the rhythm of the others', async () => {
    const sim = new Simulation()
    add(sim, 1)
    await sim.run(INTERVAL * 2)
    for (let i = 0; i < 20; i++) {
      const asked = sim.probes.checkNow('i-0')
      await sim.run(500)
      await asked
    }
    const before = sim.calls.get('i-0:80')?.length ?? 0
    await sim.run(INTERVAL * 2)
    const after = (sim.calls.get('i-0:80')?.length ?? 0) - before
    expect(after).toBeGreaterThanOrEqual(1)
    expect(after).toBeLessThanOrEqual(2)
  })

  it('is refused for what has no check, and while stopping', async () => {
    const sim = new Simulation()
    await expect(sim.probes.checkNow('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    add(sim, 1)
    const asked = sim.probes.checkNow('i-0')
    const stopped = sim.probes.stop()
    await expect(asked).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    await stopped
    await expect(sim.probes.checkNow('i-0')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    await sim.run(INTERVAL)
    expect(sim.told).toEqual([])
  })
})

describe('when the prober itself cannot see (H2)', () => {
  it('nothing fails while its network is gone', async () => {
    const sim = new Simulation()
    add(sim, 20, 3)
    await sim.run(2 * INTERVAL)
    sim.behaviour = all({ kind: 'fails', cause: 'ENETUNREACH', local: true })
    const before = sim.told.length
    await sim.run(3 * INTERVAL)
    expect(new Set(sim.told.slice(before).map((t) => t.status))).toEqual(new Set(['unknown']))
  })

  for (const count of [5, 8, 40, 400]) {
    it(`nothing fails when all of ${count} fall silent together, and all is well after it`, async () => {
      const sim = new Simulation(count)
      const ids = add(sim, count, 2)
      await sim.run(2 * INTERVAL)
      expect(sim.told.every((t) => t.status === 'passing')).toBe(true)
      const before = sim.told.length
      sim.behaviour = all({ kind: 'silent' })
      await sim.run(5 * INTERVAL)
      const during = sim.told.slice(before).filter((t) => t.status !== 'passing')
      expect(during.length).toBeGreaterThan(count * 3)
      expect(during.filter((t) => t.status === 'failing')).toEqual([])
      expect(during[0]?.output).toMatch(/^\d+ of \d+ checks fell silent together/)
      expect(sim.probes.stats().outage).not.toBeNull()
      sim.behaviour = all({ kind: 'answers' })
      await sim.run(2 * INTERVAL)
      for (const id of ids) expect(sim.of(id).at(-1)?.status).toBe('passing')
      expect(sim.told.some((t) => t.status === 'failing')).toBe(false)
      expect(sim.probes.stats().outage).toBeNull()
    })
  }

  it('nothing fails when it starts cut off', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'silent' })
    add(sim, 30, 3)
    await sim.run(3 * INTERVAL)
    expect(new Set(sim.told.map((t) => t.status))).toEqual(new Set(['unknown']))
  })

  it('what was down before stays down in it', async () => {
    const sim = new Simulation()
    const down = new Set(['i-0:80', 'i-1:80'])
    sim.behaviour = (address) => (down.has(address) ? { kind: 'silent' } : { kind: 'answers' })
    add(sim, 20, 3)
    await sim.run(4 * INTERVAL)
    expect(sim.of('i-0').at(-1)?.status).toBe('failing')
    sim.behaviour = all({ kind: 'silent' })
    await sim.run(3 * INTERVAL)
    expect(sim.of('i-0').at(-1)?.status).toBe('failing')
    expect(sim.of('i-5').at(-1)?.status).toBe('unknown')
  })

  it('a refused connection is news of the other side, however many there are', async () => {
    const sim = new Simulation()
    const ids = add(sim, 20, 3)
    await sim.run(2 * INTERVAL)
    sim.behaviour = all({ kind: 'fails', cause: 'ECONNREFUSED', local: false })
    await sim.run(2 * INTERVAL)
    for (const id of ids) expect(sim.of(id).at(-1)?.status).toBe('failing')
  })

  it('less than half falling silent is believed', async () => {
    const sim = new Simulation()
    add(sim, 20, 3)
    await sim.run(2 * INTERVAL)
    sim.behaviour = (address) => (Number(address.slice(2, -3)) < 8 ? { kind: 'silent' } : { kind: 'answers' })
    await sim.run(4 * INTERVAL)
    for (let i = 0; i < 8; i++) {
      const silent = sim.of(`i-${i}`).filter((t) => t.status !== 'passing')
      expect(silent.length).toBeGreaterThanOrEqual(2)
      expect(silent.every((t) => t.status === 'failing')).toBe(true)
    }
  })

  it.each([
    ['four targets', 4, 2],
    ['one service', 20, 1],
  ])('the silence of %s is believed: too few to tell', async (_what, count, services) => {
    const sim = new Simulation()
    add(sim, count, services)
    await sim.run(2 * INTERVAL)
    sim.behaviour = all({ kind: 'silent' })
    const before = sim.told.length
    await sim.run(2 * INTERVAL)
    const silent = sim.told.slice(before).filter((t) => t.status !== 'passing')
    expect(silent.length).toBeGreaterThan(count)
    expect(silent.every((t) => t.status === 'failing')).toBe(true)
  })

  it('those long dead do not make the next death an outage', async () => {
    const sim = new Simulation()
    const dead = new Set<string>()
    sim.behaviour = (address) => (dead.has(address) ? { kind: 'silent' } : { kind: 'answers' })
    add(sim, 12, 3)
    await sim.run(2 * INTERVAL)
    // Scaled down one by one, without anybody deregistering: nine of twelve in the end.
    for (let i = 0; i < 9; i++) {
      dead.add(`i-${i}:80`)
      await sim.run(3 * INTERVAL)
    }
    for (let i = 0; i < 9; i++) expect(sim.of(`i-${i}`).at(-1)?.status).toBe('failing')
    expect(sim.told.some((t) => t.status === 'unknown')).toBe(false)
  })

  it('those known to be down before a restart do not make it look like an outage', async () => {
    const sim = new Simulation()
    sim.behaviour = (address) => (Number(address.slice(2, -3)) < 9 ? { kind: 'silent' } : { kind: 'answers' })
    for (let i = 0; i < 12; i++) {
      const target = { id: `i-${i}`, generation: 1, service: `s-${i % 3}`, address: `i-${i}:80`, check: CHECK }
      sim.probes.set({ ...target, failing: i < 9 })
    }
    await sim.run(3 * INTERVAL)
    for (let i = 0; i < 9; i++) expect(sim.of(`i-${i}`).every((t) => t.status === 'failing')).toBe(true)
  })

  it('a silence is told with the second at the latest, and in order', async () => {
    const sim = new Simulation()
    sim.behaviour = (address) => (address === 'i-0:80' ? { kind: 'silent' } : { kind: 'answers' })
    add(sim, 10, 2)
    await sim.run(4 * INTERVAL)
    const told = sim.of('i-0')
    const calls = sim.calls.get('i-0:80') ?? []
    expect(told.length).toBeGreaterThanOrEqual(calls.length - 1)
    expect(told.map((t) => t.at)).toEqual(told.map((t) => t.at).sort((a, b) => a - b))
    expect(told.every((t) => t.status === 'failing')).toBe(true)
  })

  it('a silence among many that are heard is told within seconds', async () => {
    const sim = new Simulation()
    add(sim, 100, 2)
    await sim.run(2 * INTERVAL)
    sim.behaviour = (address) => (address === 'i-0:80' ? { kind: 'silent' } : { kind: 'answers' })
    await sim.run(INTERVAL + 5_000)
    const first = sim.of('i-0').find((t) => t.status === 'failing')
    expect(first).toBeDefined()
    expect((first?.toldAt ?? 0) - ((first?.at ?? 0) - 1_700_000_000_000)).toBeLessThan(3_000)
  })

  it('being held up for longer than the time of a probe makes it unknown', async () => {
    const sim = new Simulation()
    sim.behaviour = all({ kind: 'silent' })
    add(sim, 1)
    await sim.run(400)
    expect(sim.calls.get('i-0:80')).toHaveLength(1)
    await sim.stall(2_500)
    expect(sim.told[0]).toMatchObject({ status: 'unknown' })
    expect(sim.told[0]?.output).toContain('held up')
    await sim.run(2 * INTERVAL)
    expect(sim.told.at(-1)?.status).toBe('failing')
  })
})
