/** The states of a breaker over time, from the values of its journal events. */
import { effectiveState } from './breaker-override.ts'
import type { BreakerRecord, TimelineMark, TimelineSegment } from './breaker-view.ts'
import type { JournalEvent } from './event.ts'

export type BreakerEvent = Pick<JournalEvent, 'seq' | 'at' | 'kind' | 'actor' | 'summary'> & {
  value: BreakerRecord | null
}

/**
 * Segments and marks from `from` to `to`, oldest first. `events`: those of one breaker, oldest first; the last one at or
 * before `from` says how the strip begins, without one it begins closed.
 */
export function breakerTimeline(
  events: readonly BreakerEvent[],
  from: number,
  to: number,
): { segments: TimelineSegment[]; marks: TimelineMark[] } {
  const segments: TimelineSegment[] = []
  const marks: TimelineMark[] = []
  let current: TimelineSegment = { from, to: null, effective: 'closed', override: null, panic: false }
  for (const event of events) {
    if (event.at > to) break
    const next = look(event.value, event.at)
    if (event.at <= from) {
      current = { ...next, from }
      continue
    }
    const { seq, at, kind, actor, summary } = event
    marks.push({ seq, at, kind, actor, summary, byOperator: actor !== 'system' })
    if (same(current, next)) continue
    if (event.at > current.from) segments.push({ ...current, to: event.at })
    current = { ...next, from: event.at }
  }
  segments.push(current)
  return { segments, marks }
}

function look(value: BreakerRecord | null, from: number): TimelineSegment {
  if (value === null) return { from, to: null, effective: 'closed', override: null, panic: false }
  const override = value.override?.mode ?? null
  const panic = value.panic && override === null
  return { from, to: null, effective: panic ? 'closed' : effectiveState(value.state, override), override, panic }
}

function same(a: TimelineSegment, b: TimelineSegment): boolean {
  return a.effective === b.effective && a.override === b.override && a.panic === b.panic
}
