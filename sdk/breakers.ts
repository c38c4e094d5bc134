/** The breakers of one process: follows what the control plane says of them, and tells it what they see. */
import { BREAKER_STATES } from '../core/breaker.ts'
import { assertBreakerConfig, assertBreakerName, mergeBreakerConfig } from '../core/breaker-config.ts'
import type { BreakerWatchMessage } from '../core/breaker-view.ts'
import { type HoldfastError, ValidationError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { Breaker, type BreakerOptions } from './breaker.ts'
import { FleetProbes } from './breaker-probes.ts'
import type { Connection } from './connection.ts'
import type { Time } from './time.ts'

/** Breakers of one process; what names are made of (a URL, a user) may be without end. */
export const BREAKERS_MAX = 2_000
const REPORT_MS = 1_000
const TICK_MS = 100
/** Says "still here" so often while nothing else is said. */
const QUIET_MS = 5_000
/** Names in one report and in one subscription: what the server takes. */
const NAMES_MAX = 500
const REOPEN_MS = 500

interface Told {
  breaker: Breaker
  /** what was said last, as numbers; all zero: nothing that must be repeated */
  busy: boolean
  passed: number
  refused: number
}

export interface BreakersParts {
  connection: Connection
  time: Time
  random: Random
  /** who reports: the registered instance, where there is one */
  identity: () => { caller: string; service: string | undefined }
  problem: (error: HoldfastError) => void
}

export class Breakers {
  readonly #parts: BreakersParts
  readonly #byName = new Map<string, Told>()
  readonly #active = new Set<Told>()
  #undeclared = new Set<string>()
  #session = 0
  #appliedSeq = 0
  #ackedSeq = 0
  #reportedAt = 0
  #sending = false
  #cancelTick: (() => void) | null = null
  #cancelQuiet: (() => void) | null = null
  #stopWatch: (() => void)[] = []
  #watchAgain: (() => void) | null = null
  #closed = false

  constructor(parts: BreakersParts) {
    this.#parts = parts
  }

  /**
   * The breaker of that name; the same one each time.
   * @throws ValidationError for settings that contradict each other, and for one name with two different settings
   */
  get(name: string, options: BreakerOptions = {}): Breaker {
    const known = this.#byName.get(name)
    if (known) {
      this.#assertSame(known.breaker, options)
      return known.breaker
    }
    assertBreakerName(name)
    const { service: _s, instance: _i, classify: _c, classifyResult: _r, ...settings } = options
    assertBreakerConfig(mergeBreakerConfig(settings, {}).config)
    if (this.#byName.size >= BREAKERS_MAX) {
      throw new ValidationError(
        `This process has ${BREAKERS_MAX} breakers already. Name them for what they protect, not for each request.`,
      )
    }
    const { connection, time, random, identity } = this.#parts
    const breaker = new Breaker(name, options, {
      time,
      random,
      connected: () => connection.isOpen,
      probes: new FleetProbes(connection, time, name, () => identity().caller),
      active: (_, now) => this.#wake(told, now),
    })
    const told: Told = { breaker, busy: false, passed: 0, refused: 0 }
    this.#byName.set(name, told)
    this.#undeclared.add(name)
    this.#wantWatch()
    return breaker
  }

  /** The same for names that are not the user's own: null instead of an error where there is no room for another. */
  find(name: string, options: BreakerOptions): Breaker | null {
    const known = this.#byName.get(name)
    if (known) return known.breaker
    return this.#byName.size >= BREAKERS_MAX ? null : this.get(name, options)
  }

  #assertSame(breaker: Breaker, options: BreakerOptions): void {
    const given = Object.entries(options).filter(([key, value]) => value !== undefined && !key.startsWith('classify'))
    const before = { ...breaker.defaults, service: breaker.service, instance: breaker.instance } as Record<
      string,
      unknown
    >
    const other = given.find(([key, value]) => before[key] !== value)
    if (!other) return
    throw new ValidationError(
      `"${breaker.name}" was made with other settings before (${other[0]}). Give settings once, or the same each time.`,
    )
  }

  // ---- following ----

  connectionOpened(): void {
    this.#session += 1
    this.#ackedSeq = 0
    this.#undeclared = new Set(this.#byName.keys())
    for (const told of this.#byName.values()) told.breaker.reconsider()
    this.#wantWatch()
  }

  connectionClosed(): void {
    this.#stopWatch = []
    this.#cancelQuiet?.()
    this.#cancelQuiet = null
    for (const { breaker } of this.#byName.values()) breaker.reconsider()
  }

  /** Names that come in one turn are followed together; a new name opens the subscription anew. */
  #wantWatch(): void {
    if (this.#watchAgain || this.#closed || this.#byName.size === 0 || !this.#parts.connection.isOpen) return
    let wanted = true
    this.#watchAgain = () => {
      wanted = false
    }
    queueMicrotask(() => {
      this.#watchAgain = null
      if (wanted) this.#watch()
    })
  }

  #watch(): void {
    const { connection } = this.#parts
    if (!connection.isOpen || this.#closed) return
    for (const stop of this.#stopWatch) stop()
    this.#stopWatch = []
    const names = [...this.#byName.keys()]
    for (let i = 0; i < names.length; i += NAMES_MAX) {
      const part = names.slice(i, i + NAMES_MAX)
      const stop = connection.subscribe('breakers.watch', { data: { names: part, view: 'rules' } }, undefined, {
        data: (data) => this.#apply(part, data as BreakerWatchMessage),
        ended: (error) => {
          if (error) this.#parts.problem(error)
          this.#parts.time.after(REOPEN_MS, () => this.#wantWatch())
        },
      })
      this.#stopWatch.push(stop)
    }
    // Says who is here, so that a rollout can be counted before the first call.
    this.#tickSoon(0)
  }

  #apply(names: readonly string[], message: BreakerWatchMessage): void {
    if (message.type !== 'rules') return
    const told = new Set<string>()
    for (const rule of message.rules) {
      told.add(rule.name)
      this.#byName.get(rule.name)?.breaker.apply(rule)
    }
    if (message.full) {
      for (const name of names) if (!told.has(name)) this.#byName.get(name)?.breaker.apply(null)
    }
    this.#appliedSeq = Math.max(message.full ? 0 : this.#appliedSeq, message.seq)
    if (!message.full) this.#tickSoon(20)
  }

  // ---- reporting ----

  #wake(told: Told, now: boolean): void {
    this.#active.add(told)
    if (now) this.#tickSoon(0)
    else if (!this.#cancelTick) this.#tickSoon(TICK_MS)
  }

  #dueAt = Number.POSITIVE_INFINITY
  #reportSoon = false

  #tickSoon(ms: number): void {
    if (this.#closed) return
    if (ms < TICK_MS) this.#reportSoon = true
    const at = this.#parts.time.monotonic() + ms
    if (this.#cancelTick && at >= this.#dueAt) return
    this.#cancelTick?.()
    this.#dueAt = at
    this.#cancelTick = this.#parts.time.after(ms, () => {
      this.#cancelTick = null
      this.#dueAt = Number.POSITIVE_INFINITY
      this.#tick()
    })
  }

  /** Runs only while something is called, or was within its window. */
  #tick(): void {
    const now = this.#parts.time.monotonic()
    for (const { breaker } of this.#active) breaker.advance()
    if (this.#reportSoon || now - this.#reportedAt >= REPORT_MS) {
      this.#reportSoon = false
      void this.report()
    }
    if (this.#active.size > 0) this.#tickSoon(TICK_MS)
  }

  /** Tells the control plane what is new. Never throws; a report that is lost is made good by the next one. */
  async report(): Promise<void> {
    const { connection, time, identity } = this.#parts
    if (!connection.isOpen || this.#sending || this.#byName.size === 0) return
    this.#sending = true
    const now = time.monotonic()
    const spanMs = Math.min(3_600_000, Math.max(1, now - this.#reportedAt))
    this.#reportedAt = now
    const names: string[] = []
    const counts: number[] = []
    const quiet: Told[] = []
    for (const told of this.#active) {
      if (names.length === NAMES_MAX) break
      if (!this.#add(told, names, counts)) quiet.push(told)
    }
    const declared = [...this.#undeclared].slice(0, NAMES_MAX).flatMap((name) => {
      const breaker = this.#byName.get(name)?.breaker
      return breaker ? [{ name, service: breaker.service, instance: breaker.instance, defaults: breaker.defaults }] : []
    })
    const appliedSeq = this.#appliedSeq
    const { caller, service } = identity()
    const data = { caller, service, session: String(this.#session), appliedSeq, spanMs, names, counts, declared }
    try {
      const answer = await connection.call('breakers.report', { data }, REPORT_MS * 2)
      for (const { name } of declared) this.#undeclared.delete(name)
      for (const name of answer.unknown) this.#undeclared.add(name)
      this.#ackedSeq = appliedSeq
      for (const told of quiet) {
        told.breaker.rest()
        this.#active.delete(told)
      }
    } catch {
      // Windows are told whole, so the next report makes this one good.
    }
    this.#sending = false
    if (this.#closed || !connection.isOpen) return
    const more = this.#undeclared.size > 0 && declared.length > 0
    if (more || this.#appliedSeq > this.#ackedSeq) this.#tickSoon(more ? 0 : 20)
    this.#cancelQuiet?.()
    this.#cancelQuiet = time.after(QUIET_MS, () => void this.report())
  }

  /** False when there is nothing to tell that was not told. */
  #add(told: Told, names: string[], counts: number[]): boolean {
    const { breaker } = told
    const { window, state } = breaker.machine
    const passed = breaker.passed - told.passed
    const refused = breaker.refused - told.refused
    const busy = window.calls > 0 || passed > 0 || refused > 0 || state.is !== 'closed'
    if (!busy && !told.busy) return false
    told.passed = breaker.passed
    told.refused = breaker.refused
    told.busy = busy
    names.push(breaker.name)
    const own = BREAKER_STATES.indexOf(state.is)
    counts.push(breaker.generation, window.calls, window.failures, window.slow, own, passed, refused)
    return true
  }

  close(): void {
    this.#closed = true
    this.#cancelTick?.()
    this.#cancelQuiet?.()
    for (const stop of this.#stopWatch) stop()
  }
}
