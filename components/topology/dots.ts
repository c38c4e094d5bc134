/**
 * Traffic as dots on a line: the closer they follow, the more calls; the faster they go, the quicker the answers; those that
 * failed are diamonds. Pure: a frame in, a frame out.
 */
export interface Flow {
  /** calls per second */
  ratePerSec: number
  /** 0 to 1 */
  errorShare: number
  /** median time of an answer; null when nothing was timed */
  p50Ms: number | null
}

export interface Dot {
  /** distance from the start of the line, px */
  at: number
  failed: boolean
}

/** What is on one line. Kept from frame to frame, so that new figures change what comes, not what is under way. */
export interface Stream {
  dots: Dot[]
  /** px still to go before the next dot sets out */
  wait: number
  /** failed calls owed: a diamond sets out when it reaches 1 */
  owed: number
}

/** More than this would be a picture of the browser's speed, not of the fleet's. */
export const ANIMATED_LINES_MAX = 100

const SPACING_FAR = 150
const SPACING_NEAR = 13
const SPEED_SLOW = 26
const SPEED_FAST = 150
/** A tab that slept does not catch up. */
const STEP_MAX_MS = 100

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/** Where `value` lies between `low` and `high` on a logarithmic scale, 0 to 1. */
function logShare(value: number, low: number, high: number): number {
  return clamp(Math.log(value / low) / Math.log(high / low), 0, 1)
}

/** Pixels between dots: 150 at a call in ten seconds, 13 from a thousand per second on; none without calls. */
export function spacing(ratePerSec: number): number {
  if (!(ratePerSec > 0)) return Number.POSITIVE_INFINITY
  const t = logShare(ratePerSec, 0.1, 1000)
  return SPACING_FAR * (SPACING_NEAR / SPACING_FAR) ** t
}

/** Pixels per second: 150 for a median of 2 ms and below, 26 for 2 s and above; in between when nothing was timed. */
export function speed(p50Ms: number | null): number {
  if (p50Ms === null) return 70
  return SPEED_FAST * (SPEED_SLOW / SPEED_FAST) ** logShare(Math.max(p50Ms, 0.001), 2, 2000)
}

/** Width of a line in px: from a hair to 3.2, by the logarithm of the rate. Says the same as the dots when these are off. */
export function lineWidth(ratePerSec: number): number {
  return ratePerSec > 0 ? 1.2 + 2 * logShare(ratePerSec, 0.1, 1000) : 1
}

/** Half a failure is owed from the start, so that the first diamond comes where the middle of its gap would be. */
export const emptyStream = (): Stream => ({ dots: [], wait: 0, owed: 0.5 })

/** A stream as it looks after having run for long: an opened page shows traffic at once. */
export function filledStream(flow: Flow, length: number): Stream {
  const gap = spacing(flow.ratePerSec)
  const stream = emptyStream()
  if (!Number.isFinite(gap)) return stream
  for (let at = length - (length % gap); at >= 0; at -= gap) stream.dots.push({ at, failed: owes(stream, flow) })
  stream.wait = gap
  return stream
}

function owes(stream: Stream, flow: Flow): boolean {
  stream.owed += clamp(flow.errorShare, 0, 1)
  if (stream.owed < 1) return false
  stream.owed -= 1
  return true
}

/** Moves a stream on by `elapsedMs`, in place: what arrives leaves, what is due sets out. */
export function advance(stream: Stream, flow: Flow, length: number, elapsedMs: number): void {
  const step = (speed(flow.p50Ms) * clamp(elapsedMs, 0, STEP_MAX_MS)) / 1000
  const dots = stream.dots
  for (const dot of dots) dot.at += step
  while (dots.length > 0 && (dots[0] as Dot).at > length) dots.shift()
  const gap = spacing(flow.ratePerSec)
  if (!Number.isFinite(gap)) {
    stream.wait = 0
    return
  }
  stream.wait = Math.min(stream.wait, gap) - step
  while (stream.wait <= 0) {
    const at = -stream.wait
    if (at <= length) dots.push({ at, failed: owes(stream, flow) })
    stream.wait += gap
  }
}

/** The lines that move when not all may: the busiest, ties by id. */
export function busiest<T extends { id: string; ratePerSec: number }>(
  lines: readonly T[],
  max = ANIMATED_LINES_MAX,
): T[] {
  const moving = lines.filter((l) => l.ratePerSec > 0)
  if (moving.length <= max) return moving
  return moving.sort((a, b) => b.ratePerSec - a.ratePerSec || (a.id < b.id ? -1 : 1)).slice(0, max)
}
