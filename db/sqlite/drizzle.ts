import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import type * as schema from '../schema/index.ts'

export type Drizzle = BetterSQLite3Database<typeof schema>
