import { and, eq, sql } from 'drizzle-orm'
import type { BreakerQueries } from '../breaker-queries.ts'
import { breakers } from '../schema/breakers.ts'
import type { Drizzle } from './drizzle.ts'

export function breakerQueries(db: Drizzle): BreakerQueries {
  const p = sql.placeholder
  const one = db
    .select()
    .from(breakers)
    .where(eq(breakers.name, p('name')))
    .prepare()
  const all = db.select().from(breakers).prepare()
  const add = db
    .insert(breakers)
    .values({ name: p('name'), revision: p('revision'), record: p('record') })
    .onConflictDoNothing()
    .prepare()
  // A placeholder in `set` is not bound through the column's type, so the record is turned into JSON here.
  const replace = db
    .update(breakers)
    .set({ revision: sql`${p('next')}`, record: sql`${p('record')}` })
    .where(and(eq(breakers.name, p('name')), eq(breakers.revision, p('revision'))))
    .prepare()
  const remove = db
    .delete(breakers)
    .where(eq(breakers.name, p('name')))
    .prepare()
  return {
    async get(name) {
      const row = one.get({ name })
      return row ? { record: row.record, revision: row.revision } : null
    },
    async all() {
      return all.all().map((row) => row.record)
    },
    async put(record, revision) {
      const { name } = record
      if (revision === null) return add.run({ name, revision: 1, record }).changes === 1
      return replace.run({ name, revision, next: revision + 1, record: JSON.stringify(record) }).changes === 1
    },
    async delete(name) {
      remove.run({ name })
    },
  }
}
