/** The gateway's configuration. SQLite dialect; times are milliseconds since the epoch. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Fault } from '../../core/gateway/fault.ts'
import type { Route } from '../../core/gateway/route.ts'

export const gatewayRoutes = sqliteTable('gateway_routes', {
  id: text('id').primaryKey(),
  revision: integer('revision').notNull(),
  record: text('record', { mode: 'json' }).$type<Route>().notNull(),
})

/** What each revision changed, route by route: enough to go back, also past those that have been pruned. */
export const gatewayRevisions = sqliteTable(
  'gateway_revisions',
  {
    revision: integer('revision').notNull(),
    route: text('route').notNull(),
    at: integer('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    rolledBackTo: integer('rolled_back_to'),
    before: text('before', { mode: 'json' }).$type<Route | null>(),
    after: text('after', { mode: 'json' }).$type<Route | null>(),
  },
  (t) => [primaryKey({ columns: [t.revision, t.route] })],
)

export const gatewayFaults = sqliteTable(
  'gateway_faults',
  {
    id: text('id').primaryKey(),
    expiresAt: integer('expires_at').notNull(),
    record: text('record', { mode: 'json' }).$type<Fault>().notNull(),
  },
  (t) => [index('gateway_faults_expiry').on(t.expiresAt)],
)
