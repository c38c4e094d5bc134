/** When a target is due: on a grid of its own, so that ten thousand of them do not go at once. */
import type { Random } from '../../core/random.ts'

/** Of an interval: enough to keep two fleets from marching in step, little enough to keep the rhythm. */
const JITTER_SHARE = 0.05
/** A service registers as it starts to listen, so its first check waits a moment. */
const FIRST_AFTER_MS = 300
/** First checks of a burst of registrations follow each other at this distance. */
const FIRST_APART_MS = 5

/** A stable number in [0, 1) for an id (FNV-1a with a finishing mix). */
export function phaseOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
}

/** The first point of the grid at or after `from`, and a little jitter. Milliseconds, monotonic. */
export function gridAfter(id: string, intervalMs: number, from: number, random: Random): number {
  const phase = phaseOf(id) * intervalMs
  const point = Math.ceil((from - phase) / intervalMs) * intervalMs + phase
  return point + random() * JITTER_SHARE * intervalMs
}

/** Spreads first checks: at once for one target, at 200 a second for a burst, and never later than the grid says. */
export class FirstChecks {
  #nextAt = 0

  dueAt(id: string, intervalMs: number, now: number, random: Random): number {
    const soon = Math.max(now + FIRST_AFTER_MS, this.#nextAt)
    const grid = gridAfter(id, intervalMs, now + FIRST_AFTER_MS, random)
    if (grid <= soon) return grid
    this.#nextAt = soon + FIRST_APART_MS
    return soon
  }
}
