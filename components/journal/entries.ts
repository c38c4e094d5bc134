/** Entries of the journal as the list has them, and which of them a filter lets through. Pure. */
import type { JournalEvent } from '@/core/event'

/** An entry without the value, which only the panel needs. */
export type Entry = Omit<JournalEvent, 'value'>

export interface JournalFilter {
  q: string
  kinds: string[]
  service: string
  actor: string
  key: string
  before: number | null
}

/** One page of the list. `upTo`: every entry up to it that the filter lets through is in the list. */
export interface Page {
  events: Entry[]
  next: number | null
  upTo: number
}

export const PAGE_SIZE = 100

/** What is asked of journal.list. */
export function filterInput(filter: JournalFilter) {
  return {
    ...(filter.q.trim() === '' ? {} : { q: filter.q.trim().slice(0, 100) }),
    ...(filter.kinds.length === 0 ? {} : { kinds: filter.kinds.slice(0, 50) }),
    ...(filter.service.trim() === '' ? {} : { service: filter.service.trim() }),
    ...(filter.actor.trim() === '' ? {} : { actor: filter.actor.trim() }),
    ...(filter.key.trim() === '' ? {} : { key: filter.key.trim() }),
  }
}

export function isFiltered(filter: JournalFilter): boolean {
  return Object.keys(filterInput(filter)).length > 0 || filter.before !== null
}

/** The same choice as journal.list makes, for entries that come over the stream. */
export function matches(entry: Entry, filter: JournalFilter): boolean {
  const { q, kinds, service, actor, key } = filterInput(filter)
  if (q !== undefined && !entry.summary.toLowerCase().includes(q.toLowerCase())) return false
  if (kinds !== undefined && !kinds.includes(entry.kind)) return false
  if (service !== undefined && entry.service !== service) return false
  if (actor !== undefined && entry.actor !== actor) return false
  return key === undefined || entry.key === key
}

/**
 * What is new in the stream's newest entries since `upTo`; `gap`: some may be missing between, so that the list must be
 * read again.
 */
export function fresh(
  stream: readonly Entry[],
  upTo: number,
  filter: JournalFilter,
): { entries: Entry[]; gap: boolean; upTo: number } {
  const newest = stream[0]?.seq ?? 0
  if (newest <= upTo) return { entries: [], gap: false, upTo }
  const oldest = stream.at(-1)?.seq ?? 0
  return {
    entries: stream.filter((entry) => entry.seq > upTo && matches(entry, filter)),
    gap: oldest > upTo + 1,
    upTo: newest,
  }
}

/** The newest page with `more` on top of it, each entry once. */
export function onTop(page: Page, more: readonly Entry[], upTo: number): Page {
  const known = new Set(page.events.map((entry) => entry.seq))
  return { ...page, upTo, events: [...more.filter((entry) => !known.has(entry.seq)), ...page.events] }
}
