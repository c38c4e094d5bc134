/** Tables of the journal, the registry, operations, audit and telemetry. SQLite dialect; times are milliseconds since the epoch. */
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { CheckStatus, Instance, OperatorIntent, Service } from '../../core/instance.ts'

export const journal = sqliteTable(
  'journal',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    service: text('service'),
    actor: text('actor').notNull(),
    summary: text('summary').notNull(),
    operationId: text('operation_id'),
    value: text('value', { mode: 'json' }).$type<unknown>(),
  },
  (t) => [
    // By key and by service it is found through the two tables below, which are written behind.
    // The last entries about services are found at once, however many about locks have come since.
    index('journal_services').on(t.seq).where(sql`${t.service} is not null`),
  ],
)

/** The journal by key and by service, up to the entry that `meta` names: see sqlite/journal-index.ts. WITHOUT ROWID. */
export const journalKeys = sqliteTable(
  'journal_keys',
  { key: text('key').notNull(), seq: integer('seq').notNull() },
  (t) => [primaryKey({ columns: [t.key, t.seq] })],
)

export const journalOfServices = sqliteTable(
  'journal_of_services',
  { service: text('service').notNull(), seq: integer('seq').notNull() },
  (t) => [primaryKey({ columns: [t.service, t.seq] })],
)

/** The last value of each key at or before the oldest journal entry still kept: the floor that the past is rebuilt on. */
export const journalBase = sqliteTable('journal_base', {
  key: text('key').primaryKey(),
  seq: integer('seq').notNull(),
  at: integer('at').notNull(),
  value: text('value', { mode: 'json' }).$type<unknown>(),
})

export const meta = sqliteTable('meta', { key: text('key').primaryKey(), value: text('value').notNull() })

export const instances = sqliteTable(
  'instances',
  {
    id: text('id').primaryKey(),
    service: text('service').notNull(),
    generation: integer('generation').notNull(),
    revision: integer('revision').notNull(),
    /** flushed in batches; the record's own field is not kept current */
    lastHeartbeatAt: integer('last_heartbeat_at'),
    record: text('record', { mode: 'json' }).$type<Instance>().notNull(),
  },
  (t) => [index('instances_service').on(t.service)],
)

/** What was deregistered, so that an old generation cannot come back; pruned after a day. */
export const tombstones = sqliteTable(
  'tombstones',
  {
    id: text('id').primaryKey(),
    generation: integer('generation').notNull(),
    incarnation: text('incarnation').notNull(),
    /** `operator`, `service` or `expired` */
    cause: text('cause').$type<'operator' | 'service' | 'expired'>().notNull(),
    actor: text('actor').notNull(),
    at: integer('at').notNull(),
    /** what an operator wanted of it, for when it comes back */
    maintenance: text('maintenance', { mode: 'json' }).$type<OperatorIntent>(),
    drain: text('drain', { mode: 'json' }).$type<OperatorIntent>(),
  },
  (t) => [index('tombstones_at').on(t.at)],
)

export const services = sqliteTable('services', {
  name: text('name').primaryKey(),
  revision: integer('revision').notNull(),
  record: text('record', { mode: 'json' }).$type<Service>().notNull(),
})

export const checkRuns = sqliteTable(
  'check_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    instanceId: text('instance_id').notNull(),
    status: text('status').$type<CheckStatus>().notNull(),
    fromAt: integer('from_at').notNull(),
    toAt: integer('to_at').notNull(),
    count: integer('count').notNull(),
    durationMinMs: integer('duration_min_ms').notNull(),
    durationMaxMs: integer('duration_max_ms').notNull(),
    output: text('output').notNull(),
  },
  (t) => [index('check_runs_instance').on(t.instanceId, t.id), index('check_runs_to').on(t.toAt)],
)

/** First results of writes, by the caller's operation id; pruned after a day. */
export const operations = sqliteTable(
  'operations',
  {
    principal: text('principal').notNull(),
    id: text('id').notNull(),
    procedure: text('procedure').notNull(),
    /** of the procedure's input */
    hash: text('hash').notNull(),
    result: text('result', { mode: 'json' }).$type<unknown>(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.principal, t.id] }), index('operations_at').on(t.at)],
)

export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    target: text('target').notNull(),
    reason: text('reason'),
    before: text('before', { mode: 'json' }).$type<unknown>(),
    after: text('after', { mode: 'json' }).$type<unknown>(),
    /** the journal entry it made, where it made one */
    seq: integer('seq'),
    operationId: text('operation_id'),
  },
  (t) => [index('audit_target').on(t.target, t.id), index('audit_actor').on(t.actor, t.id)],
)

export const edgeRollups = sqliteTable(
  'edge_rollups',
  {
    stepMs: integer('step_ms').notNull(),
    at: integer('at').notNull(),
    caller: text('caller').notNull(),
    callee: text('callee').notNull(),
    protocol: text('protocol').notNull(),
    count: integer('count').notNull(),
    errors: integer('errors').notNull(),
    /** a sketch of latencies in milliseconds: the JSON of `SketchWire` */
    sketch: blob('sketch', { mode: 'buffer' }),
  },
  (t) => [
    primaryKey({ columns: [t.stepMs, t.at, t.caller, t.callee, t.protocol] }),
    index('edge_rollups_callee').on(t.stepMs, t.callee, t.at),
  ],
)
