/** The breakers of services that steps call over HTTP: an open one is not called, and what the calls give is told. */
import type { BreakerStateName, Outcome } from '../../core/breaker.ts'
import type { Failure } from '../../core/saga/outcome.ts'

/** What steps need of the fleet's breakers. */
export interface StepBreakers {
  rule(name: string): { openLeftMs: number | null; override: { by: string; reason: string } | null } | null
  summary(name: string): { effective: BreakerStateName }
  acquireProbe(
    name: string,
    holder: string,
    want: number,
  ): { permits: { id: string }[]; generation: number; retryAfterMs: number | null }
  releaseProbe(name: string, holder: string, probe: { id: string; generation: number; outcome: Outcome }): unknown
  outcomes(
    who: { caller: string; owner: string; service: string | null },
    name: string,
    seen: { successes: number; failures: number; slow: number },
  ): boolean
}

const CALLER = 'sagas of the control plane'
/** When nobody knows how long it stays shut, as when a person has shut it. */
const AGAIN_MS = 5_000

export interface StepPermit {
  settle(outcome: Outcome): void
}

/** A permit for one call of `service`, or why there is none: then the call has certainly not been made. */
export function admitStep(breakers: StepBreakers | undefined, service: string): StepPermit | { refused: Failure } {
  const rule = breakers?.rule(service)
  if (!breakers || !rule) return { settle: (outcome) => breakers && tell(breakers, service, outcome) }
  const { effective } = breakers.summary(service)
  if (effective === 'closed') return { settle: (outcome) => tell(breakers, service, outcome) }
  if (effective === 'half-open') {
    const { permits, generation, retryAfterMs } = breakers.acquireProbe(service, CALLER, 1)
    const permit = permits[0]
    if (!permit) return { refused: refusal(service, 'tries whether it works again', retryAfterMs ?? AGAIN_MS) }
    return {
      settle: (outcome) => void breakers.releaseProbe(service, CALLER, { id: permit.id, generation, outcome }),
    }
  }
  const { override, openLeftMs } = rule
  const why = override ? `was opened by ${override.by}: ${override.reason}` : 'is open'
  return { refused: refusal(service, why, openLeftMs ?? AGAIN_MS) }
}

function tell(breakers: StepBreakers, service: string, outcome: Outcome): void {
  if (outcome === 'ignored') return
  const isFailure = outcome === 'failure'
  const seen = { successes: isFailure ? 0 : 1, failures: isFailure ? 1 : 0, slow: 0 }
  breakers.outcomes({ caller: CALLER, owner: 'system', service: null }, service, seen)
}

function refusal(service: string, why: string, retryAfterMs: number): Failure {
  const error = { code: 'BREAKER_OPEN', message: `The breaker of "${service}" ${why}.` }
  return { error, outcome: 'failed', retryable: true, retryAfterMs }
}
