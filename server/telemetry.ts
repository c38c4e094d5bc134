/**
 * What the fleet reports of its calls: a live window of one-second buckets an edge, and history rolled up in the database.
 * Memory is bounded by edges × buckets; nothing here is journaled.
 */
import type { Clock } from '../core/clock.ts'
import { Sketch } from '../core/sketch.ts'
import type { EdgeView, Quality } from '../core/topology.ts'
import type { Store, Tx } from '../db/store.ts'

/** The live window. */
export const WINDOW_MS = 30_000
const BUCKET_MS = 1_000
const BUCKETS = WINDOW_MS / BUCKET_MS
/** Edges with traffic at most; further ones are refused and counted. */
export const EDGES_MAX = 5_000
/** A caller that reported in the window but not for this long makes its edge partial. */
const REPORT_LATE_MS = 5_000
/** An edge without traffic is shown for this long, then forgotten. */
const EDGE_KEPT_MS = 5 * 60_000

/** Steps of the history and how long each is kept. */
export const ROLLUPS = [
  { stepMs: 10_000, keptMs: 3_600_000 },
  { stepMs: 60_000, keptMs: 2 * 86_400_000 },
  { stepMs: 3_600_000, keptMs: 90 * 86_400_000 },
] as const

interface Bucket {
  /** index of its second on the monotonic clock; -1: unused */
  second: number
  count: number
  errors: number
  sketch: Sketch
}

interface Edge {
  id: string
  caller: string
  callee: string
  protocol: string
  buckets: Bucket[]
  /** last report of each calling instance, monotonic; at most 256 */
  reporters: Map<string, number>
  createdAt: number
  lastReportAt: number
  lastTrafficAt: number
  /** since the last roll-up */
  pending: { count: number; errors: number; sketch: Sketch }
}

export interface EdgeReport {
  callee: string
  protocol: string
  count: number
  errors: number
  sketch: Sketch | null
}

export class Telemetry {
  readonly #clock: Clock
  readonly #store: Store
  readonly #edges = new Map<string, Edge>()
  refused = 0

  constructor(options: { clock: Clock; store: Store }) {
    this.#clock = options.clock
    this.#store = options.store
  }

  get size(): number {
    return this.#edges.size
  }

  /** Takes a report of one instance in; returns how many edges were refused for want of room. */
  report(caller: string, instanceId: string, edges: readonly EdgeReport[]): number {
    const now = this.#clock.monotonic()
    let refused = 0
    for (const report of edges) {
      const edge = this.#edge(caller, report, now)
      if (!edge) {
        refused += 1
        continue
      }
      edge.lastReportAt = now
      if (edge.reporters.size < 256 || edge.reporters.has(instanceId)) edge.reporters.set(instanceId, now)
      if (report.count === 0) continue
      edge.lastTrafficAt = now
      const bucket = bucketAt(edge, Math.floor(now / BUCKET_MS))
      for (const into of [bucket, edge.pending]) {
        into.count += report.count
        into.errors += report.errors
        if (report.sketch) into.sketch.merge(report.sketch)
      }
    }
    this.refused += refused
    return refused
  }

  #edge(caller: string, report: EdgeReport, now: number): Edge | null {
    const id = `${caller}→${report.callee}:${report.protocol}`
    const known = this.#edges.get(id)
    if (known) return known
    if (this.#edges.size >= EDGES_MAX) return null
    const edge: Edge = {
      id,
      caller,
      callee: report.callee,
      protocol: report.protocol,
      buckets: Array.from({ length: BUCKETS }, () => ({ second: -1, count: 0, errors: 0, sketch: new Sketch() })),
      reporters: new Map(),
      createdAt: now,
      lastReportAt: now,
      lastTrafficAt: now,
      pending: { count: 0, errors: 0, sketch: new Sketch() },
    }
    this.#edges.set(id, edge)
    return edge
  }

  /** The window as it is now. Rates are over the complete seconds of the window that the edge has existed for. */
  views(): EdgeView[] {
    const now = this.#clock.monotonic()
    return [...this.#edges.values()].map((edge) => this.#view(edge, now))
  }

  #view(edge: Edge, now: number): EdgeView {
    const first = Math.floor((now - WINDOW_MS) / BUCKET_MS) + 1
    const sketch = new Sketch()
    let count = 0
    let errors = 0
    for (const bucket of edge.buckets) {
      if (bucket.second < first) continue
      count += bucket.count
      errors += bucket.errors
      sketch.merge(bucket.sketch)
    }
    const [p50Ms, p99Ms] = sketch.quantiles(0.5, 0.99) as [number | null, number | null]
    return {
      id: edge.id,
      caller: edge.caller,
      callee: edge.callee,
      protocol: edge.protocol,
      count,
      errors,
      // A young edge is measured over its own life, or its rate would climb for a whole window.
      ratePerSec: count / (Math.min(WINDOW_MS, Math.max(BUCKET_MS, now - edge.createdAt)) / 1000),
      errorShare: count === 0 ? null : errors / count,
      p50Ms,
      p99Ms,
      windowMs: WINDOW_MS,
      ageMs: Math.max(0, Math.round(now - edge.lastReportAt)),
      quality: quality(edge, count, now),
    }
  }

  /** Forgets edges and reporters that have been silent for long. */
  forget(): void {
    const now = this.#clock.monotonic()
    for (const edge of this.#edges.values()) {
      for (const [id, at] of edge.reporters) if (now - at > WINDOW_MS) edge.reporters.delete(id)
      if (now - edge.lastTrafficAt > EDGE_KEPT_MS && edge.pending.count === 0) this.#edges.delete(edge.id)
    }
  }

  /** Adds what came since the last call to the history, at every step. */
  async rollUp(): Promise<void> {
    const wall = this.#clock.wall()
    const batch: { caller: string; callee: string; protocol: string; pending: Edge['pending'] }[] = []
    for (const edge of this.#edges.values()) {
      if (edge.pending.count === 0) continue
      const { caller, callee, protocol, pending } = edge
      batch.push({ caller, callee, protocol, pending })
      edge.pending = { count: 0, errors: 0, sketch: new Sketch() }
    }
    // Portions, so that thousands of edges never hold the writer for long.
    for (let i = 0; i < batch.length; i += 100) {
      const portion = batch.slice(i, i + 100)
      await this.#store.transact({ actor: 'system', operationId: null }, async (tx) => {
        for (const row of portion) for (const { stepMs } of ROLLUPS) await addRollup(tx, wall, stepMs, row)
      })
    }
  }

  /** The history of calls, from the finest step that reaches back far enough; at most 1,000 points. */
  async history(query: { caller?: string | undefined; callee?: string | undefined; fromMs: number; toMs: number }) {
    const age = this.#clock.wall() - query.fromMs
    const span = query.toMs - query.fromMs
    const rollup =
      ROLLUPS.find((r) => age <= r.keptMs && span / r.stepMs <= 1_000) ?? (ROLLUPS.at(-1) as (typeof ROLLUPS)[number])
    const rows = await this.#store.read((tx) =>
      tx.q.telemetry.rollups({
        stepMs: rollup.stepMs,
        from: query.fromMs - (query.fromMs % rollup.stepMs),
        to: query.toMs,
        caller: query.caller,
        callee: query.callee,
        limit: 20_000,
      }),
    )
    const points = new Map<number, { count: number; errors: number; sketch: Sketch }>()
    for (const row of rows) {
      const point = points.get(row.at) ?? { count: 0, errors: 0, sketch: new Sketch() }
      point.count += row.count
      point.errors += row.errors
      const sketch = decode(row.sketch)
      if (sketch) point.sketch.merge(sketch)
      points.set(row.at, point)
    }
    return [...points]
      .sort((a, b) => a[0] - b[0])
      .slice(-1_000)
      .map(([at, { count, errors, sketch }]) => {
        const [p50Ms, p99Ms] = sketch.quantiles(0.5, 0.99) as [number | null, number | null]
        return { at, stepMs: rollup.stepMs, count, errors, p50Ms, p99Ms }
      })
  }
}

function bucketAt(edge: Edge, second: number): Bucket {
  const bucket = edge.buckets[second % BUCKETS] as Bucket
  if (bucket.second !== second) {
    bucket.second = second
    bucket.count = 0
    bucket.errors = 0
    bucket.sketch.clear()
  }
  return bucket
}

function quality(edge: Edge, count: number, now: number): Quality {
  if (count === 0) return 'none'
  for (const at of edge.reporters.values()) {
    if (now - at > REPORT_LATE_MS && now - at <= WINDOW_MS) return 'partial'
  }
  return 'measured'
}

async function addRollup(
  tx: Tx,
  wall: number,
  stepMs: number,
  row: { caller: string; callee: string; protocol: string; pending: Edge['pending'] },
): Promise<void> {
  const key = { stepMs, at: wall - (wall % stepMs), caller: row.caller, callee: row.callee, protocol: row.protocol }
  const before = await tx.q.telemetry.rollup(key)
  const sketch = new Sketch()
  sketch.merge(row.pending.sketch)
  const old = before ? decode(before.sketch) : null
  if (old) sketch.merge(old)
  await tx.q.telemetry.putRollup({
    ...key,
    count: row.pending.count + (before?.count ?? 0),
    errors: row.pending.errors + (before?.errors ?? 0),
    sketch: Buffer.from(JSON.stringify(sketch.toWire())),
  })
}

function decode(sketch: Uint8Array | null): Sketch | null {
  return sketch === null ? null : Sketch.fromWire(JSON.parse(Buffer.from(sketch).toString()) as number[])
}
