/** A ledger in the participant's own SQLite file: effects of its handlers and their keys are committed together. */
import { ValidationError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'
import type { LedgerRow, SagaLedger } from './ledger.ts'

/** What better-sqlite3 and node:sqlite have in common. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): { get(...values: unknown[]): unknown; run(...values: unknown[]): unknown }
}

export interface SqliteLedgerOptions {
  /** default `saga_ledger`; made when it is not there */
  table?: string | undefined
  /** how long a key is remembered, longer than any run lives; default 30 days */
  keepMs?: number | undefined
  /** milliseconds since the epoch */
  now?: (() => number) | undefined
}

interface Stored {
  done: number
  output: string
  undo: LedgerRow['undo']
  undoOutput: string
}

const DAY_MS = 86_400_000
/** Old keys are looked for once in so many writes. */
const PRUNE_EVERY = 1_000

/**
 * With it, `ctx.once(effect)` of a do and of an undo happens exactly once, across attempts, processes and crashes. `effect` is
 * synchronous, as the database is, and writes to the same database.
 * Throws ValidationError (a table's name that is none).
 */
export function sqliteLedger(database: SqliteDatabase, options: SqliteLedgerOptions = {}): SagaLedger {
  const { table = 'saga_ledger', keepMs = 30 * DAY_MS, now = Date.now } = options
  if (!/^[A-Za-z_]\w{0,62}$/.test(table)) throw new ValidationError(`"${table}" is no name for a table.`)
  database.exec(`
    CREATE TABLE IF NOT EXISTS ${table} (
      key TEXT PRIMARY KEY, done INTEGER NOT NULL, output TEXT NOT NULL, undo TEXT NOT NULL, undoOutput TEXT NOT NULL,
      at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ${table}_at ON ${table} (at);
  `)
  const select = database.prepare(`SELECT done, output, undo, undoOutput FROM ${table} WHERE key = ?`)
  const put = database.prepare(`
    INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
      done = excluded.done, output = excluded.output, undo = excluded.undo, undoOutput = excluded.undoOutput, at = excluded.at
  `)
  const prune = database.prepare(`DELETE FROM ${table} WHERE at < ?`)
  let writes = 0

  const find = (key: string): LedgerRow | null => {
    const row = select.get(key) as Stored | undefined
    if (!row) return null
    const { done, output, undo, undoOutput } = row
    return { done: done === 1, output: JSON.parse(output) as Json, undo, undoOutput: JSON.parse(undoOutput) as Json }
  }

  return {
    complete: true,
    find,
    transact(key, change) {
      // The write lock is taken before the row is read: two processes that hold one key come one after the other.
      database.exec('BEGIN IMMEDIATE')
      try {
        const changed = change(find(key))
        if (changed instanceof Promise) {
          changed.catch(() => undefined)
          throw new ValidationError(
            'What is given to ctx.once must be synchronous here, as SQLite is. Await before it.',
          )
        }
        const { row, value } = changed
        if (row) {
          const { done, output, undo, undoOutput } = row
          put.run(key, done ? 1 : 0, JSON.stringify(output), undo, JSON.stringify(undoOutput), now())
          writes += 1
          if (writes % PRUNE_EVERY === 0) prune.run(now() - keepMs)
        }
        database.exec('COMMIT')
        return value
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}
