/** One breaker as the control plane sees it: its record, its automatic state on this process's clock, the merged windows. */
import {
  type BreakerState,
  type BreakerStateName,
  CLOSED,
  type HalfOpen,
  judgeFigures,
  type Verdict,
} from '../../core/breaker.ts'
import {
  type BreakerConfig,
  type BreakerSettings,
  type ConfigSources,
  configInForce,
} from '../../core/breaker-config.ts'
import { effectiveState } from '../../core/breaker-override.ts'
import type { BreakerRecord, BreakerTile } from '../../core/breaker-view.ts'
import type { Contribution } from './callers.ts'
import { Spark } from './spark.ts'

/** What one report says of one breaker. */
export interface Told {
  calls: number
  failures: number
  slow: number
  local: BreakerStateName
  ratePerSec: number
  refusedPerSec: number
}

export class FleetBreaker {
  record: BreakerRecord
  /** of its last change; 0: nothing was decided about it yet, and it has no row */
  seq = 0
  state: BreakerState = CLOSED
  config: BreakerConfig
  sources: ConfigSources
  readonly contributions = new Set<Contribution>()
  readonly spark = new Spark()
  calls = 0
  failures = 0
  slow = 0
  ratePerSec = 0
  refusedPerSec = 0
  /** callers with traffic, and those of them that see it failing or have stopped by themselves */
  voting = 0
  failing = 0
  locallyOpen = 0
  /** monotonic time of the newest report; null: none */
  reportedAt: number | null = null
  usedAt: number
  held: { why: 'quorum' | 'ejection-cap'; detail: string } | null = null
  /** a change of state is being written */
  changing = false
  /** the last one that was built, and whether something has changed since */
  tile: BreakerTile | null = null
  stale = true

  constructor(record: BreakerRecord, now: number) {
    this.record = record
    this.usedAt = now
    const { config, sources } = configInForce(record.defaults, record.settings)
    this.config = config
    this.sources = sources
  }

  get name(): string {
    return this.record.name
  }

  get effective(): BreakerStateName {
    const { override, panic, state } = this.record
    if (override === null && panic) return 'closed'
    return effectiveState(state, override?.mode ?? null)
  }

  /** Takes over a record that was committed. What callers saw before a change of state says nothing about the new one. */
  apply(record: BreakerRecord, seq: number, now: number): void {
    const before = this.record
    this.record = record
    this.seq = seq
    this.stale = true
    if (before.settings !== record.settings) this.#configure()
    if (record.generation === this.state.generation) return
    this.state = stateOf(record, now)
    this.held = null
    this.clear()
  }

  /** Takes over a record after a restart: an open time starts anew, and permits that may be out are waited for. */
  restore(record: BreakerRecord, seq: number, now: number): void {
    this.record = record
    this.seq = seq
    this.state = stateOf(record, now)
    if (this.state.is === 'half-open') this.state = presumedOut(this.state, this.config, now)
  }

  setDefaults(defaults: BreakerSettings): void {
    this.record = { ...this.record, defaults }
    this.#configure()
  }

  #configure(): void {
    const { config, sources } = configInForce(this.record.defaults, this.record.settings)
    this.config = config
    this.sources = sources
    this.stale = true
  }

  /** Replaces what a caller told before. */
  take(c: Contribution, told: Told, now: number): void {
    this.calls += told.calls - c.calls
    this.failures += told.failures - c.failures
    this.slow += told.slow - c.slow
    this.ratePerSec += told.ratePerSec - c.ratePerSec
    this.refusedPerSec += told.refusedPerSec - c.refusedPerSec
    const stopped = told.local === 'open'
    const voting = told.calls > 0 || stopped
    const failing = voting && (stopped || this.#seesFailing(told))
    this.voting += Number(voting) - Number(c.voting)
    this.failing += Number(failing) - Number(c.failing)
    this.locallyOpen += Number(stopped) - Number(c.local === 'open')
    c.calls = told.calls
    c.failures = told.failures
    c.slow = told.slow
    c.ratePerSec = told.ratePerSec
    c.refusedPerSec = told.refusedPerSec
    c.local = told.local
    c.voting = voting
    c.failing = failing
    c.at = now
    this.reportedAt = now
    this.usedAt = now
    this.stale = true
  }

  /** Does one caller's own window cross a rate? A count says: so many failures among all, so one's own may be any. */
  #seesFailing({ calls, failures, slow }: Told): boolean {
    const { failureRateThreshold, slowRateThreshold, failureThreshold } = this.config
    return (
      (failureRateThreshold !== null && failures >= failureRateThreshold * calls) ||
      (slowRateThreshold !== null && slow >= slowRateThreshold * calls) ||
      (failureThreshold !== null && failures > 0)
    )
  }

  remove(c: Contribution): void {
    this.take(c, NOTHING, c.at)
    this.contributions.delete(c)
  }

  clear(): void {
    for (const c of this.contributions) {
      const { at } = c
      this.take(c, { ...NOTHING, ratePerSec: c.ratePerSec, refusedPerSec: c.refusedPerSec }, at)
    }
  }

  /**
   * Should it open for all? The merged window must cross a threshold, or enough callers have stopped by themselves; and a
   * quorum of the callers with traffic must see it, so that one bad caller does not shut the target for the good ones.
   */
  verdict(): { verdict: Verdict; quorum: boolean } | null {
    if (this.failing === 0) return null
    const needed = this.config.quorum * this.voting
    const figures = { calls: this.calls, failures: this.failures, slow: this.slow }
    const verdict = judgeFigures(this.config, figures)
    if (verdict) return { verdict, quorum: this.failing >= needed }
    if (this.locallyOpen > 0 && this.locallyOpen >= needed) {
      const threshold = this.config.consecutiveFailures
      if (threshold === null) return null
      return { verdict: { what: 'consecutive-failures', value: threshold, threshold }, quorum: true }
    }
    return null
  }
}

const NOTHING: Told = { calls: 0, failures: 0, slow: 0, local: 'closed', ratePerSec: 0, refusedPerSec: 0 }

export function stateOf(record: BreakerRecord, now: number): BreakerState {
  const { generation, trips } = record
  if (record.state === 'open') return { is: 'open', generation, openedAt: now, openMs: record.openMs ?? 0, trips }
  if (record.state === 'half-open') {
    return { is: 'half-open', generation, since: now, trips, successes: 0, permits: new Map() }
  }
  return { is: 'closed', generation }
}

/** All permits count as given away until they would have run out: who holds them was not written down. */
function presumedOut(state: HalfOpen, config: BreakerConfig, now: number): HalfOpen {
  const permits = new Map(state.permits)
  for (let i = 0; i < config.halfOpenPermits; i++) {
    const id = `before-the-restart-${i}`
    permits.set(id, { id, holder: 'given before the restart', until: now + config.permitMs })
  }
  return { ...state, permits }
}

export function newRecord(name: string, at: number, target: { service: string | null; instance: string | null }) {
  const record: BreakerRecord = {
    name,
    ...target,
    state: 'closed',
    since: at,
    generation: 1,
    openMs: null,
    trips: 0,
    cause: { what: 'new', who: 'system', detail: 'nothing has happened to it yet' },
    override: null,
    panic: false,
    settings: {},
    defaults: {},
    version: 1,
    lastAct: null,
  }
  return record
}
