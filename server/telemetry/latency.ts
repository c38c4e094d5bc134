/** Where the time went, over a period: points, percentiles, a heatmap. */
import type { Clock } from '../../core/clock.ts'
import { CUT_QUALITIES, type CutQuality } from '../../core/latency.ts'
import {
  type Heatmap,
  type LatencyPeriod,
  type LatencyPoint,
  type LatencyScope,
  type LatencySummary,
  PERCENTILES,
  type Percentiles,
  type QualitySummary,
} from '../../core/latency-view.ts'
import { RELATIVE_ERROR, Sketch } from '../../core/sketch.ts'
import type { LatencyKey } from '../../db/latency-queries.ts'
import type { Store } from '../../db/store.ts'
import { Cuts } from './cuts.ts'
import type { Groups } from './groups.ts'
import { ROLLUPS, rollupFor } from './rollups.ts'

const POINTS_MAX = 360
/** Rows read for one answer: some 20 µs each to decode. */
const ROWS_MAX = 20_000
/** Rows of the heatmap: so many for a factor of ten, from 0.1 ms to 100 s. */
const CELLS_A_DECADE = 6
const HEAT_MIN_MS = 0.1
const HEAT_ROWS = 36

type Qualities = Partial<Record<CutQuality, Cuts>>

export class LatencyReads {
  readonly #store: Store
  readonly #clock: Clock
  readonly #groups: Groups

  constructor(options: { store: Store; clock: Clock; groups: Groups }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#groups = options.groups
  }

  async period(scope: LatencyScope, fromMs: number, toMs: number): Promise<LatencyPeriod> {
    const { stepMs, rows, truncated } = await this.#rows(scope, fromMs, toMs)
    const columns = new Map<number, Qualities>()
    const add = (at: number, quality: CutQuality, cuts: Cuts) => {
      const column = columns.get(at) ?? {}
      const sum = column[quality] ?? new Cuts()
      sum.merge(cuts)
      column[quality] = sum
      columns.set(at, column)
    }
    for (const row of rows) add(row.at, row.quality, Cuts.decode(row))
    const now = this.#clock.wall()
    // What came since the last write belongs to the newest step.
    if (toMs > now - stepMs) {
      const at = now - (now % stepMs)
      for (const group of this.#groups.pending()) if (matches(scope, group)) add(at, group.quality, group.cuts)
    }
    const sorted = [...columns].sort((a, b) => a[0] - b[0])
    return {
      fromMs,
      toMs,
      stepMs,
      truncated,
      points: sorted.map(([at, qualities]) => point(at, qualities)),
      summary: summarise(sorted.map(([, qualities]) => qualities)),
      heatmap: heatmap(sorted),
    }
  }

  /** At the finest step whose rows are few enough. */
  async #rows(scope: LatencyScope, fromMs: number, toMs: number) {
    const kind = kindOf(scope)
    const first = ROLLUPS.indexOf(rollupFor(fromMs, toMs, this.#clock.wall(), POINTS_MAX))
    for (const { stepMs } of ROLLUPS.slice(first)) {
      const filter = {
        ...{ stepMs, kind, from: fromMs - (fromMs % stepMs), to: toMs, limit: ROWS_MAX + 1 },
        ...{ caller: scope.caller, callee: scope.callee, protocol: scope.protocol },
        name: scope.instance ?? scope.route,
      }
      const rows = await this.#store.read((tx) => tx.q.latency.rollups(filter))
      const truncated = rows.length > ROWS_MAX
      if (!truncated || stepMs === ROLLUPS.at(-1)?.stepMs) return { stepMs, rows: rows.slice(0, ROWS_MAX), truncated }
    }
    throw new Error('there is no step of the history')
  }

  /** Whom there is traffic of, so that a page can offer them; the busiest first. */
  async names(fromMs: number, toMs: number) {
    const { stepMs } = rollupFor(fromMs, toMs, this.#clock.wall(), POINTS_MAX)
    const filter = { stepMs, from: fromMs - (fromMs % stepMs), to: toMs, limit: 1_000 }
    const [routes, instances] = await this.#store.read(async (tx) => [
      await tx.q.latency.names({ ...filter, kind: 'route' }),
      await tx.q.latency.names({ ...filter, kind: 'instance' }),
    ])
    return { routes: routes ?? [], instances: instances ?? [] }
  }
}

function kindOf(scope: LatencyScope): 'route' | 'instance' {
  return scope.instance === undefined ? 'route' : 'instance'
}

function matches(scope: LatencyScope, group: Omit<LatencyKey, 'stepMs' | 'at'>): boolean {
  const name = scope.instance ?? scope.route
  return (
    group.kind === kindOf(scope) &&
    (scope.caller === undefined || scope.caller === group.caller) &&
    (scope.callee === undefined || scope.callee === group.callee) &&
    (scope.protocol === undefined || scope.protocol === group.protocol) &&
    (name === undefined || name === group.name)
  )
}

function means({ count, networkMs, processingMs, queueMs, unattributedMs }: Cuts) {
  const mean = (sum: number) => (count > 0 ? sum / count : 0)
  return {
    networkMs: mean(networkMs),
    processingMs: mean(processingMs),
    queueMs: mean(queueMs),
    unattributedMs: mean(unattributedMs),
  }
}

function point(at: number, qualities: Qualities): LatencyPoint {
  const total = new Sketch()
  const parts: LatencyPoint['parts'] = {}
  let [count, errors] = [0, 0]
  for (const quality of CUT_QUALITIES) {
    const cuts = qualities[quality]
    if (!cuts) continue
    total.merge(cuts.total)
    count += cuts.count
    errors += cuts.errors
    parts[quality] = { ...means(cuts), count: cuts.count }
  }
  const [p50Ms, p95Ms, p99Ms] = total.quantiles(0.5, 0.95, 0.99) as [number | null, number | null, number | null]
  return { at, count, errors, p50Ms, p95Ms, p99Ms, parts }
}

function summarise(columns: readonly Qualities[]): LatencySummary {
  const all = new Cuts()
  const qualities: LatencySummary['qualities'] = {}
  for (const quality of CUT_QUALITIES) {
    const sum = new Cuts()
    for (const column of columns) if (column[quality]) sum.merge(column[quality])
    if (sum.count === 0) continue
    qualities[quality] = summaryOf(sum)
    all.merge(sum)
  }
  const { count, errors, totalMs, total } = all
  return { count, errors, meanMs: count > 0 ? totalMs / count : null, percentiles: percentiles(total), qualities }
}

function summaryOf(cuts: Cuts): QualitySummary {
  const [network, processing, queue, unattributed] = cuts.parts ?? []
  const known = network && processing && queue && unattributed
  return {
    count: cuts.count,
    clamped: cuts.clamped,
    means: means(cuts),
    percentiles: known
      ? {
          networkMs: percentiles(network),
          processingMs: percentiles(processing),
          queueMs: percentiles(queue),
          unattributedMs: percentiles(unattributed),
        }
      : null,
  }
}

const percentiles = (sketch: Sketch): Percentiles => sketch.quantiles(...PERCENTILES) as Percentiles

/** Rows are cut to those between the fastest and the slowest request. */
function heatmap(columns: readonly [number, Qualities][]): Heatmap {
  const rows = columns.map(([at, qualities]) => {
    const counts = new Array<number>(HEAT_ROWS).fill(0)
    for (const quality of CUT_QUALITIES) {
      for (const { upToMs, count } of qualities[quality]?.total.bins() ?? []) {
        // The middle of a bin, which is 2% wide, is nearest to what was in it.
        const row = Math.floor(Math.log10(upToMs / (1 + RELATIVE_ERROR) / HEAT_MIN_MS) * CELLS_A_DECADE)
        const at = Math.min(HEAT_ROWS - 1, Math.max(0, row))
        counts[at] = (counts[at] as number) + count
      }
    }
    return { at, counts }
  })
  const used = Array.from({ length: HEAT_ROWS }, (_, i) => rows.some(({ counts }) => (counts[i] as number) > 0))
  const first = used.indexOf(true)
  if (first < 0) return { edgesMs: [], columns: [] }
  const last = used.lastIndexOf(true)
  const edgesMs = Array.from({ length: last - first + 2 }, (_, i) => heatEdgeMs(first + i))
  return { edgesMs, columns: rows.map(({ at, counts }) => ({ at, counts: counts.slice(first, last + 1) })) }
}

/** The lowest row begins at 0 and the highest has no end, since they hold what is beyond. */
function heatEdgeMs(row: number): number {
  if (row === 0) return 0
  if (row === HEAT_ROWS) return 1e9
  return Number((HEAT_MIN_MS * 10 ** (row / CELLS_A_DECADE)).toPrecision(3))
}
