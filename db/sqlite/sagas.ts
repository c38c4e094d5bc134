import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, like, lt, or, type SQL, sql } from 'drizzle-orm'
import { jsonTextNow } from '../../core/json-text.ts'
import type { Breakpoint, HistoryEvent } from '../../core/saga/event.ts'
import type { SagaQueries } from '../saga-queries.ts'
import {
  sagaArchive,
  sagaAttributes,
  sagaDefinitions,
  sagaEvents,
  sagaHeads,
  sagaQueues,
  sagaRuns,
  sagaSchedules,
} from '../schema/sagas.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'
import { contains } from './journal.ts'

const p = sql.placeholder

export function sagaQueries(db: Drizzle): SagaQueries {
  const addRun = hot(
    db,
    db.insert(sagaRuns).values({
      id: p('id'),
      definition: p('definition'),
      version: p('version'),
      status: p('status'),
      seq: p('seq'),
      idempotencyKey: p('idempotencyKey'),
      inputHash: p('inputHash'),
      parentId: p('parentId'),
      redriveOf: p('redriveOf'),
      startedAt: p('startedAt'),
      endedAt: p('endedAt'),
      attentionSince: p('attentionSince'),
      archivedAt: p('archivedAt'),
      summary: p('summary'),
    }),
  )
  const replaceRun = hot(
    db,
    db
      .update(sagaRuns)
      .set({
        seq: sql`${p('to')}`,
        status: sql`${p('status')}`,
        endedAt: sql`${p('endedAt')}`,
        attentionSince: sql`${p('attentionSince')}`,
        summary: sql`${p('summary')}`,
      })
      .where(eq(sagaRuns.id, p('id'))),
  )
  const addEvents = hot(
    db,
    db
      .insert(sagaEvents)
      .select(
        sql`select ${p('runId')}, ${p('seq')}, ${p('events')} where not exists (select 1 from ${sagaEvents} where ${sagaEvents.runId} = ${p('runId')} and ${sagaEvents.seq} > ${p('before')})`,
      ),
  )
  const ofKey = hot<{ id: string }>(
    db,
    db
      .select({ id: sql`${sagaRuns.id}`.as('id') })
      .from(sagaRuns)
      .where(and(eq(sagaRuns.definition, p('definition')), eq(sagaRuns.idempotencyKey, p('key')))),
  )
  const head = hot<{ name: string; latest: number; breakpoints: string }>(
    db,
    db
      .select({
        name: sql`${sagaHeads.name}`.as('name'),
        latest: sql`${sagaHeads.latest}`.as('latest'),
        breakpoints: sql`${sagaHeads.breakpoints}`.as('breakpoints'),
      })
      .from(sagaHeads)
      .where(eq(sagaHeads.name, p('name'))),
  )
  const byId = db
    .select()
    .from(sagaRuns)
    .where(eq(sagaRuns.id, p('id')))
    .prepare()
  const addAttribute = db
    .insert(sagaAttributes)
    .values({ name: p('name'), value: p('value'), runId: p('runId') })
    .onConflictDoNothing()
    .prepare()

  return {
    async head(name) {
      const row = head.get({ name })
      return row ? { ...row, breakpoints: JSON.parse(row.breakpoints) as Breakpoint[] } : null
    },
    heads: async () => db.select().from(sagaHeads).orderBy(asc(sagaHeads.name)).all(),
    async putHead(head) {
      const { latest, breakpoints } = head
      db.insert(sagaHeads)
        .values(head)
        .onConflictDoUpdate({ target: sagaHeads.name, set: { latest, breakpoints } })
        .run()
    },
    definition: async (name, version) =>
      db
        .select()
        .from(sagaDefinitions)
        .where(and(eq(sagaDefinitions.name, name), eq(sagaDefinitions.version, version)))
        .get() ?? null,
    versions: async (name, limit) =>
      db
        .select()
        .from(sagaDefinitions)
        .where(eq(sagaDefinitions.name, name))
        .orderBy(desc(sagaDefinitions.version))
        .limit(limit)
        .all(),
    async addDefinition(row) {
      db.insert(sagaDefinitions).values(row).run()
    },

    run: async (id) => byId.get({ id }) ?? null,
    async runByKey(definition, key) {
      const found = ofKey.get({ definition, key })
      return found ? (byId.get({ id: found.id }) ?? null) : null
    },
    async addRun(row) {
      addRun.run({ ...row, summary: jsonTextNow(row.summary) })
    },
    async replaceRun(id, to) {
      const { seq, status, endedAt, attentionSince } = to
      replaceRun.run({ id, to: seq, status, endedAt, attentionSince, summary: jsonTextNow(to.summary) })
    },
    async runs(f) {
      const where: (SQL | undefined)[] = [
        f.definition === undefined ? undefined : eq(sagaRuns.definition, f.definition),
        f.statuses === undefined || f.statuses.length === 0 ? undefined : inArray(sagaRuns.status, f.statuses),
        f.before === undefined ? undefined : lt(sagaRuns.id, f.before),
        f.startedFrom === undefined ? undefined : gte(sagaRuns.startedAt, f.startedFrom),
        f.startedTo === undefined ? undefined : lt(sagaRuns.startedAt, f.startedTo),
        f.parentId === undefined ? undefined : eq(sagaRuns.parentId, f.parentId),
        f.redriveOf === undefined ? undefined : eq(sagaRuns.redriveOf, f.redriveOf),
        ...Object.entries(f.attributes ?? {}).map(
          ([name, value]) =>
            sql`exists (select 1 from ${sagaAttributes} where ${sagaAttributes.name} = ${name} and ${sagaAttributes.value} = ${value} and ${sagaAttributes.runId} = ${sagaRuns.id})`,
        ),
      ]
      if (f.q !== undefined && f.q !== '') {
        where.push(
          or(
            and(gte(sagaRuns.id, f.q), lt(sagaRuns.id, `${f.q}\uffff`)),
            eq(sagaRuns.idempotencyKey, f.q),
            sql`${sagaRuns.id} in (select ${sagaAttributes.runId} from ${sagaAttributes} where ${sagaAttributes.value} = ${f.q} limit 1000)`,
            sql`${like(sagaRuns.definition, contains(f.q))} escape '\\'`,
          ),
        )
      }
      return db
        .select()
        .from(sagaRuns)
        .where(and(...where))
        .orderBy(desc(sagaRuns.id))
        .limit(f.limit)
        .all()
    },
    async parked(after, limit) {
      return db
        .select()
        .from(sagaRuns)
        .where(
          and(
            isNotNull(sagaRuns.attentionSince),
            after === null
              ? undefined
              : or(
                  gt(sagaRuns.attentionSince, after.since),
                  and(eq(sagaRuns.attentionSince, after.since), gt(sagaRuns.id, after.id)),
                ),
          ),
        )
        .orderBy(asc(sagaRuns.attentionSince), asc(sagaRuns.id))
        .limit(limit)
        .all()
    },
    openRuns: async (after, limit) =>
      db
        .select({ id: sagaRuns.id, definition: sagaRuns.definition, version: sagaRuns.version })
        .from(sagaRuns)
        .where(and(isNull(sagaRuns.endedAt), gt(sagaRuns.id, after)))
        .orderBy(asc(sagaRuns.id))
        .limit(limit)
        .all(),
    counts: async () =>
      db
        .select({ definition: sagaRuns.definition, status: sagaRuns.status, n: sql<number>`count(*)` })
        .from(sagaRuns)
        .groupBy(sagaRuns.definition, sagaRuns.status)
        .all(),
    async addEvents(runId, before, seq, events) {
      return addEvents.run({ runId, before, seq, events: JSON.stringify(events) }).changes === 1
    },
    lastSeq: async (runId) =>
      db
        .select({ seq: sagaEvents.seq })
        .from(sagaEvents)
        .where(eq(sagaEvents.runId, runId))
        .orderBy(desc(sagaEvents.seq))
        .limit(1)
        .get()?.seq ?? null,
    async events(runId, after, rows) {
      const found = db
        .select({ events: sagaEvents.events })
        .from(sagaEvents)
        .where(and(eq(sagaEvents.runId, runId), gt(sagaEvents.seq, after)))
        .orderBy(asc(sagaEvents.seq))
        .limit(rows)
        .all()
      const events: HistoryEvent[] = found.flatMap((row) => row.events)
      return after > 0 ? events.filter((event) => event.seq > after) : events
    },
    archive: async (runId) => db.select().from(sagaArchive).where(eq(sagaArchive.runId, runId)).get()?.history ?? null,
    async addAttributes(runId, attributes) {
      for (const [name, value] of Object.entries(attributes)) addAttribute.run({ name, value, runId })
    },

    async toArchive(before, limit) {
      return db
        .select({ id: sagaRuns.id })
        .from(sagaRuns)
        .where(and(isNotNull(sagaRuns.endedAt), isNull(sagaRuns.archivedAt), lt(sagaRuns.endedAt, before)))
        .limit(limit)
        .all()
        .map((row) => row.id)
    },
    async putArchive(runId, history, at) {
      db.insert(sagaArchive)
        .values({ runId, history: Buffer.from(history) })
        .run()
      db.delete(sagaEvents).where(eq(sagaEvents.runId, runId)).run()
      db.update(sagaRuns).set({ archivedAt: at }).where(eq(sagaRuns.id, runId)).run()
    },
    async toForget(definition, before, limit) {
      // Ids are in order of time: the oldest runs of a definition are the first ones of its index.
      return db
        .select({ id: sagaRuns.id })
        .from(sagaRuns)
        .where(and(eq(sagaRuns.definition, definition), isNotNull(sagaRuns.endedAt), lt(sagaRuns.endedAt, before)))
        .limit(limit)
        .all()
        .map((row) => row.id)
    },
    async forget(runId) {
      db.delete(sagaEvents).where(eq(sagaEvents.runId, runId)).run()
      db.delete(sagaArchive).where(eq(sagaArchive.runId, runId)).run()
      db.delete(sagaAttributes).where(eq(sagaAttributes.runId, runId)).run()
      db.delete(sagaRuns).where(eq(sagaRuns.id, runId)).run()
    },

    schedules: async () => db.select().from(sagaSchedules).orderBy(asc(sagaSchedules.name)).all(),
    schedule: async (name) => db.select().from(sagaSchedules).where(eq(sagaSchedules.name, name)).get() ?? null,
    async putSchedule(row) {
      const { name: _name, ...set } = row
      db.insert(sagaSchedules).values(row).onConflictDoUpdate({ target: sagaSchedules.name, set }).run()
    },
    async deleteSchedule(name) {
      db.delete(sagaSchedules).where(eq(sagaSchedules.name, name)).run()
    },
    queues: async () => db.select().from(sagaQueues).orderBy(asc(sagaQueues.name)).all(),
    async putQueue(name, limit) {
      if (limit === null) db.delete(sagaQueues).where(eq(sagaQueues.name, name)).run()
      else
        db.insert(sagaQueues)
          .values({ name, limit })
          .onConflictDoUpdate({ target: sagaQueues.name, set: { limit } })
          .run()
    },
  }
}
