/** What the control plane answers about latency and load. */
import type { CutQuality } from './latency.ts'
import type { FlowPath, LittleCheck, Saturation, StationLoad } from './queueing.ts'
import type { Quality } from './topology.ts'

/** Whose requests: of an edge, a service, a route; or attempts at one instance. */
export interface LatencyScope {
  caller?: string | undefined
  callee?: string | undefined
  protocol?: string | undefined
  route?: string | undefined
  instance?: string | undefined
}

/** Means in milliseconds of requests of one quality; they sum to the mean of the total. */
export interface PartMeans {
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
}

export interface LatencyPoint {
  at: number
  count: number
  errors: number
  /** of the total, over all qualities: it is measured in each */
  p50Ms: number | null
  p95Ms: number | null
  p99Ms: number | null
  /** of each quality that there are requests of */
  parts: Partial<Record<CutQuality, PartMeans & { count: number }>>
}

/** 0.5, 0.9, 0.95, 0.99 */
export type Percentiles = [number | null, number | null, number | null, number | null]
export const PERCENTILES = [0.5, 0.9, 0.95, 0.99] as const

export interface QualitySummary {
  count: number
  clamped: number
  means: PartMeans
  /** null for attempts, of which only sums are kept */
  percentiles: Record<keyof PartMeans, Percentiles> | null
}

export interface LatencySummary {
  count: number
  errors: number
  meanMs: number | null
  percentiles: Percentiles
  qualities: Partial<Record<CutQuality, QualitySummary>>
}

/** Requests by time and duration. Cells of row i are from `edgesMs[i]` to below `edgesMs[i + 1]`. */
export interface Heatmap {
  edgesMs: number[]
  columns: { at: number; counts: number[] }[]
}

export interface LatencyPeriod {
  fromMs: number
  toMs: number
  stepMs: number
  /** there was more than could be read: the figures are of the beginning of the period only */
  truncated: boolean
  points: LatencyPoint[]
  summary: LatencySummary
  heatmap: Heatmap
}

/** How an instance's concurrency is known. */
export type ConcurrencySource = 'declared' | 'estimated'

export interface StationView extends StationLoad {
  concurrencyFrom: ConcurrencySource
  /** `measured`: it reports its own work; `estimated`: taken from what callers wait, so at most this */
  serviceFrom: 'measured' | 'estimated' | 'unknown'
  /** mean wait before it, milliseconds: for a connection and in its own queue */
  queueMs: number
  errors: number
  count: number
}

export interface ServiceLoad {
  service: string
  ratePerSec: number
  /** of its fullest instance, which gives way first */
  utilisation: number | null
  /** over all instances together */
  meanUtilisation: number | null
  /** requests a second more, spread as now, before the fullest instance is saturated */
  headroomPerSec: number | null
  growth: number | null
  stations: StationView[]
}

export interface PathLoad extends FlowPath {
  first: Saturation | null
}

export interface FlowView {
  id: string
  caller: string
  callee: string
  protocol: string
  count: number
  ratePerSec: number
  meanMs: number | null
  inFlight: number | null
  little: LittleCheck | null
  quality: Quality
}

export interface BottleneckReport {
  at: number
  windowMs: number
  /** λ₀: calls a second from services that nobody calls; null: none */
  entryPerSec: number | null
  /** min T_i */
  throughputMaxPerSec: number | null
  /** id of the instance with the highest utilisation */
  bottleneck: string | null
  services: ServiceLoad[]
  paths: PathLoad[]
  flows: FlowView[]
}
