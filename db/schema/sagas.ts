/** Tables of sagas. SQLite dialect; times are milliseconds since the epoch. */
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { SagaDefinition } from '../../core/saga/definition.ts'
import type { Breakpoint, HistoryEvent } from '../../core/saga/event.ts'
import type { RunSummary } from '../../core/saga/view.ts'

export const sagaDefinitions = sqliteTable(
  'saga_definitions',
  {
    name: text('name').notNull(),
    version: integer('version').notNull(),
    /** of the definition without its version: the same one again is no new version */
    hash: text('hash').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    record: text('record', { mode: 'json' }).$type<SagaDefinition>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.version] })],
)

/** What may change about a definition: where its runs stop. */
export const sagaHeads = sqliteTable('saga_heads', {
  name: text('name').primaryKey(),
  latest: integer('latest').notNull(),
  breakpoints: text('breakpoints', { mode: 'json' }).$type<Breakpoint[]>().notNull(),
})

/** One row a run. Ids are in order of time, so that lists and inserts stay at the end of each index. */
export const sagaRuns = sqliteTable(
  'saga_runs',
  {
    id: text('id').primaryKey(),
    definition: text('definition').notNull(),
    version: integer('version').notNull(),
    status: text('status').notNull(),
    /** of the last event when the row was last written: with each change of status, not with each decision */
    seq: integer('seq').notNull(),
    idempotencyKey: text('idempotency_key'),
    /** of the input, compared when the key comes again */
    inputHash: text('input_hash').notNull(),
    parentId: text('parent_id'),
    redriveOf: text('redrive_of'),
    startedAt: integer('started_at').notNull(),
    /** null while it is open: recovery and admission look at those alone */
    endedAt: integer('ended_at'),
    attentionSince: integer('attention_since'),
    /** where its history is packed; null while its events are rows */
    archivedAt: integer('archived_at'),
    /** after the last change of status; an open run's is made from its events */
    summary: text('summary', { mode: 'json' }).$type<RunSummary>().notNull(),
  },
  (t) => [
    index('saga_runs_definition').on(t.definition, t.status, t.id),
    index('saga_runs_status').on(t.status, t.id),
    index('saga_runs_open').on(t.id).where(sql`${t.endedAt} is null`),
    index('saga_runs_key').on(t.definition, t.idempotencyKey).where(sql`${t.idempotencyKey} is not null`),
    index('saga_runs_parent').on(t.parentId).where(sql`${t.parentId} is not null`),
    index('saga_runs_redrive').on(t.redriveOf).where(sql`${t.redriveOf} is not null`),
    index('saga_runs_attention').on(t.attentionSince).where(sql`${t.attentionSince} is not null`),
    index('saga_runs_ended').on(t.endedAt).where(sql`${t.endedAt} is not null and ${t.archivedAt} is null`),
  ],
)

/** The history: one row a decision, holding the events that were recorded together. `seq` is that of the last. */
export const sagaEvents = sqliteTable(
  'saga_events',
  {
    runId: text('run_id').notNull(),
    seq: integer('seq').notNull(),
    events: text('events', { mode: 'json' }).$type<HistoryEvent[]>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.seq] })],
)

/** The packed history of a run that ended long ago. */
export const sagaArchive = sqliteTable('saga_archive', {
  runId: text('run_id').primaryKey(),
  /** JSON of its events, compressed with gzip */
  history: blob('history', { mode: 'buffer' }).notNull(),
})

/** What a run can be searched by. */
export const sagaAttributes = sqliteTable(
  'saga_attributes',
  { name: text('name').notNull(), value: text('value').notNull(), runId: text('run_id').notNull() },
  (t) => [primaryKey({ columns: [t.name, t.value, t.runId] }), index('saga_attributes_run').on(t.runId)],
)

export const sagaSchedules = sqliteTable('saga_schedules', {
  name: text('name').primaryKey(),
  definition: text('definition').notNull(),
  cron: text('cron').notNull(),
  timezone: text('timezone').notNull(),
  input: text('input', { mode: 'json' }).$type<unknown>(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  revision: integer('revision').notNull(),
  /** null: never again */
  nextAt: integer('next_at'),
  lastAt: integer('last_at'),
  lastRunId: text('last_run_id'),
  /** why the last one did not start */
  lastError: text('last_error'),
})

/** Task queues with a limit of their own. */
export const sagaQueues = sqliteTable('saga_queues', {
  name: text('name').primaryKey(),
  /** tasks under way at once */
  limit: integer('limit').notNull(),
})
