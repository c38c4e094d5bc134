/** What the control plane decides by itself: opening, closing and probing for the whole fleet. Written, then acted on. */
import { type BreakerState, opened, settleProbe, timePassed, type Verdict } from '../../core/breaker.ts'
import { isDeciding, isExpired } from '../../core/breaker-override.ts'
import type { BreakerCause } from '../../core/breaker-view.ts'
import type { Random } from '../../core/random.ts'
import type { Origin, Store } from '../../db/store.ts'
import { bareState, inState, MODE_WORDS, readRow, writeRow } from './change.ts'
import type { FleetBreaker } from './fleet-breaker.ts'

const SYSTEM: Origin = { actor: 'system', operationId: null }

export interface DecideParts {
  store: Store
  random: Random
  /** instances of a service that are registered; 0: not known */
  instancesOf(service: string): number
  /** breakers for single instances of a service that are not closed */
  ejectedOf(service: string): number
  failed(error: unknown): void
}

export function describeVerdict(v: Verdict, b: FleetBreaker): string {
  const percent = (n: number) => `${Math.round(n * 1_000) / 10}%`
  const callers = `${b.failing} of ${b.voting} ${b.voting === 1 ? 'caller' : 'callers'}`
  switch (v.what) {
    case 'failure-rate':
      return `${percent(v.value)} of ${b.calls} calls failed (threshold ${percent(v.threshold)}), seen by ${callers}`
    case 'slow-rate':
      return `${percent(v.value)} of ${b.calls} calls were slow (threshold ${percent(v.threshold)}), seen by ${callers}`
    case 'failures':
      return `${v.value} calls failed (threshold ${v.threshold}), seen by ${callers}`
    case 'consecutive-failures':
      return `${v.threshold} failures in a row, seen by ${callers}`
  }
}

export class Decider {
  readonly #parts: DecideParts

  constructor(parts: DecideParts) {
    this.#parts = parts
  }

  /** After a report: does the fleet's window say that it should open? */
  consider(b: FleetBreaker, now: number): void {
    if (b.changing || b.state.is === 'open') return
    const override = b.record.override?.mode ?? null
    if (!isDeciding(override)) return
    if (b.state.is === 'half-open') {
      if (override === 'metrics-only') this.#considerUnprobed(b, now)
      return
    }
    const found = b.verdict()
    if (!found) {
      b.held = null
      return
    }
    const detail = describeVerdict(found.verdict, b)
    if (!found.quorum) {
      b.held = {
        why: 'quorum',
        detail: `${detail}; it takes ${Math.round(b.config.quorum * 100)}% of the callers to open it for all`,
      }
      return
    }
    const cap = this.#overCap(b)
    if (cap !== null) {
      b.held = { why: 'ejection-cap', detail: `${detail}; ${cap}` }
      return
    }
    b.held = null
    const cause: BreakerCause = { what: found.verdict.what, who: 'fleet', detail }
    this.#move(b, opened(b.state, b.config, now, this.#parts.random), cause)
  }

  /** Under `metrics-only` no probe needs a permit: what callers see of half-open is the answer. */
  #considerUnprobed(b: FleetBreaker, now: number): void {
    if (b.calls < b.config.successThreshold) return
    const failing = b.failures > 0
    const next: BreakerState = failing
      ? opened(b.state, b.config, now, this.#parts.random)
      : { is: 'closed', generation: b.state.generation + 1 }
    const what = failing ? 'probe-failed' : 'probes-succeeded'
    this.#move(b, next, { what, who: 'fleet', detail: `${b.failures} of ${b.calls} calls failed` })
  }

  #overCap(b: FleetBreaker): string | null {
    const { service, instance } = b.record
    if (service === null || instance === null) return null
    const total = this.#parts.instancesOf(service)
    if (total === 0) return null
    const allowed = Math.floor(total * b.config.ejectionMaxShare)
    const ejected = this.#parts.ejectedOf(service)
    if (ejected < allowed) return null
    return `${ejected} of ${total} instances of ${service} are shut out already, and at most ${allowed} may be`
  }

  /** What time alone changes. */
  passTime(b: FleetBreaker, now: number, wall: number): void {
    if (b.changing) return
    if (isExpired(b.record.override, wall)) this.#endOverride(b)
    const { state } = b
    if (state.is === 'closed' || !isDeciding(b.record.override?.mode ?? null)) return
    const next = timePassed(state, b.config, now, this.#parts.random)
    if (next === state) return
    if (next.generation === state.generation) {
      b.state = next
      b.stale = true
    } else if (next.is === 'half-open') {
      const detail = `${b.config.halfOpenPermits} probes at a time may pass`
      this.#move(b, next, { what: 'open-time-over', who: 'fleet', detail })
    } else {
      const detail = `no verdict within ${b.config.halfOpenMaxMs} ms`
      this.#move(b, next, { what: 'half-open-too-long', who: 'fleet', detail })
    }
  }

  /** What became of a probe; false: its permit decides nothing (any more). */
  settle(
    b: FleetBreaker,
    now: number,
    probe: { id: string; holder: string; generation: number; outcome: 'success' | 'failure' | 'ignored' },
  ): boolean {
    if (b.changing) return false
    const next = settleProbe(b.state, b.config, now, this.#parts.random, probe)
    if (!next) return false
    b.stale = true
    if (next.generation === b.state.generation) b.state = next
    else if (next.is === 'open') {
      this.#move(b, next, { what: 'probe-failed', who: probe.holder, detail: `the probe of ${probe.holder} failed` })
    } else {
      const detail = `${b.config.successThreshold} probes succeeded, the last one of ${probe.holder}`
      this.#move(b, next, { what: 'probes-succeeded', who: probe.holder, detail })
    }
    return true
  }

  /** Writes a change of the automatic state; until it is committed nothing else is decided about the breaker. */
  #move(b: FleetBreaker, next: BreakerState, cause: BreakerCause): void {
    const kind = next.is === 'open' ? 'breaker.opened' : next.is === 'closed' ? 'breaker.closed' : 'breaker.half-opened'
    const { generation } = b.state
    this.#write(b, kind, `${b.name} is ${next.is}: ${cause.detail}`, (record, at) =>
      // An operator was faster: what was to be decided is about a state that is over.
      record.generation === generation ? inState(record, next, cause, at) : null,
    )
  }

  #endOverride(b: FleetBreaker): void {
    const { override } = b.record
    if (!override) return
    const summary = `${b.name} no longer ${MODE_WORDS[override.mode]}: the override of ${override.by} ran out`
    this.#write(b, 'breaker.override.expired', summary, (record, at) =>
      isExpired(record.override, at) ? { ...record, override: null, version: record.version + 1 } : null,
    )
  }

  /** Sets whether the openings of breakers for single instances are acted on. */
  setPanic(b: FleetBreaker, panic: boolean, detail: string): void {
    if (b.changing) return
    this.#write(b, panic ? 'breaker.panic' : 'breaker.panic.ended', `${b.name}: ${detail}`, (record) =>
      record.panic === panic || bareState(record).is === 'closed' ? null : { ...record, panic },
    )
  }

  #write(
    b: FleetBreaker,
    kind: string,
    summary: string,
    change: (record: FleetBreaker['record'], at: number) => FleetBreaker['record'] | null,
  ): void {
    b.changing = true
    this.#parts.store
      .transact(SYSTEM, async (tx) => {
        const row = await readRow(tx, b.name, b.record)
        const after = row ? change(row.record, tx.now) : null
        if (row && after) await writeRow(tx, row, after, { kind, summary })
      })
      .catch((error: unknown) => this.#parts.failed(error))
      .finally(() => {
        b.changing = false
      })
  }
}
