/** What the strip above the map and its groups say. Pure sums over what is live. */
import { HEALTH_STATES, type HealthState } from '../../core/instance.ts'
import type { EdgeView, Quality, ServiceView } from '../../core/topology.ts'

/** Worst first: what an operator must see first. */
export const SEVERITY: readonly HealthState[] = [
  'unhealthy',
  'warning',
  'unknown',
  'maintenance',
  'draining',
  'healthy',
]

/** From this share of errors on, a line is amber; from the second on, rose. */
export const ERRORS_NOTED = 0.01
export const ERRORS_BAD = 0.05

export type Counts = Record<HealthState, number>

export interface Traffic {
  ratePerSec: number
  /** null without calls */
  errorShare: number | null
  /** null without timed calls; of several edges the greatest, which bounds them all */
  p50Ms: number | null
  p99Ms: number | null
  quality: Quality
  /** since the newest report; null without edges */
  ageMs: number | null
}

export interface FleetSummary {
  services: number
  instances: number
  byState: Counts
  /** services by their own state */
  servicesByState: Counts
  /** the worst state that calls for a person, or healthy */
  worst: HealthState
  /** services in trouble, worst first */
  troubled: ServiceView[]
  held: number
  flapping: number
  traffic: Traffic
  /** edges that fail or, when none does, the slowest; at most three */
  worstEdges: EdgeView[]
}

export const noCounts = (): Counts => Object.fromEntries(HEALTH_STATES.map((s) => [s, 0])) as Counts

const rank = (state: HealthState) => SEVERITY.indexOf(state)

/** The worst of some states; healthy of none. */
export function worstOf(states: Iterable<HealthState>): HealthState {
  let worst: HealthState = 'healthy'
  for (const state of states) if (rank(state) < rank(worst)) worst = state
  return worst
}

/** Several edges as one flow. Latencies of different edges cannot be added up: the greatest is shown as their bound. */
export function trafficOf(edges: Iterable<EdgeView>): Traffic {
  let [rate, count, errors, seen, measured, partial] = [0, 0, 0, 0, 0, 0]
  let p50Ms: number | null = null
  let p99Ms: number | null = null
  let ageMs: number | null = null
  for (const edge of edges) {
    seen++
    ageMs = ageMs === null ? edge.ageMs : Math.min(ageMs, edge.ageMs)
    if (edge.quality === 'measured') measured++
    if (edge.quality === 'partial') partial++
    if (edge.count === 0) continue
    rate += edge.ratePerSec
    count += edge.count
    errors += edge.errors
    if (edge.p50Ms !== null) p50Ms = Math.max(p50Ms ?? 0, edge.p50Ms)
    if (edge.p99Ms !== null) p99Ms = Math.max(p99Ms ?? 0, edge.p99Ms)
  }
  const quality: Quality = seen === 0 || measured + partial === 0 ? 'none' : partial > 0 ? 'partial' : 'measured'
  return { ratePerSec: rate, errorShare: count === 0 ? null : errors / count, p50Ms, p99Ms, quality, ageMs }
}

/** Instances of several services by state. */
export function countsOf(services: Iterable<ServiceView>): Counts {
  const counts = noCounts()
  for (const service of services) for (const state of HEALTH_STATES) counts[state] += service.counts[state]
  return counts
}

/** Does a person have to look at this service? Maintenance and draining are wanted, so they do not count. */
export function isTroubled(service: ServiceView): boolean {
  return service.hold !== null || service.flapping > 0 || rank(service.health) <= rank('unknown')
}

export function summarise(services: readonly ServiceView[], edges: readonly EdgeView[]): FleetSummary {
  const servicesByState = noCounts()
  for (const service of services) servicesByState[service.health]++
  const byState = countsOf(services)
  const troubled = services
    .filter(isTroubled)
    .sort((a, b) => rank(a.health) - rank(b.health) || (a.name < b.name ? -1 : 1))
  return {
    services: services.length,
    instances: HEALTH_STATES.reduce((sum, s) => sum + byState[s], 0),
    byState,
    servicesByState,
    worst: worstOf(troubled.map((s) => s.health)),
    troubled,
    held: services.filter((s) => s.hold !== null).length,
    flapping: services.filter((s) => s.flapping > 0).length,
    traffic: trafficOf(edges),
    worstEdges: worstEdges(edges),
  }
}

/** Those that fail, the greatest share first; when nothing fails, the slowest by p99. */
export function worstEdges(edges: readonly EdgeView[], max = 3): EdgeView[] {
  const active = edges.filter((e) => e.count > 0)
  const failing = active.filter((e) => e.errors > 0)
  if (failing.length > 0) {
    return failing.sort((a, b) => (b.errorShare ?? 0) - (a.errorShare ?? 0) || b.errors - a.errors).slice(0, max)
  }
  return active
    .filter((e) => e.p99Ms !== null)
    .sort((a, b) => (b.p99Ms ?? 0) - (a.p99Ms ?? 0))
    .slice(0, max)
}

/** More than this are counted instead of named. */
const NAMED_MAX = 5

/** One sentence: is the fleet well, and if not, what is the matter? */
export function headline(summary: FleetSummary): string {
  const { services, troubled } = summary
  if (services === 0) return 'No services yet'
  if (troubled.length === 0) {
    const { healthy, maintenance, draining } = summary.servicesByState
    if (healthy === services) return services === 1 ? 'The service is healthy' : `All ${services} services are healthy`
    const parts = [`${healthy} healthy`, `${maintenance} in maintenance`, `${draining} draining`]
    return parts.filter((part) => !part.startsWith('0 ')).join(', ')
  }
  if (troubled.length > NAMED_MAX) return `${troubled.length} of ${services} services need attention`
  const names = troubled.slice(0, 2).map((s) => s.name)
  const more = troubled.length - names.length
  const list = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(' and ')
  return `${list} ${troubled.length === 1 ? 'needs' : 'need'} attention`
}
