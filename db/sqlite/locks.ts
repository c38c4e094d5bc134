import { eq, sql } from 'drizzle-orm'
import { jsonTextNow } from '../../core/json-text.ts'
import type { LockRecord } from '../../core/lock.ts'
import type { LockQueries } from '../queries.ts'
import { locks } from '../schema/locks.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'

export function lockQueries(db: Drizzle): LockQueries {
  const p = sql.placeholder
  const one = hot<{ record: string }>(
    db,
    db
      .select({ record: sql`${locks.record}`.as('record') })
      .from(locks)
      .where(eq(locks.resource, p('resource'))),
  )
  const put = hot(
    db,
    db
      .insert(locks)
      .values({ resource: p('resource'), record: p('record') })
      .onConflictDoUpdate({ target: locks.resource, set: { record: sql`excluded.record` } }),
  )
  const remove = db
    .delete(locks)
    .where(eq(locks.resource, p('resource')))
    .prepare()
  const all = db.select({ record: locks.record }).from(locks).prepare()
  return {
    async get(resource) {
      const row = one.get({ resource })
      return row ? (JSON.parse(row.record) as LockRecord) : null
    },
    async put(record) {
      put.run({ resource: record.resource, record: jsonTextNow(record) })
    },
    async remove(resource) {
      remove.run({ resource })
    },
    async all() {
      return all.all().map(({ record }) => record)
    },
  }
}
