import { type BreakerEvent, breakerTimeline } from '../../core/breaker-timeline.ts'
import { type BreakerRecord, type BreakerTimeline, breakerKey } from '../../core/breaker-view.ts'
import type { Store } from '../../db/store.ts'

/** Entries looked through for one strip. */
const EVENTS_MAX = 500

/** Strips of the given breakers, read from the journal by its index on keys. */
export function timelines(
  store: Store,
  names: readonly string[],
  from: number,
  to: number,
): Promise<BreakerTimeline[]> {
  return store.read(async (tx) => {
    const before = (await tx.q.journal.seqAt(to)) + 1
    const strips: BreakerTimeline[] = []
    for (const name of names) {
      const newestFirst: BreakerEvent[] = []
      let cursor = before
      let ended = false
      // Back to the entry that says how the strip begins.
      while (!ended && newestFirst.length < EVENTS_MAX) {
        const page = await tx.q.journal.list({ key: breakerKey(name), before: cursor, limit: 50 })
        for (const event of page) newestFirst.push({ ...event, value: event.value as BreakerRecord | null })
        const last = page.at(-1)
        ended = page.length < 50 || (last !== undefined && last.at <= from)
        cursor = last?.seq ?? 0
      }
      strips.push({ name, ...breakerTimeline(newestFirst.reverse(), from, to), truncated: !ended })
    }
    return strips
  })
}
