'use client'
import type { LaneView } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { useMoment } from './moment'
import { duration } from './words'

/** Attempts and time of one half of a step, in a few words that keep current. */
export function LaneTime({ lane, parked = false }: { lane: LaneView<string>; parked?: boolean }) {
  const now = useMoment()
  if (parked) {
    return (
      <span className="block truncate text-xs text-unhealthy">
        waits for you{lane.attempts > 1 ? ` · ${lane.attempts} attempts` : ''}
      </span>
    )
  }
  if (lane.by) {
    const words = `by ${actorWords(lane.by.actor)}: ${lane.by.reason}`
    return (
      <span className="block truncate text-xs text-operator" title={words}>
        {words}
      </span>
    )
  }
  const parts: string[] = []
  if (lane.attempts > 1) parts.push(`${lane.attempts} attempts`)
  if (lane.status === 'backoff' && lane.retryAt !== null && now !== null) {
    parts.push(lane.retryAt > now ? `in ${duration(lane.retryAt - now)}` : 'now')
  } else if (lane.status === 'waiting' && lane.waitFor) {
    if (lane.waitFor.type === 'signal') parts.push(lane.waitFor.signal)
    else if (lane.waitFor.type === 'child') parts.push('child run')
    else if (now !== null) parts.push(`${duration(Math.max(0, lane.waitFor.dueAt - now))} left`)
  } else if (lane.startedAt !== null) {
    if (lane.endedAt !== null) parts.push(duration(lane.endedAt - lane.startedAt))
    else if (now !== null) parts.push(`${duration(Math.max(0, now - lane.startedAt))}…`)
  }
  if (parts.length === 0) return null
  return (
    <span className="block truncate text-xs text-muted tabular-nums" suppressHydrationWarning>
      {parts.join(' · ')}
    </span>
  )
}
