import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from './api/context.ts'
import { policiesRouter } from './api/policies.ts'
import { createCallerFactory } from './api/trpc.ts'
import { Policies, type PolicyMessage } from './policies.ts'
import { type Principal, SYSTEM } from './principal.ts'
import { type TestRegistry, TOKEN, testRegistry } from './test-registry.ts'

let t: TestRegistry
let policies: Policies
const createCaller = createCallerFactory(policiesRouter)
const person = (name: string, role: Principal['role'] = 'operator'): Principal => ({
  ...SYSTEM,
  kind: 'user',
  id: name,
  actor: `user:${name}`,
  name,
  role,
})

function as(principal: Principal) {
  const engines = { store: t.file.store, registry: t.registry, policies, clock: t.clock }
  const ctx = { principal, engines, remoteAddress: '', flow: null, subscriptions: { open: 0 } } as unknown as Context
  return createCaller(ctx)
}
const ada = () => as(person('ada'))
const put = (values = {}, expectedVersion = 0, name = 'gentle') => ({
  data: { name, values, reason: 'payments is slow today', expectedVersion },
})
const failsWith = (code: string, message: RegExp, details?: object) =>
  expect.objectContaining({
    cause: expect.objectContaining({
      code,
      message: expect.stringMatching(message),
      ...(details ? { details: expect.objectContaining(details) } : {}),
    }),
  })

beforeEach(async () => {
  t = await testRegistry()
  policies = new Policies(t.file.store)
  await policies.start()
})
afterEach(async () => {
  policies.stop()
  await t[Symbol.asyncDispose]()
})

describe('what is in force', () => {
  test('the built-in ones are there from the start, each value with where it comes from', async () => {
    const { policies: list } = await ada().list({ data: {} })
    expect(list.map((p) => p.name)).toEqual(['call', 'eager', 'gentle', 'none', 'patient'])
    const eager = list.find((p) => p.name === 'eager')
    expect(eager).toMatchObject({ builtIn: true, stored: null, policy: { maxRetries: 2 }, users: [] })
    expect(eager?.sources).toMatchObject({ maxRetries: 'built-in', multiplier: 'default' })
  })

  test('what is set wins, in the journal and the audit trail, and survives a restart', async () => {
    const { policy, seq } = await ada().put(put({ maxRetries: 9 }))
    expect(policy).toMatchObject({ name: 'gentle', values: { maxRetries: 9 }, updatedBy: 'user:ada', version: seq })
    policies = new Policies(await t.file.reopen())
    await policies.start()
    expect(policies.view('gentle')).toMatchObject({
      policy: { maxRetries: 9, multiplier: 2 },
      sources: { maxRetries: 'stored', multiplier: 'default' },
    })
    const { audit, journal } = await t.file.store.read(async (tx) => ({
      audit: await tx.q.audit.list({ limit: 1 }),
      journal: await tx.q.journal.list({ limit: 1 }),
    }))
    expect(audit[0]).toMatchObject({ action: 'policy.put', reason: 'payments is slow today', before: null, seq })
    expect(journal[0]).toMatchObject({ kind: 'policy.created', key: 'policy/gentle', value: policy })
  })

  test('removing brings back the values of code, and says what was there', async () => {
    const { policy } = await ada().put(put({ maxRetries: 9 }))
    const { removed } = await ada().remove({
      data: { name: 'gentle', reason: 'no longer slow', expectedVersion: policy.version },
    })
    expect(removed).toEqual(policy)
    expect(policies.view('gentle')).toMatchObject({ stored: null, policy: { maxRetries: 3 } })
  })
})

describe('two at once', () => {
  test('the second is told who was first, and nothing is overwritten', async () => {
    const { policy } = await ada().put(put({ maxRetries: 9 }))
    const bob = as(person('bob'))
    await bob.put(put({ maxRetries: 1 }, policy.version))
    await expect(ada().put(put({ maxRetries: 5 }, policy.version))).rejects.toEqual(
      failsWith('CONFLICT', /changed by user:bob meanwhile, "payments is slow today"/, { by: 'user:bob' }),
    )
    expect(policies.view('gentle').policy.maxRetries).toBe(1)
  })

  test('a policy that was removed and set again is not the one that was read before', async () => {
    const { policy } = await ada().put(put({ maxRetries: 9 }))
    await ada().remove({ data: { name: 'gentle', reason: 'no longer slow', expectedVersion: policy.version } })
    await expect(ada().put(put({ maxRetries: 2 }, policy.version))).rejects.toEqual(
      failsWith('CONFLICT', /removed by somebody else/),
    )
    await ada().put(put({ maxRetries: 8 }))
    await expect(ada().put(put({ maxRetries: 2 }, policy.version))).rejects.toEqual(failsWith('CONFLICT', /changed by/))
  })

  test('the same operation sent again answers what it answered', async () => {
    const operation = { id: 'operation-1', ...put({ maxRetries: 9 }) }
    const first = await ada().put(operation)
    expect(await ada().put(operation)).toEqual({ ...first, replayed: true })
  })
})

describe('what is refused', () => {
  test('values that contradict each other, with those of code taken in', async () => {
    await expect(ada().put(put({ initialDelayMs: 9_000 }))).rejects.toEqual(
      failsWith('VALIDATION', /longest delay \(5000 ms\) is shorter than the first \(9000 ms\)/),
    )
    await expect(ada().put(put({ maxRetries: 1e9 }))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(ada().put(put({ jitters: 'full' } as object))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(ada().put(put({}, 0, '../etc'))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('changes by viewers and by tokens without the scope', async () => {
    await expect(as(person('eve', 'viewer')).put(put())).rejects.toEqual(failsWith('FORBIDDEN', /operator/))
    await expect(as({ ...TOKEN, scopes: ['policies:read'] }).put(put())).rejects.toEqual(
      failsWith('FORBIDDEN', /policies:write/),
    )
    await expect(ada().get({ data: { name: 'nobody' } })).rejects.toEqual(failsWith('NOT_FOUND', /not built in/))
    await expect(ada().remove({ data: { name: 'gentle', reason: 'why not', expectedVersion: 0 } })).rejects.toEqual(
      failsWith('NOT_FOUND', /come from code/),
    )
  })
})

test('a follower is told what is stored of its policies, then each change of them, and is shown as their user', async () => {
  const controller = new AbortController()
  const user = { actor: 'token:fleet', instance: 'orders-1' }
  const stream = policies.follow({ names: ['gentle', 'mine'], user, signal: controller.signal })
  const next = async () => (await stream.next()).value as PolicyMessage
  expect(await next()).toMatchObject({ policies: [] })
  expect(policies.view('mine').users).toEqual([user])
  expect(policies.list().map((p) => p.name)).toContain('mine')
  await ada().put(put({ maxRetries: 7 }, 0, 'eager'))
  const { policy } = await ada().put(put({ maxRetries: 9 }))
  expect(await next()).toEqual({ seq: policies.appliedSeq, policies: [policy] })
  const end = stream.next()
  controller.abort()
  expect(await end).toMatchObject({ done: true })
  expect(policies.view('gentle').users).toEqual([])
  expect(policies.followers).toBe(0)
})

test('a simulation is the same for the same seed', async () => {
  const input = { data: { name: 'gentle', values: { maxRetries: 5 }, downMs: 5_000, seed: 3 } }
  const first = await ada().simulate(input)
  expect(first.schedule).toHaveLength(5)
  expect(first.stampede.worstTogether).toBe(1_000)
  expect(first.outage.peak).toBeGreaterThan(1)
  expect(await ada().simulate(input)).toEqual(first)
  const heaviest = { maxRetries: 1_000, initialDelayMs: 0, maxElapsedMs: null, budget: null }
  expect((await ada().simulate({ data: { values: heaviest, downMs: 600_000 } })).outage.peak).toBeGreaterThan(500)
})
