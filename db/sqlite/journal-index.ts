/**
 * The journal by key and by service, written behind: entries are added to these two tables a thousand at a time, in order of
 * the key, in the transaction of whoever comes next. Written with each entry, a group of 32 changed a page of the index for
 * nearly each of them: 33 pages of log a commit of 32 locks, 23 of those of the index, and 10 this way. Readers take the
 * entries past `indexed` from the journal itself.
 */
import { and, eq, gt, lte, sql } from 'drizzle-orm'
import { journal, journalKeys, journalOfServices, meta } from '../schema/core.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'

const INDEXED = 'journal.indexed'
/** Entries in one go at most, about 4 ms. */
export const INDEX_PORTION = 2_048

export interface JournalIndex {
  /** seq of the last entry that is in the index */
  indexed(): number
  /** takes the next portion in, up to `head`; returns `indexed` */
  advance(head: number): number
  /** an entry that is removed from the journal */
  remove(entry: { key: string; service: string | null; seq: number }): void
}

export function journalIndex(db: Drizzle): JournalIndex {
  const p = sql.placeholder
  const read = hot<{ value: string }>(
    db,
    db
      .select({ value: sql`${meta.value}`.as('value') })
      .from(meta)
      .where(eq(meta.key, INDEXED)),
  )
  const write = db
    .insert(meta)
    .values({ key: INDEXED, value: p('value') })
    .onConflictDoUpdate({ target: meta.key, set: { value: sql`excluded.value` } })
    .prepare()
  const removeKey = db
    .delete(journalKeys)
    .where(and(eq(journalKeys.key, p('key')), eq(journalKeys.seq, p('seq'))))
    .prepare()
  const removeService = db
    .delete(journalOfServices)
    .where(and(eq(journalOfServices.service, p('service')), eq(journalOfServices.seq, p('seq'))))
    .prepare()
  const portion = and(gt(journal.seq, p('from')), lte(journal.seq, p('to')))
  const addKeys = db
    .insert(journalKeys)
    .select(
      db.select({ key: journal.key, seq: journal.seq }).from(journal).where(portion).orderBy(journal.key, journal.seq),
    )
    .prepare()
  const addServices = db
    .insert(journalOfServices)
    .select(
      db
        .select({ service: sql<string>`${journal.service}`.as('service'), seq: journal.seq })
        .from(journal)
        .where(and(portion, sql`${journal.service} is not null`))
        .orderBy(journal.service, journal.seq),
    )
    .prepare()
  const indexed = () => Number(read.get({})?.value ?? 0)
  return {
    indexed,
    advance(head) {
      const from = indexed()
      const to = Math.min(head, from + INDEX_PORTION)
      if (to <= from) return from
      addKeys.run({ from, to })
      addServices.run({ from, to })
      write.run({ value: String(to) })
      return to
    },
    remove({ key, service, seq }) {
      removeKey.run({ key, seq })
      if (service !== null) removeService.run({ service, seq })
    },
  }
}
