import { and, asc, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { KeptExemplar } from '../../core/exemplar.ts'
import type { LatencyKey, LatencyQueries } from '../latency-queries.ts'
import { exemplars, latencyRollups } from '../schema/latency.ts'
import type { Drizzle } from './drizzle.ts'

const p = sql.placeholder
const t = latencyRollups

export function latencyQueries(db: Drizzle): LatencyQueries {
  const put = db
    .insert(t)
    .values({
      stepMs: p('stepMs'),
      at: p('at'),
      caller: p('caller'),
      callee: p('callee'),
      protocol: p('protocol'),
      kind: p('kind'),
      name: p('name'),
      quality: p('quality'),
      count: p('count'),
      errors: p('errors'),
      clamped: p('clamped'),
      networkMs: p('networkMs'),
      processingMs: p('processingMs'),
      queueMs: p('queueMs'),
      unattributedMs: p('unattributedMs'),
      sketches: p('sketches'),
    })
    .onConflictDoUpdate({
      target: [t.stepMs, t.kind, t.at, t.caller, t.callee, t.protocol, t.name, t.quality],
      set: {
        count: sql`excluded.count`,
        errors: sql`excluded.errors`,
        clamped: sql`excluded.clamped`,
        networkMs: sql`excluded.network_ms`,
        processingMs: sql`excluded.processing_ms`,
        queueMs: sql`excluded.queue_ms`,
        unattributedMs: sql`excluded.unattributed_ms`,
        sketches: sql`excluded.sketches`,
      },
    })
    .prepare()
  const one = db
    .select()
    .from(t)
    .where(
      and(
        ...(['stepMs', 'kind', 'at', 'caller', 'callee', 'protocol', 'name', 'quality'] as const).map(
          (column: keyof LatencyKey) => eq(t[column], p(column)),
        ),
      ),
    )
    .prepare()
  const add = db
    .insert(exemplars)
    .values({
      at: p('at'),
      traceId: p('traceId'),
      caller: p('caller'),
      reporter: p('reporter'),
      requestId: p('requestId'),
      callee: p('callee'),
      route: p('route'),
      failed: p('failed'),
      notable: p('notable'),
      totalMs: p('totalMs'),
      record: p('record'),
    })
    .onConflictDoNothing()
    .prepare()
  const kept = (row: typeof exemplars.$inferSelect): KeptExemplar => {
    const { key, caller, reporter } = row
    return { ...row.record, key, caller, reporter }
  }
  const some = (where: SQL, limit: number): number =>
    db.delete(exemplars).where(sql`rowid in (select rowid from ${exemplars} where ${where} limit ${limit})`).run()
      .changes
  return {
    async putRollup(row) {
      put.run({ ...row, sketches: Buffer.from(row.sketches) })
    },
    async rollup(key) {
      return one.get({ ...key }) ?? null
    },
    async rollups(f) {
      return db
        .select()
        .from(t)
        .where(
          and(
            eq(t.stepMs, f.stepMs),
            eq(t.kind, f.kind),
            gte(t.at, f.from),
            lt(t.at, f.to),
            f.caller === undefined ? undefined : eq(t.caller, f.caller),
            f.callee === undefined ? undefined : eq(t.callee, f.callee),
            f.protocol === undefined ? undefined : eq(t.protocol, f.protocol),
            f.name === undefined ? undefined : eq(t.name, f.name),
          ),
        )
        .orderBy(asc(t.at))
        .limit(f.limit)
        .all()
    },
    async names(f) {
      return db
        .select({
          caller: t.caller,
          callee: t.callee,
          protocol: t.protocol,
          name: t.name,
          count: sql<number>`sum(${t.count})`,
        })
        .from(t)
        .where(and(eq(t.stepMs, f.stepMs), eq(t.kind, f.kind), gte(t.at, f.from), lt(t.at, f.to)))
        .groupBy(t.caller, t.callee, t.protocol, t.name)
        .orderBy(desc(sql`sum(${t.count})`))
        .limit(f.limit)
        .all()
    },
    async addExemplar({ caller, reporter, notable, exemplar }) {
      const { at, traceId, id: requestId, callee, route, failed, cut } = exemplar
      const row = { at, traceId, caller, reporter, requestId, callee, route, failed, notable, totalMs: cut.totalMs }
      return add.run({ ...row, record: exemplar }).changes === 1
    },
    async exemplars(f) {
      const where = [
        f.from === undefined ? undefined : gte(exemplars.at, f.from),
        f.to === undefined ? undefined : lt(exemplars.at, f.to),
        f.caller === undefined ? undefined : eq(exemplars.caller, f.caller),
        f.callee === undefined ? undefined : eq(exemplars.callee, f.callee),
        f.route === undefined ? undefined : eq(exemplars.route, f.route),
        f.failed === undefined ? undefined : eq(exemplars.failed, f.failed),
        f.totalMinMs === undefined ? undefined : gte(exemplars.totalMs, f.totalMinMs),
        f.totalBelowMs === undefined ? undefined : lt(exemplars.totalMs, f.totalBelowMs),
      ]
      const order = f.order === 'slowest' ? desc(exemplars.totalMs) : desc(exemplars.at)
      return db
        .select()
        .from(exemplars)
        .where(and(...where))
        .orderBy(order, desc(exemplars.key))
        .limit(f.limit)
        .all()
        .map(kept)
    },
    async trace(traceId, limit) {
      return db
        .select()
        .from(exemplars)
        .where(eq(exemplars.traceId, traceId))
        .orderBy(asc(exemplars.at), asc(exemplars.key))
        .limit(limit)
        .all()
        .map(kept)
    },
    async pruneRollups(stepMs, before, limit) {
      const old = sql`${t.stepMs} = ${stepMs} and ${t.at} < ${before}`
      return db.delete(t).where(sql`rowid in (select rowid from ${t} where ${old} limit ${limit})`).run().changes
    },
    async boundRollups(stepMs, rowsMax, limit) {
      const ofStep = eq(t.stepMs, stepMs)
      const rows = db.select({ rows: sql<number>`count(*)` }).from(t).where(ofStep).get()?.rows ?? 0
      if (rows <= rowsMax) return 0
      const some = Math.min(limit, rows - rowsMax)
      return db
        .delete(t)
        .where(sql`rowid in (select rowid from ${t} where ${ofStep} order by ${t.at} limit ${some})`)
        .run().changes
    },
    async pruneExemplars({ before, notable }, limit) {
      const old = sql`${exemplars.at} < ${before}`
      return some(notable === undefined ? old : sql`${old} and ${exemplars.notable} = ${notable ? 1 : 0}`, limit)
    },
    async boundExemplars(rowsMax, limit) {
      const newest = db.select({ key: exemplars.key }).from(exemplars).orderBy(desc(exemplars.key)).limit(1).get()
      if (!newest) return 0
      // Keys only grow, so that the oldest are found without counting: at most `rowsMax` keys are left.
      return some(sql`${exemplars.key} <= ${newest.key - rowsMax}`, limit)
    },
  }
}
