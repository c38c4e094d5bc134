/**
 * The rules of a circuit breaker, for one process and for a fleet alike. Closed → open → half-open → closed or open, and
 * no other way. Source: M. Nygard, "Release It!", 2007; the specification's State(t), completed. `now` is a monotonic
 * time in milliseconds; every state carries only what belongs to it.
 */
import type { BreakerConfig } from './breaker-config.ts'
import type { Figures } from './breaker-window.ts'
import type { Random } from './random.ts'

export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const
export type BreakerStateName = (typeof BREAKER_STATES)[number]

export interface Closed {
  readonly is: 'closed'
  /** grows with every change of state: what began in an earlier one decides nothing */
  readonly generation: number
}

export interface Open {
  readonly is: 'open'
  readonly generation: number
  readonly openedAt: number
  /** how long it stays so, from `openedAt` */
  readonly openMs: number
  /** times it opened in a row without having closed, this one included */
  readonly trips: number
}

export interface HalfOpen {
  readonly is: 'half-open'
  readonly generation: number
  readonly since: number
  readonly trips: number
  /** probes that have succeeded */
  readonly successes: number
  /** permits that are out, by id */
  readonly permits: ReadonlyMap<string, Lease>
}

export interface Lease {
  readonly id: string
  readonly holder: string
  /** when it is lost */
  readonly until: number
}

export type BreakerState = Closed | Open | HalfOpen

/** What became of a call. `ignored` says nothing about the target (a caller's own mistake, an abort). */
export type Outcome = 'success' | 'failure' | 'ignored'

export const CLOSED: Closed = { is: 'closed', generation: 1 }

/** Why it should open, with the figure and the threshold that it crossed. */
export interface Verdict {
  what: 'failure-rate' | 'failures' | 'slow-rate' | 'consecutive-failures'
  value: number
  threshold: number
}

/**
 * Does the window say that the target is failing? f(t) ≥ T, with a minimum of calls for rates. null: no.
 * `consecutive`: failures of one caller since its last success.
 */
export function judgeFigures(config: BreakerConfig, figures: Figures, consecutive = 0): Verdict | null {
  const { calls, failures, slow } = figures
  const { failureThreshold, failureRateThreshold, slowRateThreshold, consecutiveFailures } = config
  if (consecutiveFailures !== null && consecutive >= consecutiveFailures) {
    return { what: 'consecutive-failures', value: consecutive, threshold: consecutiveFailures }
  }
  if (failureThreshold !== null && failures >= failureThreshold) {
    return { what: 'failures', value: failures, threshold: failureThreshold }
  }
  if (calls < config.minimumCalls || calls === 0) return null
  if (failureRateThreshold !== null && failures / calls >= failureRateThreshold) {
    return { what: 'failure-rate', value: failures / calls, threshold: failureRateThreshold }
  }
  if (slowRateThreshold !== null && slow / calls >= slowRateThreshold) {
    return { what: 'slow-rate', value: slow / calls, threshold: slowRateThreshold }
  }
  return null
}

/** min(openMax, open · factor^(trips−1)), capped first, then spread by ± jitter. */
export function openTime(config: BreakerConfig, trips: number, random: Random): number {
  const { openMs, openFactor, openMaxMs, openJitter } = config
  const capped = Math.min(openMaxMs, openMs * openFactor ** (trips - 1))
  return Math.max(1, Math.round(capped * (1 + openJitter * (2 * random() - 1))))
}

/** Opens it, from whatever state; from half-open the time grows. */
export function opened(state: BreakerState, config: BreakerConfig, now: number, random: Random): Open {
  const trips = state.is === 'closed' ? 1 : state.is === 'open' ? state.trips : state.trips + 1
  return {
    is: 'open',
    generation: state.generation + 1,
    openedAt: now,
    openMs: openTime(config, trips, random),
    trips,
  }
}

export function closed(state: BreakerState): Closed {
  return { is: 'closed', generation: state.generation + 1 }
}

/** What the passing of time alone does: open becomes half-open, leases run out, a half-open without end opens again. */
export function timePassed(state: BreakerState, config: BreakerConfig, now: number, random: Random): BreakerState {
  if (state.is === 'open') {
    if (now - state.openedAt < state.openMs) return state
    const { generation, trips } = state
    return { is: 'half-open', generation: generation + 1, since: now, trips, successes: 0, permits: new Map() }
  }
  if (state.is === 'closed') return state
  if (config.halfOpenMaxMs > 0 && now - state.since >= config.halfOpenMaxMs) return opened(state, config, now, random)
  for (const lease of state.permits.values()) if (now >= lease.until) return { ...state, permits: valid(state, now) }
  return state
}

function valid(state: HalfOpen, now: number): Map<string, Lease> {
  const permits = new Map<string, Lease>()
  for (const lease of state.permits.values()) if (now < lease.until) permits.set(lease.id, lease)
  return permits
}

/**
 * Gives a probe its permit when it is placed, not when it ends, so that no more than N are ever in flight. null: none is
 * left.
 */
export function placeProbe(
  state: HalfOpen,
  config: BreakerConfig,
  now: number,
  request: { id: string; holder: string },
): { state: HalfOpen; lease: Lease } | null {
  const permits = valid(state, now)
  if (permits.size >= config.halfOpenPermits) return null
  const lease = { ...request, until: now + config.permitMs }
  permits.set(lease.id, lease)
  return { state: { ...state, permits }, lease }
}

/**
 * Takes a permit back with what became of its probe. One failure opens it again; enough successes close it. A permit that
 * is not out (its lease ran out, it was settled before, or it is of an earlier half-open) decides nothing: null.
 */
export function settleProbe(
  state: BreakerState,
  config: BreakerConfig,
  now: number,
  random: Random,
  probe: { id: string; generation: number; outcome: Outcome },
): BreakerState | null {
  if (state.is !== 'half-open' || state.generation !== probe.generation) return null
  const lease = state.permits.get(probe.id)
  if (!lease || now >= lease.until) return null
  const permits = valid(state, now)
  permits.delete(probe.id)
  if (probe.outcome === 'failure') return opened(state, config, now, random)
  if (probe.outcome === 'ignored') return { ...state, permits }
  const successes = state.successes + 1
  return successes >= config.successThreshold ? closed(state) : { ...state, permits, successes }
}

/** Milliseconds until a call may be let through again; 0 when one may be now; null: not known. */
export function mayPassInMs(state: BreakerState, config: BreakerConfig, now: number): number | null {
  if (state.is === 'closed') return 0
  if (state.is === 'open') return Math.max(0, state.openedAt + state.openMs - now)
  const permits = valid(state, now)
  if (permits.size < config.halfOpenPermits) return 0
  return Math.max(0, Math.min(...[...permits.values()].map((lease) => lease.until)) - now)
}
