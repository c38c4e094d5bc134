/** What a utilisation is called, and what becomes of it as the load grows. Pure. */
import type { BottleneckReport, ServiceLoad, StationView } from '@/core/latency-view'
import type { FlowPath, Saturation } from '@/core/queueing'
import type { State } from '../ui/state'

/** From here on waiting grows steeply: with one slot and random arrivals a request waits four times as long as it is worked on. */
export const NEARLY_FULL = 0.8
export const FULL = 1

export interface LoadWord {
  state: State
  word: string
}

export function loadWord(utilisation: number | null): LoadWord {
  if (utilisation === null) return { state: 'unknown', word: 'not known' }
  if (utilisation >= FULL) return { state: 'unhealthy', word: 'saturated' }
  if (utilisation >= NEARLY_FULL) return { state: 'warning', word: 'nearly full' }
  return { state: 'healthy', word: 'has room' }
}

/** `×523`, `×5.2`, `×1.05`: by how much the load may grow, or must shrink. */
export function formatGrowth(growth: number | null): string {
  if (growth === null) return 'no bound known'
  if (growth >= 10_000) return `×${(growth / 1_000).toFixed(0)}k`
  if (growth >= 100) return `×${Math.round(growth)}`
  return `×${growth.toFixed(growth < 10 ? (growth < 2 ? 2 : 1) : 0)}`
}

/** Shares beyond 100% are what says how much too much comes: no letters for thousands. */
export function formatUse(utilisation: number | null): string {
  if (utilisation === null) return 'not known'
  const percent = utilisation * 100
  if (percent > 0 && percent < 0.1) return '<0.1%'
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}%`
}

/** The fullest instance of each service, so that one hot instance is not averaged away. */
export function loadByService(report: BottleneckReport | undefined): ReadonlyMap<string, ServiceLoad> {
  return new Map(report?.services.map((service) => [service.service, service]))
}

export interface Hop {
  service: string
  load: ServiceLoad | null
  first: boolean
}

export function hopsOf(path: FlowPath & { first: Saturation | null }, loads: ReadonlyMap<string, ServiceLoad>): Hop[] {
  return path.services.map((service) => ({
    service,
    load: loads.get(service) ?? null,
    first: service === path.first?.service,
  }))
}

/** T = λ₀ / U of whoever gives way first: requests that may enter a second, spread as now. */
export function pathMaxPerSec(entryPerSec: number | null, first: Saturation | null): number | null {
  return entryPerSec === null || first === null ? null : entryPerSec * first.growth
}

/** Instances in the order in which they are saturated as the load grows. */
export function inOrder(report: BottleneckReport): StationView[] {
  return report.services
    .flatMap((service) => service.stations)
    .sort((a, b) => (b.utilisation ?? -1) - (a.utilisation ?? -1) || a.id.localeCompare(b.id))
}

/** The share by which calls in flight as counted miss λ·R. */
export function missedBy(little: { expected: number; measured: number }): number {
  const most = Math.max(little.expected, little.measured)
  return most === 0 ? 0 : Math.abs(little.measured - little.expected) / most
}
