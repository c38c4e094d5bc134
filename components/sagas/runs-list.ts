/** Which runs a list shows, from pages that were read and from what has changed since. Pure. */
import type { RunStatus } from '@/core/saga/state'
import type { RunSummary } from '@/core/saga/view'
import type { SPANS } from './search-params'

export interface RunFilter {
  q: string
  state: RunStatus[]
  saga: string
  attr: string[]
  /** null: whenever */
  since: (typeof SPANS)[number] | null
}

const SPAN_MS = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const

export const PAGE_SIZE = 100

/** `customer:c-7` as the API takes it; what has no colon is left out. */
export function attributesOf(attr: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const text of attr) {
    const at = text.indexOf(':')
    if (at > 0) found[text.slice(0, at)] = text.slice(at + 1)
  }
  return found
}

/** `now`: milliseconds since the epoch */
export function filterInput(filter: RunFilter, now: number) {
  const attributes = attributesOf(filter.attr)
  return {
    ...(filter.q === '' ? {} : { q: filter.q }),
    ...(filter.state.length === 0 ? {} : { statuses: filter.state }),
    ...(filter.saga === '' ? {} : { definition: filter.saga }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(filter.since === null ? {} : { startedFrom: now - SPAN_MS[filter.since] }),
  }
}

export const isFiltered = (filter: RunFilter): boolean => Object.keys(filterInput(filter, 0)).length > 0

/** The same rules as `sagas.list`. */
export function matches(run: RunSummary, filter: RunFilter, now: number): boolean {
  if (filter.since !== null && run.startedAt < now - SPAN_MS[filter.since]) return false
  if (filter.saga !== '' && run.definition !== filter.saga) return false
  if (filter.state.length > 0 && !filter.state.includes(run.status)) return false
  for (const [name, value] of Object.entries(attributesOf(filter.attr))) {
    if (run.attributes[name] !== value) return false
  }
  const { q } = filter
  if (q === '') return true
  return (
    run.id.startsWith(q) ||
    run.idempotencyKey === q ||
    Object.values(run.attributes).includes(q) ||
    run.definition.toLowerCase().includes(q.toLowerCase())
  )
}

/**
 * Ids in order, newest first. `hasMore`: there are older ones that were not read, so that nothing is put below the last page.
 */
export function listed(
  read: readonly RunSummary[],
  changed: ReadonlyMap<string, RunSummary>,
  filter: RunFilter,
  hasMore: boolean,
  now: number,
): string[] {
  const last = hasMore ? (read.at(-1)?.id ?? '') : ''
  const ids = new Set<string>()
  for (const run of read) if (matches(changed.get(run.id) ?? run, filter, now)) ids.add(run.id)
  for (const run of changed.values()) if (run.id >= last && matches(run, filter, now)) ids.add(run.id)
  return [...ids].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
}
