/** Tables of locks. SQLite dialect. */
import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { LockRecord } from '../../core/lock.ts'

/**
 * One row a resource that is held, or was held lately: a resource that nobody has used for a while is forgotten, and its
 * tokens live on in the floor (`meta`).
 */
export const locks = sqliteTable('locks', {
  resource: text('resource').primaryKey(),
  record: text('record', { mode: 'json' }).$type<LockRecord>().notNull(),
})
