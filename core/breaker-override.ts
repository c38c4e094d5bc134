/** What an operator wants of a breaker, apart from its automatic state, which goes on underneath. */
import type { BreakerStateName } from './breaker.ts'

/**
 * `forced-open`: every call is refused. `forced-closed`: every call passes and is counted. `metrics-only`: every call
 * passes, and the automatic state moves as it would, for all to see. `disabled`: every call passes, nothing is counted.
 */
export const OVERRIDE_MODES = ['forced-open', 'forced-closed', 'disabled', 'metrics-only'] as const
export type OverrideMode = (typeof OVERRIDE_MODES)[number]

export interface Override {
  mode: OverrideMode
  by: string
  reason: string
  /** milliseconds since the epoch */
  since: number
  /** after which the automatic state goes on as if never interrupted; null: until lifted */
  expiresAt: number | null
}

/** What is done with a call: the operator's word first, then the automatic state. */
export function effectiveState(state: BreakerStateName, override: OverrideMode | null): BreakerStateName {
  if (override === null) return state
  return override === 'forced-open' ? 'open' : 'closed'
}

/** Does the automatic state move while this override stands? */
export function isDeciding(override: OverrideMode | null): boolean {
  return override === null || override === 'metrics-only'
}

export function isExpired(override: Override | null, wall: number): boolean {
  return override !== null && override.expiresAt !== null && wall >= override.expiresAt
}
