/**
 * What the fleet reports of its calls: a live window of one-second buckets an edge, and history rolled up in the database.
 * Memory is bounded by edges × buckets; nothing here is journaled.
 */
import type { Clock } from '../core/clock.ts'
import type { Exemplar } from '../core/exemplar.ts'
import { Sketch } from '../core/sketch.ts'
import type { EdgeView, Quality } from '../core/topology.ts'
import type { Store, Tx } from '../db/store.ts'
import { type CutReport, Groups } from './telemetry/groups.ts'
import { Keep } from './telemetry/keep.ts'
import { addLatency, ROLLUPS } from './telemetry/rollups.ts'

/** The live window. */
export const WINDOW_MS = 30_000
const BUCKET_MS = 1_000
const BUCKETS = WINDOW_MS / BUCKET_MS
/** Edges with traffic at most; further ones are refused and counted. */
export const EDGES_MAX = 5_000
/** A caller that reported in the window but not for this long makes its edge partial. */
const REPORT_LATE_MS = 5_000
/** Of a reporter's wall clock, before the time is taken from our own. */
const CLOCK_OFF_MS = 5 * 60_000
/** An edge without traffic is shown for this long, then forgotten. */
const EDGE_KEPT_MS = 5 * 60_000

export { ROLLUPS }

interface Bucket {
  /** index of its second on the monotonic clock; -1: unused */
  second: number
  count: number
  errors: number
  sketch: Sketch
  /** of all durations */
  sumMs: number
  /** calls in flight × milliseconds */
  areaMs: number
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
  /** last report that told how many calls are in flight */
  lastGaugeAt: number | null
  /** since the last roll-up */
  pending: { count: number; errors: number; sketch: Sketch }
}

export interface EdgeReport {
  callee: string
  protocol: string
  count: number
  errors: number
  sketch: Sketch | null
  sumMs?: number | undefined
  inFlight?: { mean: number; max: number } | undefined
  cuts?: CutReport[] | undefined
}

/** One edge over the live window, for Little's law: both sides of it measured, each for itself. */
export interface EdgeFlow {
  id: string
  caller: string
  callee: string
  protocol: string
  /** completions */
  count: number
  errors: number
  ratePerSec: number
  /** null: nobody tells */
  meanMs: number | null
  /** the mean over time; null: nobody tells */
  inFlight: number | null
  spanMs: number
  quality: Quality
}

export class Telemetry {
  readonly #clock: Clock
  readonly #store: Store
  readonly #edges = new Map<string, Edge>()
  readonly groups = new Groups()
  readonly keep: Keep
  refused = 0

  constructor(options: { clock: Clock; store: Store }) {
    this.#clock = options.clock
    this.#store = options.store
    this.keep = new Keep(options.clock.monotonic())
  }

  get size(): number {
    return this.#edges.size
  }

  /** Takes a report of one instance in; returns how many edges were refused for want of room. */
  report(
    caller: string,
    instanceId: string,
    edges: readonly EdgeReport[],
    { intervalMs = 1_000, exemplars = [] }: { intervalMs?: number; exemplars?: readonly Exemplar[] } = {},
  ): number {
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
      const bucket = bucketAt(edge, Math.floor(now / BUCKET_MS))
      if (report.inFlight) {
        bucket.areaMs += report.inFlight.mean * intervalMs
        edge.lastGaugeAt = now
      }
      if (report.cuts) this.refused += this.groups.add(edge, report.cuts, now)
      if (report.count === 0) continue
      edge.lastTrafficAt = now
      bucket.sumMs += report.sumMs ?? 0
      for (const into of [bucket, edge.pending]) {
        into.count += report.count
        into.errors += report.errors
        if (report.sketch) into.sketch.merge(report.sketch)
      }
    }
    this.refused += refused
    if (exemplars.length > 0) {
      const placed = exemplars.map((exemplar) => this.#placed(exemplar))
      this.keep.offer(caller, instanceId, placed, this.#usual(caller, now), now)
    }
    return refused
  }

  /** A clock that is far off would put a request where nobody looks, or keep it for ever. */
  #placed(exemplar: Exemplar): Exemplar {
    const wall = this.#clock.wall()
    return Math.abs(wall - exemplar.at) <= CLOCK_OFF_MS ? exemplar : { ...exemplar, at: wall }
  }

  /** What a request of an edge usually takes at most, over the live window; looked at once a report and edge. */
  #usual(caller: string, now: number) {
    const known = new Map<string, { count: number; p95Ms: number } | null>()
    return (callee: string, protocol: string) => {
      const id = `${caller}→${callee}:${protocol}`
      const before = known.get(id)
      if (before !== undefined) return before
      const edge = this.#edges.get(id)
      const sketch = new Sketch()
      const first = Math.floor((now - WINDOW_MS) / BUCKET_MS) + 1
      for (const bucket of edge?.buckets ?? []) if (bucket.second >= first) sketch.merge(bucket.sketch)
      const [p95Ms] = sketch.quantiles(0.95)
      const usual = p95Ms === null || p95Ms === undefined ? null : { count: sketch.count, p95Ms }
      known.set(id, usual)
      return usual
    }
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
      buckets: Array.from({ length: BUCKETS }, () => ({
        second: -1,
        count: 0,
        errors: 0,
        sketch: new Sketch(),
        sumMs: 0,
        areaMs: 0,
      })),
      reporters: new Map(),
      createdAt: now,
      lastReportAt: now,
      lastTrafficAt: now,
      lastGaugeAt: null,
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

  /** Completions, durations and calls in flight over the live window. */
  flows(): EdgeFlow[] {
    const now = this.#clock.monotonic()
    // The second that goes on is left out: its completions and its gauge come with different reports.
    const last = Math.floor(now / BUCKET_MS) - 1
    const first = last - BUCKETS + 2
    return [...this.#edges.values()].map((edge) => {
      let [count, errors, sumMs, areaMs] = [0, 0, 0, 0]
      for (const bucket of edge.buckets) {
        if (bucket.second < first || bucket.second > last) continue
        count += bucket.count
        errors += bucket.errors
        sumMs += bucket.sumMs
        areaMs += bucket.areaMs
      }
      const { id, caller, callee, protocol } = edge
      const spanMs = Math.min(WINDOW_MS - BUCKET_MS, Math.max(BUCKET_MS, now - edge.createdAt))
      const told = edge.lastGaugeAt !== null && now - edge.lastGaugeAt <= WINDOW_MS
      return {
        ...{ id, caller, callee, protocol, count, errors, spanMs },
        ratePerSec: count / (spanMs / 1_000),
        meanMs: count > 0 && sumMs > 0 ? sumMs / count : null,
        inFlight: told ? areaMs / spanMs : null,
        quality: quality(edge, count, now),
      }
    })
  }

  /** Forgets edges and reporters that have been silent for long. */
  forget(): void {
    const now = this.#clock.monotonic()
    for (const edge of this.#edges.values()) {
      for (const [id, at] of edge.reporters) if (now - at > WINDOW_MS) edge.reporters.delete(id)
      if (now - edge.lastTrafficAt > EDGE_KEPT_MS && edge.pending.count === 0) this.#edges.delete(edge.id)
    }
    this.groups.forget(now)
    const reporters = new Set([...this.#edges.values()].flatMap((edge) => [...edge.reporters.keys()]))
    this.keep.forget(now, (id) => reporters.has(id))
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
    const groups = this.groups.takePending()
    for (let i = 0; i < groups.length; i += 50) {
      const portion = groups.slice(i, i + 50)
      await this.#store.transact({ actor: 'system', operationId: null }, async (tx) => {
        for (const row of portion) for (const { stepMs } of ROLLUPS) await addLatency(tx, wall, stepMs, row)
      })
    }
    const waiting = this.keep.takeWaiting()
    for (let i = 0; i < waiting.length; i += 100) {
      const portion = waiting.slice(i, i + 100)
      await this.#store.transact({ actor: 'system', operationId: null }, async (tx) => {
        for (const row of portion) await tx.q.latency.addExemplar(row)
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
    bucket.sumMs = 0
    bucket.areaMs = 0
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
