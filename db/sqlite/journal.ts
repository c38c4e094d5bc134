import { and, asc, desc, eq, getTableColumns, gt, inArray, isNotNull, like, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { JournalEvent } from '../../core/event.ts'
import { jsonTextNow } from '../../core/json-text.ts'
import type { JournalQueries } from '../queries.ts'
import { journal, journalBase, journalKeys, journalOfServices } from '../schema/core.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'
import { journalIndex } from './journal-index.ts'

export interface JournalStatements extends JournalQueries {
  add(event: Omit<JournalEvent, 'seq'>): number
  /** entries with seq > cursor, oldest first */
  after(cursor: number, limit: number): JournalEvent[]
  /** entries up to `head` that the index by key and service has yet to take in */
  unindexed(head: number): number
  /** lets the index take in its next portion of them; returns how many are left */
  index(head: number): number
}

/** Matches `text` literally inside a LIKE pattern. */
export function contains(text: string): string {
  return `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`
}

export function journalQueries(db: Drizzle): JournalStatements {
  const p = sql.placeholder
  const add = hot(
    db,
    db.insert(journal).values({
      at: p('at'),
      kind: p('kind'),
      key: p('key'),
      service: p('service'),
      actor: p('actor'),
      summary: p('summary'),
      operationId: p('operationId'),
      value: p('value'),
    }),
  )
  const index = journalIndex(db)
  const after = db
    .select()
    .from(journal)
    .where(gt(journal.seq, p('cursor')))
    .orderBy(asc(journal.seq))
    .limit(p('limit'))
    .prepare()
  const oldest = db
    .select({ seq: journal.seq, at: journal.at })
    .from(journal)
    .orderBy(asc(journal.seq))
    .limit(1)
    .prepare()
  const oldestKept = oldest
  const bySeq = db
    .select({ at: journal.at })
    .from(journal)
    .where(lte(journal.seq, p('seq')))
    .orderBy(desc(journal.seq))
    .limit(1)
    .prepare()
  const dropBase = db
    .delete(journalBase)
    .where(eq(journalBase.key, p('key')))
    .prepare()
  const setBase = db
    .insert(journalBase)
    .values({ key: p('key'), seq: p('seq'), at: p('at'), value: p('value') })
    .onConflictDoUpdate({
      target: journalBase.key,
      set: { seq: sql`excluded.seq`, at: sql`excluded.at`, value: sql`excluded.value` },
    })
    .prepare()

  return {
    // `value` null is stored as SQL NULL, so that "gone" needs no parsing.
    add({ at, kind, key, service, actor, summary, operationId, value }) {
      const text =
        value === null || value === undefined
          ? null
          : typeof value === 'object'
            ? jsonTextNow(value)
            : JSON.stringify(value)
      return Number(add.run({ at, kind, key, service, actor, summary, operationId, value: text }).lastInsertRowid)
    },
    after: (cursor, limit) => after.all({ cursor, limit }) as JournalEvent[],
    unindexed: (head) => head - index.indexed(),
    index: (head) => head - index.advance(head),
    async list(f) {
      const where: (SQL | undefined)[] = [
        f.before === undefined ? undefined : lt(journal.seq, f.before),
        f.after === undefined ? undefined : gt(journal.seq, f.after),
        f.key === undefined ? undefined : eq(journal.key, f.key),
        f.service === undefined ? undefined : eq(journal.service, f.service),
        f.ofServices ? isNotNull(journal.service) : undefined,
        f.actor === undefined ? undefined : eq(journal.actor, f.actor),
        f.kinds === undefined || f.kinds.length === 0 ? undefined : inArray(journal.kind, f.kinds),
        f.q === undefined || f.q === '' ? undefined : sql`${like(journal.summary, contains(f.q))} escape '\\'`,
      ]
      const from = (floor?: SQL) =>
        db
          .select()
          .from(journal)
          .where(and(...where, floor))
          .orderBy(desc(journal.seq))
          .limit(f.limit)
          .all() as JournalEvent[]
      if (f.key === undefined && f.service === undefined) return from()
      // The newest are not in the index yet.
      const newest = from(gt(journal.seq, index.indexed()))
      if (newest.length >= f.limit) return newest
      const [by, is] =
        f.key === undefined
          ? [journalOfServices, eq(journalOfServices.service, f.service as string)]
          : [journalKeys, eq(journalKeys.key, f.key)]
      const older = db
        .select(getTableColumns(journal))
        .from(by)
        .innerJoin(journal, eq(journal.seq, by.seq))
        .where(
          and(
            is,
            f.before === undefined ? undefined : lt(by.seq, f.before),
            f.after === undefined ? undefined : gt(by.seq, f.after),
            ...where,
          ),
        )
        .orderBy(desc(by.seq))
        .limit(f.limit - newest.length)
        .all() as JournalEvent[]
      return [...newest, ...older]
    },
    async at(seq, prefixes) {
      const values = new Map<string, unknown>()
      for (const prefix of prefixes) {
        const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`
        const base = db
          .select({ key: journalBase.key, value: journalBase.value })
          .from(journalBase)
          .where(sql`${journalBase.key} >= ${prefix} and ${journalBase.key} < ${end}`)
          .all()
        for (const row of base) values.set(row.key, row.value)
        // A walk from key to key along the index: its cost grows with the keys, not with their history. A million entries
        // of 10,000 keys: 0.3 s with the file in memory, most of it for reading 10,000 values.
        const rows = db.all<{ key: string; value: string | null }>(sql`
          with recursive keys(k) as (
            select min(key) from journal_keys where key >= ${prefix} and key < ${end}
            union all
            select (select min(key) from journal_keys where key > k and key < ${end}) from keys where k is not null
          )
          select j.key as key, j.value as value from keys
          join journal j on j.seq = (select max(seq) from journal_keys where key = k and seq <= ${seq})
          where k is not null`)
        const newest = db.all<{ key: string; value: string | null }>(sql`
          select key, value from journal
          where seq > ${index.indexed()} and seq <= ${seq} and key >= ${prefix} and key < ${end} order by seq`)
        for (const row of [...rows, ...newest]) values.set(row.key, row.value === null ? null : JSON.parse(row.value))
      }
      return [...values].filter(([, value]) => value !== null).map(([key, value]) => ({ key, value }))
    },
    async seqAt(at) {
      // Entries are in order of time but for a wall clock set back, so a bisection over seq is exact enough for people.
      const first = oldestKept.get()
      if (!first || first.at > at) return first ? first.seq - 1 : 0
      const top = db
        .select({ seq: sql<number | null>`max(${journal.seq})` })
        .from(journal)
        .get()
      let low = first.seq
      let high = top?.seq ?? first.seq
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        const row = bySeq.get({ seq: middle })
        if (row && row.at <= at) low = middle
        else high = middle - 1
      }
      return low
    },
    async oldest() {
      return oldest.get() ?? null
    },
    async prune(upTo, limit) {
      // What is removed must be in the index, or the index would take it in later.
      if (upTo > index.indexed()) index.advance(upTo)
      const rows = db
        .select({
          seq: journal.seq,
          at: journal.at,
          key: journal.key,
          service: journal.service,
          value: journal.value,
        })
        .from(journal)
        .where(lte(journal.seq, Math.min(upTo, index.indexed())))
        .orderBy(asc(journal.seq))
        .limit(limit)
        .all()
      const last = rows.at(-1)
      if (!last) return 0
      for (const row of rows) {
        if (row.value === null) dropBase.run({ key: row.key })
        else setBase.run({ key: row.key, seq: row.seq, at: row.at, value: row.value })
        index.remove(row)
      }
      db.delete(journal).where(lte(journal.seq, last.seq)).run()
      return rows.length
    },
  }
}
