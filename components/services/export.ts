/** The list as a file: what is filtered, in the order shown. Pure. */
import { HEALTH_STATES } from '@/core/instance'
import type { ServiceView } from '@/core/topology'
import { NO_TRAFFIC, type Traffic } from './traffic'

type Cell = string | number | null

const COLUMNS: { name: string; of: (view: ServiceView, traffic: Traffic) => Cell }[] = [
  { name: 'service', of: (view) => view.name },
  { name: 'state', of: (view) => view.health },
  { name: 'reason', of: (view) => view.reason },
  { name: 'instances', of: (view) => view.total },
  { name: 'routable', of: (view) => view.routable },
  ...HEALTH_STATES.map((state) => ({ name: state, of: (view: ServiceView) => view.counts[state] })),
  { name: 'flapping', of: (view) => view.flapping },
  { name: 'held', of: (view) => view.hold?.instanceIds.length ?? 0 },
  { name: 'zones', of: (view) => view.zones.join(' ') },
  { name: 'versions', of: (view) => view.versions.join(' ') },
  { name: 'tags', of: (view) => view.tags.join(' ') },
  { name: 'calls_per_second', of: (_, traffic) => round(traffic.ratePerSec) },
  { name: 'error_share', of: (_, traffic) => round(traffic.errorShare) },
  { name: 'p99_ms', of: (_, traffic) => round(traffic.p99Ms) },
  { name: 'changed_at', of: (view) => (view.changedAt === null ? null : new Date(view.changedAt).toISOString()) },
]

const round = (n: number | null) => (n === null ? null : Math.round(n * 10_000) / 10_000)

/** RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function rows(views: readonly ServiceView[], traffic: ReadonlyMap<string, Traffic>): Cell[][] {
  return views.map((view) => COLUMNS.map((column) => column.of(view, traffic.get(view.name) ?? NO_TRAFFIC)))
}

export function toCsv(views: readonly ServiceView[], traffic: ReadonlyMap<string, Traffic>): string {
  const lines = [COLUMNS.map((column) => column.name), ...rows(views, traffic)]
  return `${lines.map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

export function toJson(views: readonly ServiceView[], traffic: ReadonlyMap<string, Traffic>): string {
  const list = rows(views, traffic).map((row) => Object.fromEntries(COLUMNS.map(({ name }, at) => [name, row[at]])))
  return `${JSON.stringify(list, null, 2)}\n`
}
