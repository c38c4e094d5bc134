/** Circuit breakers that something was decided about; those that only report live in memory. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { BreakerRecord } from '../../core/breaker-view.ts'

export const breakers = sqliteTable('breakers', {
  name: text('name').primaryKey(),
  /** grows with every change of the row */
  revision: integer('revision').notNull(),
  record: text('record', { mode: 'json' }).$type<BreakerRecord>().notNull(),
})
