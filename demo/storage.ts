import { join } from 'node:path'
import Database from 'better-sqlite3'

/** The file that the instances of one service share. */
export function openDatabase(dir: string, service: string): Database.Database {
  const database = new Database(join(dir, `${service}.db`), { timeout: 3_000 })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.pragma('cache_size = -1024')
  return database
}
