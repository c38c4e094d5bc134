/** Statements of checks, operations, audit, telemetry, retention and meta. */
import { and, asc, desc, eq, gte, like, lt, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type {
  AuditEntry,
  AuditQueries,
  CheckQueries,
  MetaQueries,
  OperationQueries,
  RetentionQueries,
  TelemetryQueries,
} from '../queries.ts'
import { audit, checkRuns, edgeRollups, meta, operations, tombstones } from '../schema/core.ts'
import type { Drizzle } from './drizzle.ts'
import { hot } from './hot.ts'
import { contains } from './journal.ts'

const p = sql.placeholder

/** How much longer a tombstone is kept for the maintenance or drain that it carries. */
const INTENT_KEPT_MS = 90 * 86_400_000

/** No intent, or one that ended before `at`; one without an end is never over. */
function isOver(intent: SQLWrapper, at: number): SQL {
  return sql`(${intent} is null or ${intent} = 'null' or coalesce(json_extract(${intent}, '$.until') < ${at}, 0))`
}

export function checkQueries(db: Drizzle): CheckQueries {
  const add = db
    .insert(checkRuns)
    .values({
      instanceId: p('instanceId'),
      status: p('status'),
      fromAt: p('fromAt'),
      toAt: p('toAt'),
      count: p('count'),
      durationMinMs: p('durationMinMs'),
      durationMaxMs: p('durationMaxMs'),
      output: p('output'),
    })
    .prepare()
  return {
    async addRun(instanceId, run) {
      add.run({ instanceId, ...run })
    },
    async runs(instanceId, before, limit) {
      return db
        .select({
          status: checkRuns.status,
          fromAt: checkRuns.fromAt,
          toAt: checkRuns.toAt,
          count: checkRuns.count,
          durationMinMs: checkRuns.durationMinMs,
          durationMaxMs: checkRuns.durationMaxMs,
          output: checkRuns.output,
        })
        .from(checkRuns)
        .where(and(eq(checkRuns.instanceId, instanceId), before === null ? undefined : lt(checkRuns.fromAt, before)))
        .orderBy(desc(checkRuns.id))
        .limit(limit)
        .all()
    },
    async deleteRunsOf(instanceId) {
      db.delete(checkRuns).where(eq(checkRuns.instanceId, instanceId)).run()
    },
  }
}

export function operationQueries(db: Drizzle): OperationQueries {
  const get = db
    .select()
    .from(operations)
    .where(and(eq(operations.principal, p('principal')), eq(operations.id, p('id'))))
    .prepare()
  const put = db
    .insert(operations)
    .values({
      principal: p('principal'),
      id: p('id'),
      procedure: p('procedure'),
      hash: p('hash'),
      result: p('result'),
      at: p('at'),
    })
    .prepare()
  return {
    async get(principal, id) {
      return get.get({ principal, id }) ?? null
    },
    async put(row) {
      put.run({ ...row })
    },
  }
}

export function auditQueries(db: Drizzle): AuditQueries & { add(row: Omit<AuditEntry, 'id'>): void } {
  const add = hot(
    db,
    db.insert(audit).values({
      at: p('at'),
      actor: p('actor'),
      action: p('action'),
      target: p('target'),
      reason: p('reason'),
      before: p('before'),
      after: p('after'),
      seq: p('seq'),
      operationId: p('operationId'),
    }),
  )
  return {
    add({ at, actor, action, target, reason, before, after, seq, operationId }) {
      const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))
      const rest = { at, actor, action, target, reason, seq, operationId }
      add.run({ ...rest, before: json(before), after: json(after) })
    },
    async list(f) {
      const where: (SQL | undefined)[] = [
        f.before === undefined ? undefined : lt(audit.id, f.before),
        f.actor === undefined ? undefined : eq(audit.actor, f.actor),
        f.action === undefined ? undefined : eq(audit.action, f.action),
        f.target === undefined ? undefined : eq(audit.target, f.target),
        f.q === undefined || f.q === ''
          ? undefined
          : or(
              ...[audit.target, audit.reason, audit.actor, audit.action].map(
                (column) => sql`${like(column, contains(f.q as string))} escape '\\'`,
              ),
            ),
      ]
      return db
        .select()
        .from(audit)
        .where(and(...where))
        .orderBy(desc(audit.id))
        .limit(f.limit)
        .all()
    },
  }
}

export function telemetryQueries(db: Drizzle): TelemetryQueries {
  const put = db
    .insert(edgeRollups)
    .values({
      stepMs: p('stepMs'),
      at: p('at'),
      caller: p('caller'),
      callee: p('callee'),
      protocol: p('protocol'),
      count: p('count'),
      errors: p('errors'),
      sketch: p('sketch'),
    })
    .onConflictDoUpdate({
      target: [edgeRollups.stepMs, edgeRollups.at, edgeRollups.caller, edgeRollups.callee, edgeRollups.protocol],
      set: { count: sql`excluded.count`, errors: sql`excluded.errors`, sketch: sql`excluded.sketch` },
    })
    .prepare()
  return {
    async putRollup(row) {
      put.run({ ...row, sketch: row.sketch === null ? null : Buffer.from(row.sketch) })
    },
    async rollup(key) {
      return (
        db
          .select()
          .from(edgeRollups)
          .where(
            and(
              eq(edgeRollups.stepMs, key.stepMs),
              eq(edgeRollups.at, key.at),
              eq(edgeRollups.caller, key.caller),
              eq(edgeRollups.callee, key.callee),
              eq(edgeRollups.protocol, key.protocol),
            ),
          )
          .get() ?? null
      )
    },
    async rollups(f) {
      return db
        .select()
        .from(edgeRollups)
        .where(
          and(
            eq(edgeRollups.stepMs, f.stepMs),
            gte(edgeRollups.at, f.from),
            lt(edgeRollups.at, f.to),
            f.caller === undefined ? undefined : eq(edgeRollups.caller, f.caller),
            f.callee === undefined ? undefined : eq(edgeRollups.callee, f.callee),
          ),
        )
        .orderBy(asc(edgeRollups.at))
        .limit(f.limit)
        .all()
    },
  }
}

export function retentionQueries(db: Drizzle): RetentionQueries {
  // Bounded deletes, so that housekeeping never holds the writer for long.
  const some = (table: SQLiteTable, where: SQL, limit: number): number =>
    db.delete(table).where(sql`rowid in (select rowid from ${table} where ${where} limit ${limit})`).run().changes
  return {
    operations: async (before, limit) => some(operations, sql`${operations.at} < ${before}`, limit),
    // What an operator wants of an instance that is away is kept until it is over, or nobody can mean it any more.
    tombstones: async (before, limit) =>
      some(
        tombstones,
        sql`${tombstones.at} < ${before} and (${tombstones.at} < ${before - INTENT_KEPT_MS}
          or (${isOver(tombstones.maintenance, before)} and ${isOver(tombstones.drain, before)}))`,
        limit,
      ),
    checkRuns: async (before, limit) => some(checkRuns, sql`${checkRuns.toAt} < ${before}`, limit),
    rollups: async (stepMs, before, limit) =>
      some(edgeRollups, sql`${edgeRollups.stepMs} = ${stepMs} and ${edgeRollups.at} < ${before}`, limit),
    audit: async (before, limit) => some(audit, sql`${audit.at} < ${before}`, limit),
  }
}

export function metaQueries(db: Drizzle): MetaQueries {
  return {
    async get(key) {
      return db.select().from(meta).where(eq(meta.key, key)).get()?.value ?? null
    },
    async set(key, value) {
      db.insert(meta).values({ key, value }).onConflictDoUpdate({ target: meta.key, set: { value } }).run()
    },
  }
}
