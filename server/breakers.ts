/** The fleet's circuit breakers: merged windows in, one decision for all out, operators above. */
import { randomUUID } from 'node:crypto'
import { BREAKER_STATES, type BreakerStateName, mayPassInMs, type Outcome, placeProbe } from '../core/breaker.ts'
import type { BreakerSettings } from '../core/breaker-config.ts'
import { isDeciding } from '../core/breaker-override.ts'
import type { BreakerRecord, BreakerTile, BreakerView } from '../core/breaker-view.ts'
import type { Clock } from '../core/clock.ts'
import { NotFoundError, RateLimitedError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { Random } from '../core/random.ts'
import type { Store } from '../db/store.ts'
import { CALLER_GONE_MS, type Caller, Callers, type Contribution } from './breakers/callers.ts'
import { Decider } from './breakers/decide.ts'
import { FleetBreaker, newRecord } from './breakers/fleet-breaker.ts'
import { Followers } from './breakers/followers.ts'
import { Outside } from './breakers/outside.ts'
import { ruleOf, tileOf, viewOf } from './breakers/views.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'

/** Breakers known at the same time; further names are refused. */
export const BREAKERS_MAX = 5_000
/** A breaker that nobody uses and nobody has decided anything about is forgotten after so long. */
const IDLE_MS = 3_600_000
/** A caller's window is told anew while it holds calls; one that is older than its window by this has gone quiet. */
const LATE_MS = 2_500
/** Numbers of one breaker in a report: see `Report.counts`. */
export const REPORT_STRIDE = 7

export interface Declared {
  name: string
  service?: string | undefined
  instance?: string | undefined
  defaults: BreakerSettings
}

export interface Report {
  caller: string
  owner: string
  service: string | null
  session: string
  appliedSeq: number
  /** since the report before, milliseconds */
  spanMs: number
  names: readonly string[]
  /**
   * For each name: generation, then calls, failures and slow calls in the caller's whole window, its own state (0 closed,
   * 1 open, 2 half-open), then calls that passed and that were refused since the report before.
   */
  counts: readonly number[]
  declared: readonly Declared[]
}

export interface BreakersOptions {
  store: Store
  clock: Clock
  log: Log
  registry: Registry
  random: Random
}

export class Breakers {
  readonly callers = new Callers()
  readonly followers: Followers
  readonly #store: Store
  readonly #clock: Clock
  readonly #registry: Registry
  readonly #decider: Decider
  readonly #outside = new Outside()
  readonly #byName = new Map<string, FleetBreaker>()
  /** those that time changes: not closed, or with an override that runs out */
  readonly #timed = new Set<FleetBreaker>()
  /** breakers for single instances, by service */
  readonly #byService = new Map<string, Set<FleetBreaker>>()
  readonly random: Random
  #seq = 0
  #secondAt = 0
  #unsubscribe: (() => void) | null = null
  reports = 0

  constructor(options: BreakersOptions) {
    const { store, clock, log, registry, random } = options
    this.#store = store
    this.#clock = clock
    this.#registry = registry
    this.random = random
    this.#decider = new Decider({
      store,
      random,
      instancesOf: (service) => registry.snapshot.of(service).length,
      ejectedOf: (service) => this.#ejectedOf(service),
      failed: (error) => log.error({ error }, 'a decision about a breaker could not be written'),
    })
    this.followers = new Followers({
      seq: () => this.#seq,
      wall: () => clock.wall(),
      names: () => this.#byName.keys(),
      rule: (name) => this.rule(name),
      tile: (name) => this.tile(name),
    })
  }

  /** Loads what was decided. Open times start anew, so that a restart reopens nothing early (B3). */
  async start(): Promise<void> {
    this.#unsubscribe = this.#store.journal.onCommit((events) => {
      for (const event of events) this.#apply(event)
    })
    const loaded = await this.#store.read(async (tx) => ({ seq: await tx.head(), records: await tx.q.breakers.all() }))
    this.#seq = loaded.seq
    const now = this.#clock.monotonic()
    for (const record of loaded.records) {
      const breaker = this.#add(record, now)
      breaker.restore(record, loaded.seq, now)
      this.#follow(breaker)
    }
    this.#secondAt = now
  }

  stop(): void {
    this.#unsubscribe?.()
  }

  #apply(event: JournalEvent): void {
    this.#seq = event.seq
    if (!event.key.startsWith('breaker/')) return
    const name = event.key.slice('breaker/'.length)
    const record = event.value as BreakerRecord | null
    const known = this.#byName.get(name)
    if (record === null) {
      if (known) this.#remove(known)
    } else {
      const breaker = known ?? this.#add(record, this.#clock.monotonic())
      if (breaker.record.instance !== record.instance || breaker.record.service !== record.service) {
        this.#place(breaker, record)
      }
      breaker.apply({ ...record, defaults: breaker.record.defaults }, event.seq, this.#clock.monotonic())
      this.#follow(breaker)
    }
    this.followers.changed(name)
  }

  #add(record: BreakerRecord, now: number): FleetBreaker {
    const breaker = new FleetBreaker(record, now)
    this.#byName.set(record.name, breaker)
    this.#place(breaker, record)
    return breaker
  }

  #place(breaker: FleetBreaker, { service, instance }: Pick<BreakerRecord, 'service' | 'instance'>): void {
    const before = breaker.record.service
    if (before !== null) this.#byService.get(before)?.delete(breaker)
    if (service === null || instance === null) return
    const set = this.#byService.get(service)
    if (set) set.add(breaker)
    else this.#byService.set(service, new Set([breaker]))
  }

  #remove(breaker: FleetBreaker): void {
    this.#byName.delete(breaker.name)
    this.#timed.delete(breaker)
    const { service } = breaker.record
    if (service !== null) {
      const set = this.#byService.get(service)
      set?.delete(breaker)
      if (set?.size === 0) this.#byService.delete(service)
    }
    this.callers.removeBreaker(breaker)
  }

  #follow(breaker: FleetBreaker): void {
    const timed = breaker.state.is !== 'closed' || (breaker.record.override?.expiresAt ?? null) !== null
    if (timed) this.#timed.add(breaker)
    else this.#timed.delete(breaker)
  }

  #ejectedOf(service: string): number {
    let ejected = 0
    for (const b of this.#byService.get(service) ?? []) if (b.state.is !== 'closed' || b.changing) ejected += 1
    return ejected
  }

  // ---- reads ----

  get size(): number {
    return this.#byName.size
  }

  names(): IterableIterator<string> {
    return this.#byName.keys()
  }

  rule(name: string) {
    const b = this.#byName.get(name)
    return b ? ruleOf(b, this.#clock.monotonic(), this.#clock.wall()) : null
  }

  tile(name: string): BreakerTile | null {
    const b = this.#byName.get(name)
    return b ? tileOf(b, this.#clock.monotonic()) : null
  }

  /** @throws NotFoundError */
  view(name: string): BreakerView {
    return viewOf(this.#known(name), this.#clock.monotonic(), this.#clock.wall())
  }

  /** What is known in memory, for a change of a breaker that may have no row yet. */
  fresh(name: string): BreakerRecord | null {
    return this.#byName.get(name)?.record ?? null
  }

  /** @throws NotFoundError */
  known(name: string): { fresh: BreakerRecord } {
    return { fresh: this.#known(name).record }
  }

  /** @throws RateLimitedError when a new name would be one too many */
  assertRoom(name: string): void {
    if (this.#byName.has(name) || this.#byName.size < BREAKERS_MAX) return
    throw new RateLimitedError(`There are ${BREAKERS_MAX} breakers already; no further one can be made.`, {
      retryable: false,
    })
  }

  summary(name: string): { effective: BreakerStateName; overridden: boolean; service: string | null } {
    const { effective, record } = this.#byName.get(name) as FleetBreaker
    return { effective, overridden: record.override !== null, service: record.service }
  }

  #known(name: string): FleetBreaker {
    const b = this.#byName.get(name)
    if (b) return b
    throw new NotFoundError(`There is no breaker "${name}": no caller has reported it, and nobody has configured it.`)
  }

  // ---- what callers tell ----

  /** Takes in what a caller saw. `unknown`: names that it has to declare with its next report. */
  report(report: Report): { appliedSeq: number; unknown: string[]; refused: number } {
    const now = this.#clock.monotonic()
    this.reports += 1
    const { names, counts } = report
    const caller = this.callers.seen(report.owner, report.caller, report.session, report.service, now)
    if (!caller) return { appliedSeq: this.#seq, unknown: [], refused: names.length + report.declared.length }
    this.#noteApplied(caller, report.appliedSeq)
    let refused = 0
    for (const declared of report.declared) if (!this.#declare(caller, declared, now)) refused += 1
    const unknown: string[] = []
    const perSec = 1_000 / Math.max(1, report.spanMs)
    for (let i = 0; i < names.length; i++) {
      const contribution = caller.contributions.get(names[i] as string)
      if (contribution) this.#take(contribution, counts, i * REPORT_STRIDE, perSec, now)
      else unknown.push(names[i] as string)
    }
    return { appliedSeq: this.#seq, unknown, refused }
  }

  #noteApplied(caller: Caller, seq: number): void {
    if (seq <= caller.appliedSeq) return
    const before = caller.appliedSeq
    caller.appliedSeq = seq
    for (const { breaker } of caller.contributions.values()) {
      if (breaker.seq > before && breaker.seq <= seq) breaker.stale = true
    }
  }

  #take(c: Contribution, counts: readonly number[], at: number, perSec: number, now: number): void {
    const b = c.breaker
    b.usedAt = now
    const local = BREAKER_STATES[counts[at + 4] as number] as BreakerStateName
    // What was seen in an earlier state says nothing about this one.
    const current = counts[at] === b.state.generation
    const calls = current ? (counts[at + 1] as number) : 0
    const failures = current ? (counts[at + 2] as number) : 0
    const slow = current ? (counts[at + 3] as number) : 0
    const ratePerSec = (counts[at + 5] as number) * perSec
    const refusedPerSec = (counts[at + 6] as number) * perSec
    b.take(c, { calls, failures, slow, local: current ? local : 'closed', ratePerSec, refusedPerSec }, now)
    if (b.failing > 0 || b.held !== null || b.state.is === 'half-open') this.#decider.consider(b, now)
  }

  #declare(caller: Caller, declared: Declared, now: number): boolean {
    const { name, service = null, instance = null } = declared
    let b = this.#byName.get(name)
    if (!b) {
      if (this.#byName.size >= BREAKERS_MAX) return false
      b = this.#add(newRecord(name, this.#clock.wall(), { service, instance }), now)
    } else if (b.seq === 0 && service !== null && b.record.service === null) {
      this.#place(b, { service, instance })
      b.record = { ...b.record, service, instance }
    }
    const contribution = this.callers.place(caller, b)
    if (!contribution) return false
    const text = JSON.stringify(declared.defaults)
    contribution.defaults = text
    // The newest code wins: that is what a rollout of new code means. Who still runs older code is listed.
    if (JSON.stringify(b.record.defaults) !== text) b.setDefaults(declared.defaults)
    b.stale = true
    return true
  }

  /** Outcomes of a caller that keeps no window itself: this process keeps it. */
  outcomes(
    who: { caller: string; owner: string; service: string | null },
    name: string,
    seen: { successes: number; failures: number; slow: number },
  ): boolean {
    const now = this.#clock.monotonic()
    const caller = this.callers.seen(who.owner, who.caller, 'outside', who.service, now)
    // It has no settings of its own: those that others have declared stay.
    const defaults = this.#byName.get(name)?.record.defaults ?? {}
    if (!caller || (!caller.contributions.has(name) && !this.#declare(caller, { name, defaults }, now))) return false
    const c = caller.contributions.get(name) as Contribution
    const told = this.#outside.add(c, seen, now)
    c.breaker.take(c, told, now)
    this.#decider.consider(c.breaker, now)
    return true
  }

  // ---- probes ----

  /** Permits for probes, for the whole fleet: none while another state than half-open is in force. */
  acquireProbe(name: string, holder: string, want: number) {
    const b = this.#known(name)
    const now = this.#clock.monotonic()
    this.#decider.passTime(b, now, this.#clock.wall())
    const permits: { id: string; leaseMs: number }[] = []
    const mayDecide = !b.changing && isDeciding(b.record.override?.mode ?? null)
    while (mayDecide && b.state.is === 'half-open' && permits.length < want) {
      const placed = placeProbe(b.state, b.config, now, { id: randomUUID(), holder })
      if (!placed) break
      b.state = placed.state
      b.stale = true
      permits.push({ id: placed.lease.id, leaseMs: b.config.permitMs })
    }
    const pass = b.changing ? 50 : mayPassInMs(b.state, b.config, now)
    return {
      permits,
      generation: b.state.generation,
      state: b.record.state,
      effective: b.effective,
      /** null: now, or not known */
      retryAfterMs: permits.length > 0 || pass === null ? null : Math.max(10, Math.round(pass)),
    }
  }

  /** Returns a permit with what became of its probe. `counted` false: it was too late, and nothing was decided by it. */
  releaseProbe(name: string, holder: string, probe: { id: string; generation: number; outcome: Outcome }) {
    const b = this.#known(name)
    const counted = this.#decider.settle(b, this.#clock.monotonic(), { ...probe, holder })
    return { counted }
  }

  // ---- loops ----

  /** What time changes, and pages. Called several times a second. */
  tick(): void {
    const now = this.#clock.monotonic()
    const wall = this.#clock.wall()
    for (const b of this.#timed) this.#decider.passTime(b, now, wall)
    if (now - this.#secondAt >= 1_000) {
      this.#secondAt = now
      this.#everySecond(now)
    }
    this.followers.tick()
  }

  #everySecond(now: number): void {
    for (const caller of this.callers.all()) {
      if (now - caller.at > CALLER_GONE_MS) {
        this.callers.remove(caller)
        continue
      }
      for (const c of caller.contributions.values()) this.#age(c, now)
    }
    for (const b of this.#byName.values()) {
      if (b.spark.add(b.calls, b.failures) || b.state.is !== 'closed') b.stale = true
      const idle = b.seq === 0 && b.contributions.size === 0 && now - b.usedAt > IDLE_MS
      if (idle) this.#remove(b)
    }
    for (const [service, breakers] of this.#byService) this.#panic(service, breakers)
  }

  #age(c: Contribution, now: number): void {
    if (c.calls === 0 && c.ratePerSec === 0 && c.refusedPerSec === 0 && c.local === 'closed') return
    const told = this.#outside.age(c, now)
    if (told) {
      c.breaker.take(c, told, c.at)
      return
    }
    if (c.breaker.config.windowType === 'count' || now - c.at <= c.breaker.config.windowMs + LATE_MS) return
    const nothing = { calls: 0, failures: 0, slow: 0, local: 'closed', ratePerSec: 0, refusedPerSec: 0 } as const
    c.breaker.take(c, nothing, c.at)
  }

  /** With too few instances left, shutting out the others would take the service down altogether: none is shut out. */
  #panic(service: string, breakers: ReadonlySet<FleetBreaker>): void {
    const instances = this.#registry.snapshot.of(service)
    if (instances.length === 0) return
    const present = new Set(instances.map((i) => i.id))
    const out = [...breakers].filter((b) => b.state.is !== 'closed' && present.has(b.record.instance ?? ''))
    const left = (instances.length - out.length) / instances.length
    for (const b of out) {
      const panic = left < b.config.panicShare
      if (panic === b.record.panic) continue
      const share = `${instances.length - out.length} of ${instances.length} instances of ${service} are left`
      this.#decider.setPanic(b, panic, panic ? `${share}, so its opening is not acted on` : `${share}: it acts again`)
    }
  }
}
