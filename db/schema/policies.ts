/** Backoff policies: what operators have set. SQLite dialect; times are milliseconds since the epoch. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Policy } from '../../core/policy.ts'

export const policies = sqliteTable('policies', {
  name: text('name').primaryKey(),
  version: integer('version').notNull(),
  record: text('record', { mode: 'json' }).$type<Policy>().notNull(),
})
