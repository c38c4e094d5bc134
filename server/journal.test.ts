import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEvent, JournalMessage } from '../core/event.ts'
import { RegistrySnapshot } from '../core/snapshot.ts'
import { testStore } from '../db/test-store.ts'
import { journalRouter } from './api/journal.ts'
import { createCallerFactory } from './api/trpc.ts'
import { Journal } from './journal.ts'
import { testRegistry } from './test-registry.ts'

const ORIGIN = { actor: 'system', operationId: null }

async function setUp() {
  const file = await testStore()
  const journal = new Journal(file.store)
  await journal.start()
  const add = (service: string, n = 1) =>
    file.store.transact(ORIGIN, async (tx) => {
      for (let i = 0; i < n; i++) {
        await tx.emit({ kind: 'test.made', key: `instance/${service}`, service, summary: 'made', value: { i } })
      }
    })
  return { file, journal, add }
}

/** Reads until `count` events came. */
async function take(messages: AsyncGenerator<JournalMessage>, count: number): Promise<JournalEvent[]> {
  const events: JournalEvent[] = []
  while (events.length < count) {
    const { value, done } = await messages.next()
    if (done) break
    if (value.type === 'resync') throw new Error(`resync: ${value.reason}`)
    events.push(...value.events)
  }
  return events
}

describe('R2: a tail has no gap and no duplicate', () => {
  test('across backfill, cutover and live, whatever the cursor and the pace', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 700 })), { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 40 })), { maxLength: 10 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(null, 'a'),
        async (past, live, where, service) => {
          const { file, journal, add } = await setUp()
          for (const [name, n] of past) await add(name, n)
          const cursor = Math.floor(journal.head * where)
          const stop = new AbortController()
          const services = service === null ? null : new Set([service])
          const messages = journal.tail({ cursor, services, signal: stop.signal })
          const writing = (async () => {
            for (const [name, n] of live) await add(name, n)
          })()
          const all = async () => (await file.store.journal.after(cursor, 100_000)).events
          await writing
          const expected = (await all()).filter((e) => service === null || e.service === service)
          const got = await take(messages, expected.length)
          expect(got.map((e) => e.seq)).toEqual(expected.map((e) => e.seq))
          stop.abort()
          expect((await messages.next()).done).toBe(true)
          expect(journal.readers).toBe(0)
          await file[Symbol.asyncDispose]()
        },
      ),
      { numRuns: 25 },
    )
  })

  test('a cursor whose entries are pruned, or that is ahead, gets an explicit resync', async () => {
    const { file, journal, add } = await setUp()
    await add('a', 10)
    await file.store.transact(ORIGIN, (tx) => tx.q.journal.prune(6, 100))
    const fresh = new Journal(file.store)
    await fresh.start()
    for (const cursor of [2, 1_000]) {
      const stop = new AbortController()
      const { value } = await fresh.tail({ cursor, services: null, signal: stop.signal }).next()
      expect(value).toMatchObject({ type: 'resync', seq: 10 })
      stop.abort()
    }
    expect(journal.head).toBe(10)
    await file[Symbol.asyncDispose]()
  })

  test('a slow reader is waited for; meanwhile only its cursor is kept', async () => {
    const { file, journal, add } = await setUp()
    const stop = new AbortController()
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const messages = journal.tail({ cursor: 0, services: null, signal: stop.signal, ready: () => gate })
    const first = messages.next()
    for (let i = 0; i < 30; i++) await add('a', 300)
    open()
    const { value } = await first
    expect(value).toMatchObject({ type: 'events' })
    const rest = await take(messages, 9_000 - 500)
    expect(rest.at(-1)?.seq).toBe(9_000)
    stop.abort()
    await file[Symbol.asyncDispose]()
  })

  test('only readers who are concerned are woken', async () => {
    const { file, journal, add } = await setUp()
    const stop = new AbortController()
    let woken = 0
    const reader = (async () => {
      const services = new Set(['a'])
      const ready = async () => {
        woken += 1
      }
      for await (const _ of journal.tail({ cursor: 0, services, signal: stop.signal, ready }));
    })()
    await add('a')
    const before = woken
    for (let i = 0; i < 50; i++) await add('b')
    expect(woken - before).toBeLessThanOrEqual(2)
    stop.abort()
    await reader
    await file[Symbol.asyncDispose]()
  })
})

test('the past: state at any entry equals the copy that followed the journal to there, before and after pruning', async () => {
  await using t = await testRegistry()
  const copies: { seq: number; ids: string[] }[] = []
  const follower = new RegistrySnapshot()
  t.file.store.journal.onCommit((events) => {
    for (const event of events) {
      follower.apply(event)
      copies.push({ seq: event.seq, ids: [...follower.instances.values()].map((i) => `${i.id}@${i.revision}`).sort() })
    }
  })
  for (let i = 0; i < 6; i++) await t.register({ name: `s${i % 2}`, id: `i-${i}` })
  await t.pass(16_000)
  const at = async (seq: number) => {
    const rows = await t.file.store.read((tx) => tx.q.journal.at(seq, ['instance/']))
    return rows
      .map((r) => r.value as { id: string; revision: number })
      .map((i) => `${i.id}@${i.revision}`)
      .sort()
  }
  for (const { seq, ids } of copies) expect(await at(seq)).toEqual(ids)
  const horizon = Math.floor(t.journal.head / 2)
  await t.file.store.transact(ORIGIN, (tx) => tx.q.journal.prune(horizon, 10_000))
  for (const { seq, ids } of copies.filter((c) => c.seq >= horizon)) expect(await at(seq)).toEqual(ids)
})

test('a time before the oldest entry that is kept is not answered with what came later', async () => {
  await using t = await testRegistry()
  const principal = { role: 'viewer', active: true, kind: 'user', id: 'u', actor: 'user:ada', name: 'ada', scopes: [] }
  const caller = createCallerFactory(journalRouter)({
    principal,
    engines: { store: t.file.store, registry: t.registry },
  } as never)
  const before = t.clock.wall()
  await t.pass(10_000)
  for (let i = 0; i < 3; i++) await t.register({ name: 'orders', id: `i-${i}` })
  const after = t.clock.wall()
  expect((await caller.at({ data: { at: before } })).instances).toEqual([])
  await t.file.store.transact(ORIGIN, (tx) => tx.q.journal.prune(t.journal.head - 1, 10_000))
  await expect(caller.at({ data: { at: before } })).rejects.toThrow('can no longer be rebuilt')
  expect((await caller.at({ data: { at: after } })).instances).toHaveLength(3)
  expect((await caller.at({ data: { seq: t.journal.head - 1 } })).instances).toHaveLength(2)
})
