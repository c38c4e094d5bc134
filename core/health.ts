/**
 * The rules of health: evidence in, verdict out. Three kinds of evidence are kept apart and never overwrite each other:
 * what the service says (heartbeats), what the control plane sees (checks), what a person wants (drain, maintenance).
 */
import type { CheckSpec, CheckStatus, HealthState, HeartbeatState, Instance, OperatorIntent } from './instance.ts'

/** The evidence a verdict is drawn from. */
export type Evidence = Pick<
  Instance,
  'heartbeat' | 'reported' | 'checkState' | 'checkOutput' | 'maintenance' | 'serviceMaintenance' | 'drain' | 'ttlMs'
>

export interface Verdict {
  health: HealthState
  reason: string
}

/** Share of a service that may expire at once and still be believed. Source: Eureka's renewal threshold, 0.85. */
export const MASS_EXPIRY_SHARE = 0.15
/** A heartbeat is late from this share of the TTL on; clients send one every third of it. */
export const LATE_SHARE = 2 / 3

/**
 * Operator intent first, then the worst of the evidence. Evidence that is itself missing (a check that could not look,
 * a check not made yet) contributes nothing; with no evidence at all the state is unknown.
 */
export function judge(e: Evidence): Verdict {
  const maintenance = e.maintenance ?? e.serviceMaintenance
  if (maintenance) {
    const whole = e.maintenance ? '' : ' (whole service)'
    return { health: 'maintenance', reason: `in maintenance${whole}, set by ${maintenance.by}: ${maintenance.reason}` }
  }
  if (e.drain) {
    const silent = e.heartbeat === 'expired' ? `; no heartbeat for ${seconds(e.ttlMs)}` : ''
    return { health: 'draining', reason: `draining, asked by ${e.drain.by}: ${e.drain.reason}${silent}` }
  }
  if (e.reported.status === 'draining' && e.heartbeat !== 'expired') {
    return { health: 'draining', reason: noted('the service is shutting down', e.reported.note) }
  }
  if (e.heartbeat === 'expired') return { health: 'unhealthy', reason: `no heartbeat for ${seconds(e.ttlMs)}` }
  if (e.checkState === 'failing') return { health: 'unhealthy', reason: noted('its check fails', e.checkOutput) }
  if (e.heartbeat === 'held') {
    return { health: 'unknown', reason: 'heartbeats stopped together with many others, so the expiry is held' }
  }
  if (e.heartbeat === 'late') return { health: 'warning', reason: 'its heartbeat is late' }
  if (e.checkState === 'warning') return { health: 'warning', reason: noted('its check warns', e.checkOutput) }
  if (e.reported.status === 'warning') {
    return { health: 'warning', reason: noted('the service reports a problem', e.reported.note) }
  }
  if (e.heartbeat === 'live') {
    if (e.checkState === 'passing') return { health: 'healthy', reason: 'heartbeats on time, check passes' }
    if (e.checkState === 'unknown') {
      return { health: 'healthy', reason: noted('heartbeats on time; the check could not look', e.checkOutput) }
    }
    return { health: 'healthy', reason: 'heartbeats on time' }
  }
  if (e.checkState === 'passing') return { health: 'healthy', reason: 'check passes' }
  if (e.checkState === 'unknown') return { health: 'unknown', reason: noted('the check could not look', e.checkOutput) }
  if (e.checkState === 'pending') return { health: 'unknown', reason: 'not checked yet' }
  return { health: 'unknown', reason: 'neither heartbeats nor a check tell of it' }
}

/** What is gone and may be forgotten after a while: also who was drained and has ended since, but not who is in maintenance. */
export function isGone({
  health,
  heartbeat,
}: {
  health: Verdict['health']
  heartbeat: Evidence['heartbeat']
}): boolean {
  return health === 'unhealthy' || (health === 'draining' && heartbeat === 'expired')
}

function noted(text: string, note: string): string {
  return note === '' ? text : `${text}: ${note}`
}

function seconds(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${(ms / 1000).toFixed(1)} s`
}

/**
 * May traffic go there? Healthy and warning yes; unknown only when the doubt is about our own sight
 * (a held expiry, a prober that cannot look), not when nobody has ever seen it work.
 */
export function isRoutable(i: Pick<Instance, 'health' | 'heartbeat' | 'checkState'>): boolean {
  if (i.health === 'healthy' || i.health === 'warning') return true
  return i.health === 'unknown' && (i.heartbeat === 'held' || i.checkState === 'unknown')
}

export interface Selection {
  instances: Instance[]
  /** true when nothing is routable and the rest is returned for want of better */
  lastResort: boolean
}

/**
 * discover(name) = { s in R | s.name = name } narrowed to what is routable. With nothing routable all that is not under an
 * operator's hand is returned, flagged; with only drained or maintained instances left, those.
 */
export function selectRoutable(all: readonly Instance[]): Selection {
  const routable = all.filter(isRoutable)
  if (routable.length > 0 || all.length === 0) return { instances: routable, lastResort: false }
  const untouched = all.filter((i) => i.health !== 'maintenance' && i.health !== 'draining')
  return { instances: untouched.length > 0 ? untouched : [...all], lastResort: true }
}

/** Where a heartbeat stands, from its age on the monotonic clock. */
export function heartbeatAge(ttlMs: number, ageMs: number): Exclude<HeartbeatState, 'held'> {
  if (ttlMs === 0) return 'none'
  if (ageMs >= ttlMs) return 'expired'
  return ageMs >= ttlMs * LATE_SHARE ? 'late' : 'live'
}

/**
 * Is this many expiries of one service within one TTL believable? One always is; more only up to 15% of the service.
 * `expired` counts those already expired within the last TTL and those about to.
 */
export function isMassExpiry(total: number, expired: number): boolean {
  return expired > Math.max(1, Math.floor(total * MASS_EXPIRY_SHARE))
}

/** Consecutive results, towards a change of verdict. */
export interface Streak {
  status: CheckStatus
  count: number
}

/**
 * H1: N consecutive results to change. Passing and warning both count as passes; `unknown` neither breaks nor feeds a
 * streak, and shows at once, because it says that there is nothing to see. A first pass decides alone; a first failure does
 * not, because who has just registered may listen a moment later.
 */
export function advanceCheck(
  spec: Pick<CheckSpec, 'successThreshold' | 'failureThreshold'>,
  state: CheckStatus | 'pending',
  streak: Streak | null,
  result: CheckStatus,
): { state: CheckStatus | 'pending'; streak: Streak | null } {
  if (result === 'unknown') return { state: 'unknown', streak }
  const failed = result === 'failing'
  const continues = streak !== null && (streak.status === 'failing') === failed
  const next: Streak = { status: result, count: continues ? streak.count + 1 : 1 }
  // What it was before the prober lost sight is told by the streak, which `unknown` leaves alone.
  const before = state === 'unknown' ? (streak?.status ?? 'pending') : state
  if (before === 'pending') {
    return { state: !failed || next.count >= spec.failureThreshold ? result : state, streak: next }
  }
  if ((before === 'failing') === failed) return { state: result, streak: next }
  const needed = failed ? spec.failureThreshold : spec.successThreshold
  return { state: next.count >= needed ? result : state, streak: next }
}

export const FLAP_WINDOW_MS = 5 * 60_000
const FLAP_ENTER = 6
const FLAP_LEAVE = 2

/**
 * Flapping from 6 changes of health within 5 minutes, until there are fewer than 2. `changes`: times of recent changes,
 * oldest first. Source of the hysteresis: Nagios, "Detection and Handling of State Flapping".
 */
export function isFlapping(flapping: boolean, changes: readonly number[], now: number): boolean {
  const recent = changes.filter((at) => now - at < FLAP_WINDOW_MS).length
  return flapping ? recent >= FLAP_LEAVE : recent >= FLAP_ENTER
}

/** Has this intent run out? `now` by the store's clock. */
export function intentExpired(intent: OperatorIntent | null, now: number): boolean {
  return intent !== null && intent.until !== null && now >= intent.until
}
