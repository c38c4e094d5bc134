/** What attempts, timers and children report, turned into events. Randomness and policies come in as `delayMs`. */
import { ConflictError } from '../errors.ts'
import type { Json, Retry, SagaDefinition, Step } from './definition.ts'
import type { EventBody, Phase, SagaError } from './event.ts'
import { stepOf } from './graph.ts'
import type { Lane, RunState } from './state.ts'

export interface LeaseRef {
  step: string
  phase: Phase
  fence: number
  worker: string
}

export interface Failure {
  error: SagaError
  /** `failed`: it certainly did not happen; `unknown`: it may have */
  outcome: 'failed' | 'unknown'
  retryable: boolean
  /** the participant's own wish, milliseconds */
  retryAfterMs: number | null
}

/** The lane that is held under this lease. @throws ConflictError for a stale one (S5) */
export function heldLane(state: RunState, ref: LeaseRef, actor: string): Lane<string> {
  const step = Object.hasOwn(state.steps, ref.step) ? state.steps[ref.step] : undefined
  const lane = step?.[ref.phase] as Lane<string> | undefined
  const lease = lane?.lease
  if (!lane || lease?.fence !== ref.fence || lease.worker !== ref.worker || lease.actor !== actor) {
    const now = lease
      ? `it is held by ${lease.worker} under fence ${lease.fence}`
      : `it is ${lane?.status ?? 'unknown'}`
    throw new ConflictError(
      `The lease of "${ref.step}" in run ${state.id} is over (fence ${ref.fence}): ${now}. What this worker did counts as unknown.`,
      { details: { cause: 'stale', status: state.status } },
    )
  }
  return lane
}

/** True when this very report has been taken in before: an answer was lost. */
export function isRepeated(state: RunState, ref: LeaseRef, outcome: 'succeeded' | 'failed'): boolean {
  const step = Object.hasOwn(state.steps, ref.step) ? state.steps[ref.step] : undefined
  const attempt = (step?.[ref.phase] as Lane<string> | undefined)?.log.find((a) => a.fence === ref.fence)
  if (!attempt || attempt.worker !== ref.worker || attempt.to === null) return false
  if (outcome === 'succeeded') return attempt.outcome === 'succeeded'
  return (attempt.outcome === 'failed' || attempt.outcome === 'unknown') && attempt.error?.code !== 'LEASE_EXPIRED'
}

export function retryOf(spec: Step, phase: Phase): Retry {
  if (phase === 'undo') return spec.undo?.retry ?? spec.retry
  if (phase === 'probe') return { policy: null, maxAttempts: 5, initialDelayMs: 200, multiplier: 2, maxDelayMs: 10_000 }
  return spec.retry
}

export function timeoutOf(spec: Step, phase: Phase): number {
  if (phase === 'undo') return spec.undo?.timeoutMs ?? spec.timeoutMs
  return phase === 'probe' ? (spec.probe?.timeoutMs ?? spec.timeoutMs) : spec.timeoutMs
}

/**
 * An attempt that failed: tried again after `delayMs(tries)`, or the last one. `at`: milliseconds since the epoch.
 * An undo is tried again even when its participant calls the failure final: it owes the undo all the same.
 */
export function failed(
  definition: SagaDefinition,
  state: RunState,
  at: number,
  of: { step: string; phase: Phase },
  failure: Failure,
  retry: Retry,
  delayMs: (tries: number) => number,
): EventBody {
  const spec = stepOf(definition, of.step) as Step
  const lane = state.steps[of.step]?.[of.phase] as Lane<string>
  const wait = Math.round(Math.max(failure.retryAfterMs ?? 0, delayMs(Math.max(0, lane.tries - 1))))
  let retryAt: number | null = failure.retryable && lane.tries < retry.maxAttempts ? at + wait : null
  if (of.phase === 'do') {
    if (state.direction === 'backward') retryAt = null
    const limit = spec.stepTimeoutMs === null ? null : (lane.startedAt ?? at) + spec.stepTimeoutMs
    if (retryAt !== null && limit !== null && retryAt > limit) retryAt = null
  }
  const { error, outcome } = failure
  return { type: 'step.attempt-failed', step: of.step, phase: of.phase, error, outcome, retryAt }
}

export function succeeded(phase: Phase, step: string, output: Json): EventBody {
  if (phase !== 'probe') return { type: 'step.succeeded', step, phase, output }
  const answer = output as { done?: Json; output?: Json; final?: Json } | null
  const done = typeof answer === 'object' && answer !== null ? answer.done : undefined
  if (typeof done !== 'boolean') {
    // No answer to what was asked. To take it for "no" would leave an effect that nobody undoes.
    const message = 'The probe did not answer with { done: true, output } or { done: false }.'
    const error = { code: 'BAD_PROBE_ANSWER', message }
    return { type: 'step.attempt-failed', step, phase, error, outcome: 'failed', retryAt: null }
  }
  if (done) return { type: 'step.succeeded', step, phase, output: answer?.output ?? null, happened: true }
  return { type: 'step.succeeded', step, phase, output: null, happened: false, final: answer?.final === true }
}
