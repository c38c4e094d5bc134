/** The error of a refused call: who or what opened the breaker, and when it may close. */
import { mayPassInMs } from '../core/breaker.ts'
import type { BreakerMachine } from '../core/breaker-machine.ts'
import type { BreakerRule } from '../core/breaker-view.ts'
import { BreakerOpenError } from '../core/errors.ts'

function about(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}

/** An operator holds it open. `leftMs`: until the override runs out; null: until it is lifted. */
export function forcedOpen(name: string, override: NonNullable<BreakerRule['override']>, leftMs: number | null) {
  const until = leftMs === null ? 'until it is lifted' : `for another ${about(leftMs)}`
  return new BreakerOpenError(`"${name}" is held open by ${override.by} ${until}: ${override.reason}`, {
    retryable: leftMs !== null,
    ...(leftMs === null ? {} : { retryAfterMs: Math.ceil(leftMs) }),
    details: { breaker: name, by: 'operator', who: override.by, reason: override.reason, state: 'open' },
  })
}

/** The fleet's state is open, or half-open with every permit out. */
export function openForFleet(rule: BreakerRule, leftMs: number): BreakerOpenError {
  const { name, cause, state } = rule
  const operator = cause.what === 'operator'
  const why = operator ? `${cause.who} tripped it: ${cause.detail}` : cause.detail
  const when =
    state === 'open'
      ? `Probes may pass in ${about(leftMs)}`
      : `Every permit for a probe is out; another may be free in ${about(leftMs)}`
  return new BreakerOpenError(`"${name}" is ${state} in the whole fleet (${why}). ${when}.`, {
    retryable: true,
    retryAfterMs: Math.ceil(leftMs),
    details: { breaker: name, by: operator ? 'operator' : 'fleet', who: cause.who, reason: cause.detail, state },
  })
}

/** Only this process has stopped calling. */
export function openHere(name: string, machine: BreakerMachine, now: number, away: boolean): BreakerOpenError {
  const { state, verdict, config } = machine
  const leftMs = mayPassInMs(state, config, now) ?? 0
  const rate = verdict?.what === 'failure-rate' || verdict?.what === 'slow-rate'
  const figure = (n: number) => (rate ? `${Math.round(n * 1_000) / 10}%` : String(n))
  const why = verdict
    ? `${verdict.what} ${figure(verdict.value)}, threshold ${figure(verdict.threshold)}`
    : 'last known'
  const where = away ? 'in this process, while the control plane is away' : 'in this process alone'
  return new BreakerOpenError(`"${name}" is ${state.is} ${where} (${why}). A probe may pass in ${about(leftMs)}.`, {
    retryable: true,
    retryAfterMs: Math.ceil(leftMs),
    details: { breaker: name, by: 'process', who: 'this process', reason: why, state: state.is },
  })
}
