import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { DatabaseRefused } from './open.ts'

export interface Lock {
  release(): void
}

/**
 * Holds `path` for this process. The lock is the operating system's, on a file of its own beside the database, so that it
 * ends with the process however that ends; WAL alone would let a second control plane open the file and sweep it too.
 * @throws DatabaseRefused when another process holds it
 */
export function lockDatabase(path: string): Lock {
  mkdirSync(dirname(path), { recursive: true })
  const lock = new Database(`${path}.lock`)
  try {
    lock.pragma('busy_timeout = 0')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (!(error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw error
    throw new DatabaseRefused(
      `${path} is in use by another Holdfast. Stop that one first, or set HOLDFAST_DATABASE_URL to another file.`,
    )
  }
  return { release: () => lock.close() }
}
