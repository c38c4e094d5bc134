/** Which services a list shows, and in which order. Pure. */
import type { HealthState } from '@/core/instance'
import type { ServiceView } from '@/core/topology'
import { NO_TRAFFIC, type Traffic } from './traffic'

export const SORT_COLUMNS = ['state', 'name', 'instances', 'rate', 'errors', 'p99', 'changed'] as const
export type SortColumn = (typeof SORT_COLUMNS)[number]
/** A leading minus turns the order of the column around. */
export type Sort = SortColumn | `-${SortColumn}`
export const SORTS: Sort[] = SORT_COLUMNS.flatMap((column): Sort[] => [column, `-${column}`])

export interface Filter {
  q: string
  health: HealthState | null
  zone: string | null
  tag: string | null
}

/** Same rules as `registry.list`: a service is found by its own state and by that of any of its instances. */
export function matches(view: ServiceView, filter: Filter): boolean {
  const q = filter.q.trim().toLowerCase()
  if (q !== '' && !view.name.toLowerCase().includes(q) && !view.tags.some((tag) => tag.toLowerCase().includes(q))) {
    return false
  }
  if (filter.health && view.health !== filter.health && view.counts[filter.health] === 0) return false
  if (filter.zone && !view.zones.includes(filter.zone)) return false
  return !filter.tag || view.tags.includes(filter.tag)
}

/** Nothing that traffic may be sent to, though there are instances that nobody took out on purpose. */
export function isStranded(view: ServiceView): boolean {
  return view.total > 0 && view.routable === 0 && view.health !== 'maintenance' && view.health !== 'draining'
}

const URGENCY: Record<HealthState, number> = {
  unhealthy: 1,
  warning: 2,
  unknown: 3,
  draining: 4,
  maintenance: 5,
  healthy: 6,
}

/** Smaller is more urgent; services without any routable instance come before all others, those known to be down first. */
export const urgency = (view: ServiceView) =>
  isStranded(view) ? (view.health === 'unhealthy' ? -1 : 0) : URGENCY[view.health]

type Key = (view: ServiceView, traffic: Traffic) => number | string | null

const KEYS: Record<SortColumn, Key> = {
  state: (view) => urgency(view),
  name: (view) => view.name,
  instances: (view) => view.total,
  rate: (_, traffic) => traffic.ratePerSec,
  errors: (_, traffic) => traffic.errorShare,
  p99: (_, traffic) => traffic.p99Ms,
  changed: (view) => view.changedAt,
}

export function parseSort(sort: Sort): { column: SortColumn; descending: boolean } {
  const descending = sort.startsWith('-')
  return { column: (descending ? sort.slice(1) : sort) as SortColumn, descending }
}

/** What a click on a column's heading leads to: its useful direction first, then the other one. */
export function nextSort(current: Sort, column: SortColumn): Sort {
  const first: Sort = column === 'state' || column === 'name' ? column : `-${column}`
  if (current !== first) return first
  return first.startsWith('-') ? column : `-${column}`
}

/** Names in order. Services that have no value for the column come last, whichever the direction; ties go by name. */
export function ordered(views: readonly ServiceView[], traffic: ReadonlyMap<string, Traffic>, sort: Sort): string[] {
  const { column, descending } = parseSort(sort)
  const key = KEYS[column]
  const keyed = views.map((view) => ({ name: view.name, value: key(view, traffic.get(view.name) ?? NO_TRAFFIC) }))
  const turn = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1
    } else if (a.value !== b.value) return (a.value < b.value ? -1 : 1) * turn
    return a.name < b.name ? -1 : 1
  })
  return keyed.map((item) => item.name)
}

export interface HeldOrder {
  /** changes when the user asks for another list; the order then applies at once */
  key: string
  names: readonly string[]
}

/**
 * The order to show: `wanted`, unless somebody points at the list, in which case what is under the pointer stays where it
 * is. The same object as before when nothing changes.
 */
export function nextOrder(shown: HeldOrder, key: string, wanted: readonly string[], holding: boolean): HeldOrder {
  if (shown.key === key && (holding || sameNames(shown.names, wanted))) return shown
  return { key, names: wanted }
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at])
}
