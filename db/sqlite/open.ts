/** Opens a database file: checks that it is ours, whole and not newer than this program, then brings it up to date. */
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import * as schema from '../schema/index.ts'
import type { Drizzle } from './drizzle.ts'

/** "HLDF": marks a file as Holdfast's own (SQLite's application_id). */
const APPLICATION_ID = 0x484c4446

export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

interface MigrationJournal {
  entries: { when: number; tag: string }[]
}

export interface Connections {
  path: string
  writer: Database.Database
  reader: Database.Database
  write: Drizzle
  readOnly: Drizzle
}

/**
 * @throws DatabaseRefused with what to do, when the file is damaged, of another program, or from a newer version.
 */
export function openDatabase(path: string, migrations: string): Connections {
  mkdirSync(dirname(path), { recursive: true })
  const isNew = !existsSync(path)
  let writer: Database.Database
  try {
    writer = new Database(path)
    // Hashes of tokens and sessions are in there: for nobody else on this machine. Its -wal and -shm follow its mode.
    if (isNew) chmodSync(path, 0o600)
    pragmas(writer)
    if (!isNew) inspect(writer, path, migrations)
    writer.pragma(`application_id = ${APPLICATION_ID}`)
  } catch (error) {
    throw refusal(error, path)
  }
  const write = drizzle(writer, { schema })
  migrate(write, { migrationsFolder: migrations })
  const reader = new Database(path, { readonly: true })
  pragmas(reader)
  return { path, writer, reader, write, readOnly: drizzle(reader, { schema }) }
}

function pragmas(db: Database.Database): void {
  if (!db.readonly) {
    db.pragma('journal_mode = WAL')
    // better-sqlite3 is compiled with NORMAL for WAL, which may lose acknowledged commits when power fails.
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    // A burst rewrites the same index pages in every group; checkpointing at SQLite's 1,000 pages copied them out every
    // ten commits. 8,000 pages are 32 MB of log at most.
    db.pragma('wal_autocheckpoint = 8000')
  }
  db.pragma('busy_timeout = 5000')
  db.pragma('cache_size = -32000')
}

function inspect(db: Database.Database, path: string, migrations: string): void {
  const id = db.pragma('application_id', { simple: true }) as number
  const tables = db.prepare("select count(*) as n from sqlite_master where type = 'table'").get() as { n: number }
  if (id !== APPLICATION_ID && tables.n > 0) {
    throw new DatabaseRefused(
      `${path} is a database of another program. Point HOLDFAST_DATABASE_URL at a file of Holdfast's own.`,
    )
  }
  const result = db.pragma('quick_check(5)') as { quick_check: string }[]
  if (result[0]?.quick_check !== 'ok') {
    throw damaged(path, result.map((row) => row.quick_check).join('; '))
  }
  const known = JSON.parse(readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8')) as MigrationJournal
  const newest = known.entries.at(-1)?.when ?? 0
  const has = db.prepare("select 1 from sqlite_master where name = '__drizzle_migrations'").get()
  if (!has) return
  const row = db.prepare('select max(created_at) as at from __drizzle_migrations').get() as { at: number | null }
  if ((row.at ?? 0) > newest) {
    throw new DatabaseRefused(
      `${path} was written by a newer version of Holdfast. Start that version, or restore a backup made by this one.`,
    )
  }
}

function damaged(path: string, detail: string): DatabaseRefused {
  return new DatabaseRefused(
    `${path} is damaged (${detail}). Nothing was changed. Restore the last backup (docs/operations/backup.md), or save what is left with: sqlite3 ${path} ".recover" | sqlite3 recovered.db`,
  )
}

function refusal(error: unknown, path: string): Error {
  if (error instanceof DatabaseRefused) return error
  const code = (error as { code?: string }).code ?? ''
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, (error as Error).message)
  if (code.startsWith('SQLITE_BUSY')) {
    return new DatabaseRefused(`${path} is in use by another process. Stop that one first: one process writes a file.`)
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')) {
    return new DatabaseRefused(`${path} cannot be opened for writing. Check that its folder exists and is writable.`)
  }
  return error instanceof Error ? error : new Error(String(error))
}
