/** The index of the journal is written behind: whatever is in it by now, readers find the same. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import type { JournalEvent } from '../core/event.ts'
import type { JournalFilter } from './queries.ts'
import { SqliteStore } from './sqlite.ts'
import { MIGRATIONS, testStore } from './test-store.ts'

const ORIGIN = { actor: 'system', operationId: null }

async function write(store: SqliteStore, keys: readonly number[]): Promise<void> {
  await store.transact(ORIGIN, async (tx) => {
    for (const k of keys) {
      await tx.emit({
        kind: k % 2 === 0 ? 'test.even' : 'test.odd',
        key: `${k % 3 === 0 ? 'lock' : 'instance'}/${k}`,
        service: k % 3 === 0 ? null : `service-${k % 4}`,
        summary: `made ${k}`,
        value: k % 5 === 0 ? null : { k },
      })
    }
  })
}

/** The definition of a page, without an index. */
function page(all: readonly JournalEvent[], f: JournalFilter): number[] {
  return all
    .filter((e) => f.key === undefined || e.key === f.key)
    .filter((e) => f.service === undefined || e.service === f.service)
    .filter((e) => f.kinds === undefined || f.kinds.includes(e.kind))
    .filter((e) => (f.before === undefined || e.seq < f.before) && (f.after === undefined || e.seq > f.after))
    .map((e) => e.seq)
    .sort((a, b) => b - a)
    .slice(0, f.limit)
}

function rows(path: string): { indexed: number; keys: number; services: number; lost: number } {
  const db = new Database(path, { readonly: true })
  const one = (sql: string) => Number(db.prepare(sql).pluck().get())
  const found = {
    indexed: one("select value from meta where key = 'journal.indexed'"),
    keys: one('select count(*) from journal_keys'),
    services: one('select count(*) from journal_of_services'),
    lost: one('select count(*) from journal_keys k where not exists (select 1 from journal j where j.seq = k.seq)'),
  }
  db.close()
  return found
}

test('a page by key or by service is the same as by looking at every entry', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(11), { minLength: 100, maxLength: 900 }), { minLength: 2, maxLength: 7 }),
      fc.array(
        fc.record(
          {
            key: fc.nat(12).map((k) => `${k % 3 === 0 ? 'lock' : 'instance'}/${k}`),
            service: fc.nat(4).map((k) => `service-${k}`),
            kinds: fc.constantFrom<string[][]>(['test.even'], ['test.odd', 'test.even']),
            before: fc.nat(4_000),
            after: fc.nat(4_000),
            limit: fc.integer({ min: 1, max: 300 }),
          },
          { requiredKeys: ['limit'] },
        ),
        { minLength: 5, maxLength: 20 },
      ),
      fc.double({ min: 0, max: 0.8, noNaN: true }),
      async (writes, filters, pruned) => {
        await using file = await testStore()
        for (const keys of writes) await write(file.store, keys)
        const head = await file.store.journal.head()
        const floor = Math.floor(head * pruned)
        await file.store.transact(ORIGIN, (tx) => tx.q.journal.prune(floor, 10_000))
        const { events } = await file.store.journal.after(0, 10_000)
        for (const filter of filters) {
          const got = await file.store.read((tx) => tx.q.journal.list(filter))
          expect(got.map((e) => e.seq)).toEqual(page(events, filter))
        }
        const { indexed, keys, lost } = rows(file.path)
        // As far as it says, and nothing of what is gone.
        expect(head - indexed).toBeLessThan(1_024 + 900)
        expect(lost).toBe(0)
        expect(keys).toBe(events.filter((e) => e.seq <= indexed).length)
      },
    ),
    { numRuns: 25 },
  )
})

test('entries past the index stay few, however many are written, and a restart knows them', async () => {
  await using file = await testStore()
  for (let i = 0; i < 60; i++)
    await write(
      file.store,
      Array.from({ length: 100 }, (_, k) => (i + k) % 12),
    )
  const { indexed } = rows(file.path)
  expect(6_000 - indexed).toBeLessThan(1_024 + 100)
  await file.reopen()
  const found = await file.store.read((tx) => tx.q.journal.list({ key: 'instance/7', limit: 1_000 }))
  expect(found).toHaveLength(500)
  for (let i = 0; i < 11; i++)
    await write(
      file.store,
      Array.from({ length: 100 }, () => 7),
    )
  expect(rows(file.path).indexed).toBeGreaterThan(6_000)
})

test('a file of before the index was written behind is brought up to date', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-migrate-'))
  const path = join(folder, 'holdfast.db')
  const old = join(folder, 'migrations')
  cpSync(MIGRATIONS, old, { recursive: true })
  const list = join(old, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(list, 'utf8')) as { entries: { tag: string }[] }
  const upTo = journal.entries.findIndex(({ tag }) => tag === '0008_journal_index')
  writeFileSync(list, JSON.stringify({ ...journal, entries: journal.entries.slice(0, upTo) }))
  // By its migrations alone: the program of then is not here any more.
  const { drizzle } = await import('drizzle-orm/better-sqlite3')
  const { migrate } = await import('drizzle-orm/better-sqlite3/migrator')
  const before = new Database(path)
  before.pragma('application_id = 0x484c4446')
  migrate(drizzle(before), { migrationsFolder: old })
  const insert = before.prepare(
    "insert into journal (at, kind, key, service, actor, summary, value) values (1, 'test.made', ?, ?, 'system', '', '1')",
  )
  for (let i = 0; i < 50; i++) insert.run(`instance/${i % 5}`, i % 2 === 0 ? 'orders' : null)
  before.close()
  const onFatal = (error: Error) => {
    throw error
  }
  const store = new SqliteStore({ path, migrations: MIGRATIONS, clock: new FakeClock(), onFatal })
  expect(await store.read((tx) => tx.q.journal.list({ key: 'instance/3', limit: 100 }))).toHaveLength(10)
  expect(await store.read((tx) => tx.q.journal.list({ service: 'orders', limit: 100 }))).toHaveLength(25)
  await store.close()
  expect(rows(path)).toEqual({ indexed: 50, keys: 50, services: 25, lost: 0 })
  rmSync(folder, { recursive: true })
})
