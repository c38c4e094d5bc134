import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../core/gateway/fault.ts'
import type { Route, RouteSpec } from '../core/gateway/route.ts'
import { type RouteParts, testRoute } from '../core/gateway/test-route.ts'
import type { GatewayMessage, RequestEntry } from '../core/gateway/view.ts'
import { KEPT, putRoute, REVISIONS_MAX, removeRoute, rollBack, told } from './gateway/change.ts'
import { endFault, inject } from './gateway/faults.ts'
import { LOG_MAX, RequestLog } from './gateway/request-log.ts'
import { revisionsOf } from './gateway/revisions.ts'
import { Gateway, type WorkerReport } from './gateway.ts'
import { type TestRegistry, testRegistry } from './test-registry.ts'

const ADA = { actor: 'user:ada@example.org', operationId: null }
const BOB = { actor: 'user:bob@example.org', operationId: null }

interface Desk extends AsyncDisposable {
  t: TestRegistry
  gateway: Gateway
  put(id: string, parts?: RouteParts, more?: { expectedRevision?: number; by?: typeof ADA }): Promise<Route>
  remove(id: string): Promise<unknown>
  back(to: number, expectedRevision?: number): Promise<{ revision: number; routes: string[] }>
  routes(): Promise<Route[]>
  revision(): Promise<number>
}

async function desk(): Promise<Desk> {
  const t = await testRegistry()
  const gateway = new Gateway({
    store: t.file.store,
    clock: t.clock,
    log: pino({ level: 'silent' }),
    registry: t.registry,
  })
  await gateway.start()
  const { store } = t.file
  const d: Desk = {
    t,
    gateway,
    routes: () => store.read((tx) => tx.q.gateway.routes()),
    revision: () => store.read((tx) => tx.q.gateway.revision()),
    put: (id, parts = {}, { expectedRevision, by = ADA } = {}) =>
      store.transact(by, async (tx) => {
        const at = expectedRevision ?? (await tx.q.gateway.route(id))?.revision ?? 0
        const {
          revision: _r,
          updatedAt: _at,
          updatedBy: _by,
          reason: _why,
          ...route
        } = testRoute(id, {
          match: { path: { kind: 'prefix', value: `/${id}` } },
          ...parts,
        })
        return putRoute(tx, { route, reason: `set ${id}`, expectedRevision: at }, [])
      }),
    remove: (id) =>
      store.transact(ADA, async (tx) =>
        removeRoute(tx, { id, reason: 'gone', expectedRevision: (await tx.q.gateway.route(id))?.revision ?? 0 }),
      ),
    back: (to, expectedRevision) =>
      store.transact(ADA, async (tx) =>
        rollBack(tx, { to, reason: 'back', expectedRevision: expectedRevision ?? (await tx.q.gateway.revision()) }, []),
      ),
    async [Symbol.asyncDispose]() {
      gateway.stop()
      await t[Symbol.asyncDispose]()
    },
  }
  return d
}

const bare = (routes: readonly Route[]): RouteSpec[] =>
  routes.map(({ revision: _r, updatedAt: _a, updatedBy: _b, reason: _c, ...spec }) => spec)

describe('changing routes', () => {
  it('each change is a revision, with who, why, before and after; in the journal and the audit trail too', async () => {
    await using d = await desk()
    await d.put('a')
    await d.put('a', { priority: 5 }, { by: BOB })
    await d.remove('a')
    const revisions = await d.t.file.store.read((tx) => revisionsOf(tx, null, 10))
    expect(revisions.map(({ revision, actor, reason }) => [revision, actor, reason])).toEqual([
      [3, ADA.actor, 'gone'],
      [2, BOB.actor, 'set a'],
      [1, ADA.actor, 'set a'],
    ])
    expect(revisions[1]?.changes[0]).toMatchObject({ route: 'a', before: { priority: 0 }, after: { priority: 5 } })
    const audit = await d.t.file.store.read((tx) => tx.q.audit.list({ limit: 10 } as never))
    expect(JSON.stringify(audit)).toContain('gateway.routes.put')
  })

  it('of two who change the same route one is told who the other is, and nothing is written', async () => {
    await using d = await desk()
    const { revision } = await d.put('a')
    await d.put('a', { priority: 1 }, { by: BOB, expectedRevision: revision })
    await expect(d.put('a', { priority: 2 }, { expectedRevision: revision })).rejects.toThrow(
      /changed by user:bob@example.org meanwhile/,
    )
    await expect(d.put('a', {}, { expectedRevision: 0 })).rejects.toThrow(/There is a route "a" already/)
    await d.remove('a')
    await expect(d.put('a', {}, { expectedRevision: 2 })).rejects.toThrow(/removed by somebody else/)
    expect(await d.revision()).toBe(3)
  })

  it('a route that cannot be taken leaves everything as it was', async () => {
    await using d = await desk()
    await d.put('a')
    await expect(d.put('a', { targets: [] })).rejects.toThrow(/give a service or addresses/)
    await expect(d.put('b', { match: { path: { kind: 'prefix', value: '/a' } } })).rejects.toThrow(/"a" takes the same/)
    expect([await d.revision(), (await d.routes()).map(({ id }) => id)]).toEqual([1, ['a']])
  })

  it('keys are kept as hashes, never told again, and stay when they come back as they were told', async () => {
    await using d = await desk()
    const chain = (keys: [string, string][]) => ({ middleware: [{ use: 'api-key', config: { keys } }] })
    const keysOf = (route: Route | undefined) => route?.middleware[0]?.config.keys as [string, string][]
    await expect(d.put('a', chain([['ada', 'short']]))).rejects.toThrow(/at least 16 characters/)
    const first = await d.put('a', chain([['ada', 'a-long-secret-key-1']]))
    expect(keysOf(first)[0]?.[1]).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(JSON.stringify(told(first))).not.toContain('sha256:')
    const second = await d.put(
      'a',
      chain([
        ['ada', KEPT],
        ['bob', 'a-long-secret-key-2'],
      ]),
    )
    expect(keysOf(second)[0]).toEqual(keysOf(first)[0])
    await expect(d.put('a', chain([['eve', KEPT]]))).rejects.toThrow(/at least 16 characters/)
    const file = await d.t.file.store.read((tx) => tx.q.gateway.revisions(null, 10))
    expect(JSON.stringify(file)).not.toContain('a-long-secret-key')
  })
})

describe('going back', () => {
  it('to any revision makes the routes what they were then, as a new revision', async () => {
    const change = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.integer({ min: 0, max: 5 })))
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 2, maxLength: 10 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        async (changes, turns) => {
          await using d = await desk()
          const history: RouteSpec[][] = [[]]
          for (const [id, priority] of changes) {
            if (priority !== null) await d.put(id, { priority })
            else if ((await d.routes()).some((route) => route.id === id)) await d.remove(id)
            else continue
            history.push(bare(await d.routes()))
          }
          for (const turn of turns) {
            if (history.length < 2) return
            const to = turn % (history.length - 1)
            const wanted = history[to] as RouteSpec[]
            if (JSON.stringify(wanted) === JSON.stringify(history.at(-1))) {
              await expect(d.back(to)).rejects.toThrow(/the same as at revision/)
              continue
            }
            expect((await d.back(to)).revision).toBe(history.length)
            expect(bare(await d.routes())).toEqual(wanted)
            history.push(wanted)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is refused when somebody has changed something meanwhile, and to what is not kept', async () => {
    await using d = await desk()
    await d.put('a')
    await d.put('a', { priority: 1 }, { by: BOB })
    await expect(d.back(0, 1)).rejects.toThrow(/revision 2 now, changed by user:bob@example.org/)
    await expect(d.back(2)).rejects.toThrow(/no revision 2 to go back to/)
    await expect(d.back(7)).rejects.toThrow(/no revision 7/)
  })

  it('revisions are kept up to a number', async () => {
    await using d = await desk()
    await d.put('a')
    await d.t.file.store.transact(ADA, async (tx) => {
      const at = { at: 0, actor: 'x', reason: '', rolledBackTo: null, before: null, after: null }
      const rows = Array.from({ length: REVISIONS_MAX + 50 }, (_, i) => ({ revision: i + 2, route: 'a', ...at }))
      await tx.q.gateway.addRevision(rows)
    })
    await d.put('a', { priority: 1 })
    const newest = await d.revision()
    expect(await d.t.file.store.read((tx) => tx.q.gateway.oldest())).toBeGreaterThanOrEqual(newest - REVISIONS_MAX)
    await expect(d.back(1)).rejects.toThrow(/no revision 1 to go back to: those from/)
  })
})

describe('faults', () => {
  const start = (d: Desk, more: Partial<Parameters<typeof inject>[1]> = {}): Promise<Fault> =>
    d.t.file.store.transact(ADA, (tx) =>
      inject(tx, {
        target: { caller: 'orders', callee: 'payments' },
        share: 1,
        delayMs: 300,
        abortStatus: null,
        reason: 'drill',
        forMs: 60_000,
        ...more,
      }),
    )

  it('end by themselves, by hand once, and need to do something to somebody', async () => {
    await using d = await desk()
    const fault = await start(d)
    await start(d, { forMs: 3_600_000 })
    await d.gateway.settled()
    expect(d.gateway.faults).toHaveLength(2)
    d.t.clock.advance(60_001)
    await d.gateway.tick()
    await d.gateway.settled()
    expect(d.gateway.faults).toHaveLength(1)
    const ending = (id: string) => d.t.file.store.transact(ADA, (tx) => endFault(tx, id, 'enough'))
    await expect(ending(fault.id)).rejects.toThrow(/ended already/)
    await expect(start(d, { delayMs: 0 })).rejects.toThrow(/needs a delay, a status/)
    await expect(start(d, { target: { route: 'none' } })).rejects.toThrow(/no route "none"/)
  })

  it('reach the services whose calls they change, and no other', async () => {
    await using d = await desk()
    await start(d)
    await d.gateway.settled()
    const seen = async (service: string) => {
      const stop = new AbortController()
      for await (const message of d.gateway.followFaults(service, { signal: stop.signal })) {
        stop.abort()
        return (message as unknown as { faults: Fault[] }).faults.length
      }
      return null
    }
    expect([await seen('orders'), await seen('shipping')]).toEqual([1, 0])
  })
})

describe('what workers see', () => {
  const report = (more: Partial<WorkerReport> = {}): WorkerReport => ({
    instance: 'gateway-1',
    worker: 1,
    pid: 1,
    startedAt: 0,
    revision: 1,
    problems: [],
    connections: 0,
    inFlight: 0,
    memoryMB: 50,
    cpu: 0,
    traceKey: 'k',
    address: '127.0.0.1:1',
    routes: [],
    entries: [],
    traces: [],
    middleware: [],
    ...more,
  })
  const counts = (requests: number, errors = 0) => ({
    id: 'a',
    requests,
    errors,
    byClass: [0, requests - errors, 0, 0, errors] as [number, number, number, number, number],
    refusals: {},
    inFlight: 2,
    retries: 0,
  })

  it('is summed over the workers and the last seconds, and told apart from what is configured', async () => {
    await using d = await desk()
    await d.put('a')
    await d.gateway.settled()
    expect(d.gateway.route('a')?.observed.concerns).toContain('No worker of the gateway is connected.')
    d.gateway.report(report({ routes: [counts(10)] }))
    d.gateway.report(report({ instance: 'gateway-2', revision: 0, routes: [counts(10, 10)] }))
    const seen = d.gateway.route('a')?.observed
    expect(seen).toMatchObject({ requests: 20, errors: 10, byClass: [0, 10, 0, 0, 10], inFlight: 4, instances: 0 })
    expect(seen?.concerns).toEqual([
      '1 of 2 workers do not run by it yet.',
      'No instance of "orders" is registered.',
      '50% of its requests fail.',
    ])
    d.t.clock.advance(11_000)
    await d.gateway.tick()
    expect(d.gateway.route('a')?.observed).toMatchObject({ requests: 0, inFlight: 0 })
    expect(d.gateway.workers()).toEqual([])
  })

  it('a follower gets every revision, at once what is there; a burst of changes is one message or few', async () => {
    await using d = await desk()
    await d.put('a')
    await d.gateway.settled()
    const stop = new AbortController()
    const revisions: number[] = []
    const following = (async () => {
      for await (const message of d.gateway.follow({ signal: stop.signal })) {
        revisions.push((message as unknown as GatewayMessage).revision)
        if (revisions.at(-1) === 6) stop.abort()
      }
    })()
    await Promise.all(['b', 'c', 'd', 'e', 'f'].map((id) => d.put(id)))
    await following.catch(() => undefined)
    expect(revisions.at(-1)).toBe(6)
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b))
  })

  it('the log keeps the newest, however many come', () => {
    const log = new RequestLog()
    const entry = (i: number) =>
      ({ id: `r${i}`, status: 200, route: 'a', path: '/', method: 'GET', cut: { totalMs: 1 } }) as RequestEntry
    for (let i = 0; i < LOG_MAX * 3; i += 500) log.add(Array.from({ length: 500 }, (_, j) => entry(i + j)))
    const kept = log.newest({}, LOG_MAX * 2)
    expect(kept.length).toBeLessThanOrEqual(LOG_MAX)
    expect(kept.some(({ id }) => id === `r${LOG_MAX * 3 - 1}`)).toBe(true)
    expect(kept.some(({ id }) => id === 'r0')).toBe(false)
  })
})
