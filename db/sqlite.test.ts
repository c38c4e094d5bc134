import { copyFileSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { openDatabase } from './sqlite/open.ts'
import { SqliteStore } from './sqlite.ts'
import { MIGRATIONS, testStore } from './test-store.ts'

const ORIGIN = { actor: 'test', operationId: null }
const event = { kind: 'test.made', key: 'instance/x', service: null, summary: 'made', value: { a: 1 } }

describe('group commit', () => {
  test('all that wait share one commit; one that fails takes nobody with it', async () => {
    await using t = await testStore()
    const commits: number[] = []
    t.store.journal.onCommit((events) => commits.push(events.length))
    const writes = Array.from({ length: 50 }, (_, i) =>
      t.store.transact(ORIGIN, async (tx) => {
        await tx.emit(event)
        if (i % 10 === 3) throw new Error('this verb fails')
        return i
      }),
    )
    const settled = await Promise.allSettled(writes)
    expect(settled.filter((s) => s.status === 'fulfilled')).toHaveLength(45)
    expect(commits).toEqual([45])
    expect(await t.store.journal.head()).toBeGreaterThanOrEqual(45)
    const { events } = await t.store.journal.after(0, 100)
    expect(events).toHaveLength(45)
  })

  test('listeners have heard before the caller is answered, and effects run only after a commit', async () => {
    await using t = await testStore()
    const order: string[] = []
    t.store.journal.onCommit(() => order.push('listener'))
    const effect = (tx: { afterCommit(f: () => void): void }) => tx.afterCommit(() => order.push('effect'))
    await t.store.transact(ORIGIN, async (tx) => {
      effect(tx)
      await tx.emit(event)
    })
    order.push('answered')
    await t.store
      .transact(ORIGIN, async (tx) => {
        effect(tx)
        throw new Error('no')
      })
      .catch(() => order.push('refused'))
    expect(order).toEqual(['listener', 'effect', 'answered', 'refused'])
  })

  test('a verb that fails takes back what it changed in memory, the newest first; a commit takes nothing back', async () => {
    await using t = await testStore()
    const back: string[] = []
    const verb = (name: string, fails: boolean) =>
      t.store.transact(ORIGIN, async (tx) => {
        tx.afterRollback(() => back.push(`${name} 1`))
        await tx.emit(event)
        tx.afterRollback(() => back.push(`${name} 2`))
        if (fails) throw new Error('no')
      })
    await Promise.allSettled([verb('a', false), verb('b', true), verb('c', false)])
    expect(back).toEqual(['b 2', 'b 1'])
  })

  test('something slow inside a transaction fails loudly, and the next verb is not harmed', async () => {
    await using t = await testStore()
    const slow = t.store.transact(ORIGIN, async (tx) => {
      await tx.emit(event)
      await new Promise((resolve) => setTimeout(resolve, 5))
      await tx.emit(event)
    })
    const next = t.store.transact(ORIGIN, async (tx) => tx.emit(event))
    await expect(slow).rejects.toThrow(/slow/)
    expect((await next).seq).toBeGreaterThan(0)
    expect((await t.store.journal.after(0, 10)).events).toHaveLength(1)
  })

  test('readers see one committed snapshot and cannot write', async () => {
    await using t = await testStore()
    await t.store.transact(ORIGIN, (tx) => tx.emit(event))
    const reading = t.store.read(async (tx) => [await tx.head(), await tx.head()])
    await t.store.transact(ORIGIN, (tx) => tx.emit(event))
    const [a, b] = await reading
    expect(a).toBe(b)
    await expect(t.store.read((tx) => tx.q.meta.set('a', 'b'))).rejects.toThrow(/readonly/)
  })
})

test('the file is WAL with synchronous=FULL, and entries keep their numbers for ever', async () => {
  await using t = await testStore()
  await t.store.transact(ORIGIN, (tx) => tx.emit(event))
  await t.store.transact(ORIGIN, (tx) => tx.q.journal.prune(1, 10))
  await t.reopen()
  expect(await t.store.journal.head()).toBe(1)
  expect((await t.store.transact(ORIGIN, (tx) => tx.emit(event))).seq).toBe(2)
  const { writer, reader } = openDatabase(t.path, MIGRATIONS)
  expect(writer.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(writer.pragma('synchronous', { simple: true })).toBe(2)
  reader.close()
  writer.close()
})

describe('D3: a commit that fails', () => {
  test('tells once, answers nobody with success, and serves no read after it', async () => {
    const fatal: Error[] = []
    const t = await testStore(new FakeClock(), (error) => fatal.push(error))
    const blocker = new Database(t.path)
    blocker.exec('begin immediate')
    const writer = t.store as unknown as { transact: SqliteStore['transact'] }
    // The file is locked by another writer: BEGIN itself fails after busy_timeout, as a disk that refuses would.
    const write = writer.transact(ORIGIN, (tx) => tx.emit(event))
    await expect(write).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    expect(fatal).toHaveLength(1)
    await expect(t.store.read((tx) => tx.head())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    await expect(t.store.journal.head()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    await expect(t.store.transact(ORIGIN, (tx) => tx.emit(event))).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    })
    blocker.exec('rollback')
    blocker.close()
    await t[Symbol.asyncDispose]()
  })
})

describe('D4: start refuses, and says what to do', () => {
  const open = (path: string) =>
    new SqliteStore({ path, migrations: MIGRATIONS, clock: new FakeClock(), onFatal: () => {} })
  const folder = () => mkdtempSync(join(tmpdir(), 'holdfast-open-'))

  test('a damaged file', async () => {
    await using t = await testStore()
    await t.store.transact(ORIGIN, async (tx) => {
      for (let i = 0; i < 500; i++) await tx.emit({ ...event, summary: 'x'.repeat(500) })
    })
    await t.reopen()
    const path = join(folder(), 'damaged.db')
    copyFileSync(t.path, path)
    const raw = new Database(path)
    raw.pragma('journal_mode = DELETE')
    raw.close()
    const { readFileSync } = await import('node:fs')
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 4096 * 20, 4096 * 40)
    writeFileSync(path, bytes)
    expect(() => open(path)).toThrow(/is damaged.*Restore the last backup/s)
  })

  test('a file that another control plane holds, until that one ends', async () => {
    const path = join(folder(), 'held.db')
    const options = { path, migrations: MIGRATIONS, clock: new FakeClock(), exclusive: true, onFatal: () => {} }
    const first = new SqliteStore(options)
    expect(() => new SqliteStore(options)).toThrow(/in use by another/)
    await first.close()
    await new SqliteStore(options).close()
  })

  test('nobody else on the machine may read a new file', async () => {
    const path = join(folder(), 'private.db')
    const store = open(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await store.close()
  })

  test('something that is no database', () => {
    const path = join(folder(), 'text.db')
    writeFileSync(path, 'this is not a database, it is a text file with some length to it'.repeat(100))
    expect(() => open(path)).toThrow(/is damaged/)
  })

  test('a database of another program', () => {
    const path = join(folder(), 'other.db')
    const raw = new Database(path)
    raw.exec('create table things (a)')
    raw.close()
    expect(() => open(path)).toThrow(/another program/)
  })

  test('a database from a newer version', async () => {
    await using t = await testStore()
    const path = join(folder(), 'newer.db')
    await t.reopen()
    copyFileSync(t.path, path)
    const raw = new Database(path)
    raw.exec("insert into __drizzle_migrations (hash, created_at) values ('later', 9999999999999)")
    raw.close()
    expect(() => open(path)).toThrow(/newer version/)
  })
})
