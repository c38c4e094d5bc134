/** Where the time of requests went: roll-ups by edge and route or instance, and single requests kept whole. */
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Exemplar } from '../../core/exemplar.ts'
import type { CutQuality } from '../../core/latency.ts'

export const latencyRollups = sqliteTable(
  'latency_rollups',
  {
    stepMs: integer('step_ms').notNull(),
    at: integer('at').notNull(),
    caller: text('caller').notNull(),
    callee: text('callee').notNull(),
    protocol: text('protocol').notNull(),
    /** `route`: requests; `instance`: attempts */
    kind: text('kind').$type<'route' | 'instance'>().notNull(),
    /** of the route (empty: none) or the instance */
    name: text('name').notNull(),
    quality: text('quality').$type<CutQuality>().notNull(),
    count: integer('count').notNull(),
    errors: integer('errors').notNull(),
    clamped: integer('clamped').notNull(),
    networkMs: real('network_ms').notNull(),
    processingMs: real('processing_ms').notNull(),
    queueMs: real('queue_ms').notNull(),
    unattributedMs: real('unattributed_ms').notNull(),
    /** JSON of `SketchWire`s: the total, then the four parts where there are any */
    sketches: blob('sketches', { mode: 'buffer' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.stepMs, t.kind, t.at, t.caller, t.callee, t.protocol, t.name, t.quality] }),
    index('latency_rollups_callee').on(t.stepMs, t.kind, t.callee, t.at),
  ],
)

export const exemplars = sqliteTable(
  'exemplars',
  {
    key: integer('key').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    traceId: text('trace_id').notNull(),
    caller: text('caller').notNull(),
    /** the calling instance */
    reporter: text('reporter').notNull(),
    requestId: text('request_id').notNull(),
    callee: text('callee').notNull(),
    route: text('route'),
    failed: integer('failed', { mode: 'boolean' }).notNull(),
    /** slow or failed, or of such a trace: kept longer than what is only typical */
    notable: integer('notable', { mode: 'boolean' }).notNull(),
    totalMs: real('total_ms').notNull(),
    record: text('record', { mode: 'json' }).$type<Exemplar>().notNull(),
  },
  (t) => [
    uniqueIndex('exemplars_request').on(t.reporter, t.requestId),
    index('exemplars_trace').on(t.traceId),
    index('exemplars_at').on(t.at),
    index('exemplars_callee').on(t.callee, t.at),
  ],
)
