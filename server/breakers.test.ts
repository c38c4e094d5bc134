import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { BreakerSettings } from '../core/breaker-config.ts'
import { overrideBreaker, resetBreaker, tripBreaker } from './breakers/change.ts'
import { newRecord } from './breakers/fleet-breaker.ts'
import { Breakers, type Report } from './breakers.ts'
import { type TestRegistry, testRegistry } from './test-registry.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
const OPERATOR = { actor: 'user:ada@example.org', operationId: null }

interface Fleet extends AsyncDisposable {
  t: TestRegistry
  breakers: Breakers
  report(caller: string, name: string, counts: [calls: number, failures: number], more?: Partial<Report>): void
  declare(
    caller: string,
    name: string,
    defaults?: BreakerSettings,
    target?: { service: string; instance?: string },
  ): void
  pass(ms: number): Promise<void>
  restart(downMs: number): Promise<void>
}

async function fleet(): Promise<Fleet> {
  const t = await testRegistry()
  const make = async () => {
    const breakers = new Breakers({
      store: t.file.store,
      clock: t.clock,
      log: pino({ level: 'silent' }),
      registry: t.registry,
      random: () => 0.5,
    })
    await breakers.start()
    return breakers
  }
  const base = {
    owner: 'token:fleet',
    service: null,
    session: '1',
    appliedSeq: 0,
    spanMs: 1_000,
    names: [],
    counts: [],
  }
  const f: Fleet = {
    t,
    breakers: await make(),
    declare(caller, name, defaults = {}, target) {
      f.breakers.report({ ...base, caller, declared: [{ name, ...target, defaults }] })
    },
    report(caller, name, [calls, failures], more = {}) {
      const { generation } = f.breakers.view(name)
      f.breakers.report({
        ...base,
        caller,
        declared: [],
        names: [name],
        counts: [generation, calls, failures, 0, 0, calls, 0],
        ...more,
      })
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        t.clock.advance(Math.min(100, left))
        f.breakers.tick()
        await turn()
      }
    },
    async restart(downMs) {
      f.breakers.stop()
      await t.restart(downMs)
      f.breakers = await make()
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  }
  return f
}

describe('the fleet decides', () => {
  it('with a quorum: one of three callers that fails opens nothing, two of three do', async () => {
    await using f = await fleet()
    for (const caller of ['a', 'b', 'c']) f.declare(caller, 'charge')
    for (const caller of ['b', 'c']) f.report(caller, 'charge', [100, 0])
    f.report('a', 'charge', [300, 300])
    await turn()
    expect(f.breakers.view('charge')).toMatchObject({ effective: 'closed', held: { why: 'quorum' } })
    f.report('b', 'charge', [100, 90])
    await turn()
    const view = f.breakers.view('charge')
    expect(view).toMatchObject({ effective: 'open', cause: { what: 'failure-rate', who: 'fleet' } })
    expect(view.cause.detail).toContain('2 of 3 callers')
  })

  it('on figures of the present state only: what was seen before decides nothing', async () => {
    await using f = await fleet()
    f.declare('a', 'charge')
    const { generation } = f.breakers.view('charge')
    await f.t.file.store.transact(OPERATOR, (tx) =>
      tripBreaker(tx, { name: 'charge', reason: 'to see', ...f.breakers.known('charge'), random: () => 0.5 }),
    )
    await f.t.file.store.transact(OPERATOR, (tx) =>
      resetBreaker(tx, { name: 'charge', reason: 'seen', ...f.breakers.known('charge') }),
    )
    f.report('a', 'charge', [100, 100], { counts: [generation, 100, 100, 0, 1, 100, 0] })
    await turn()
    expect(f.breakers.view('charge').effective).toBe('closed')
  })

  it('shuts out at most a share of a service’s instances', async () => {
    await using f = await fleet()
    for (let i = 1; i <= 4; i++) await f.t.register({ id: `pay-${i}`, name: 'pay', address: `127.0.0.1:400${i}` })
    for (let i = 1; i <= 4; i++) {
      f.declare('a', `pay/pay-${i}`, {}, { service: 'pay', instance: `pay-${i}` })
      f.report('a', `pay/pay-${i}`, [100, 100])
      await turn()
    }
    const states = [1, 2, 3, 4].map((i) => f.breakers.view(`pay/pay-${i}`))
    expect(states.map(({ state }) => state)).toEqual(['open', 'open', 'closed', 'closed'])
    expect(states[2]?.held).toMatchObject({ why: 'ejection-cap' })
  })

  it('gives each permit once, and takes back what a holder that died had', async () => {
    await using f = await fleet()
    f.declare('a', 'charge', { openMs: 1_000, halfOpenPermits: 2, permitMs: 3_000, successThreshold: 2, openJitter: 0 })
    f.report('a', 'charge', [100, 100])
    await turn()
    expect(f.breakers.acquireProbe('charge', 'a', 5)).toMatchObject({ permits: [], effective: 'open' })
    await f.pass(1_200)
    const first = f.breakers.acquireProbe('charge', 'a', 5)
    expect(first.permits).toHaveLength(2)
    expect(f.breakers.acquireProbe('charge', 'b', 5).permits).toHaveLength(0)
    await f.pass(3_100)
    const second = f.breakers.acquireProbe('charge', 'b', 5)
    expect(second.permits).toHaveLength(2)
    const [lost] = first.permits
    const probe = { generation: first.generation, outcome: 'failure' as const }
    expect(f.breakers.releaseProbe('charge', 'a', { ...probe, id: lost?.id ?? '' })).toEqual({ counted: false })
    for (const { id } of second.permits) {
      f.breakers.releaseProbe('charge', 'b', { id, generation: second.generation, outcome: 'success' })
    }
    await turn()
    expect(f.breakers.view('charge').effective).toBe('closed')
  })
})

describe('an operator', () => {
  const wish = (f: Fleet, mode: 'forced-open' | 'metrics-only', forMs: number | null, expectedVersion?: number) =>
    f.t.file.store.transact(OPERATOR, (tx) =>
      overrideBreaker(tx, {
        name: 'charge',
        reason: 'their database moves',
        mode,
        forMs,
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
        fresh: f.breakers.fresh('charge'),
        orNew: newRecord('charge', tx.now, { service: null, instance: null }),
      }),
    )

  it('is above the fleet, until it runs out; underneath the automatic state is as it was', async () => {
    await using f = await fleet()
    f.declare('a', 'charge')
    await wish(f, 'forced-open', 5_000)
    expect(f.breakers.view('charge')).toMatchObject({ state: 'closed', effective: 'open' })
    await f.pass(4_800)
    expect(f.breakers.view('charge').effective).toBe('open')
    await f.pass(400)
    expect(f.breakers.view('charge')).toMatchObject({ state: 'closed', effective: 'closed', override: null })
  })

  it('that comes second is told of the first', async () => {
    await using f = await fleet()
    f.declare('a', 'charge')
    const { version } = f.breakers.view('charge')
    await wish(f, 'forced-open', null, version)
    await expect(wish(f, 'metrics-only', null, version)).rejects.toThrow(/user:ada@example\.org.*their database moves/)
  })

  it('B3: what was forced and what was open stay so over a restart, an open time whole', async () => {
    await using f = await fleet()
    f.declare('a', 'charge')
    f.declare('a', 'other', { openMs: 10_000, openJitter: 0 })
    await wish(f, 'forced-open', null)
    f.report('a', 'other', [100, 100])
    await turn()
    await f.pass(9_000)
    await f.restart(3_600_000)
    expect(f.breakers.view('charge').effective).toBe('open')
    await f.pass(9_000)
    expect(f.breakers.view('other').state).toBe('open')
    await f.pass(1_200)
    expect(f.breakers.view('other').state).toBe('half-open')
  })
})

it('a wall clock that jumps by an hour closes and opens nothing', async () => {
  await using f = await fleet()
  f.declare('a', 'charge', { openMs: 10_000, openJitter: 0 })
  f.report('a', 'charge', [100, 100])
  await turn()
  f.t.clock.jumpWall(3_600_000)
  await f.pass(5_000)
  expect(f.breakers.view('charge').state).toBe('open')
  f.t.clock.jumpWall(-7_200_000)
  await f.pass(4_000)
  expect(f.breakers.view('charge').state).toBe('open')
  await f.pass(1_500)
  expect(f.breakers.view('charge').state).toBe('half-open')
})
