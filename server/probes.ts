/**
 * Active checks. Each target is looked at once an interval, at a moment of its own; what this machine could not see is told
 * apart from what is down. Thresholds are applied by whoever takes the results in.
 */
import type { Clock } from '../core/clock.ts'
import { NotFoundError, ServiceUnavailableError } from '../core/errors.ts'
import type { CheckResult, CheckSpec } from '../core/instance.ts'
import type { Random } from '../core/random.ts'
import type { Log } from './log.ts'
import type { Outbound } from './outbound.ts'
import { Hearing, type HearingStats, type OnResult } from './probes/hearing.ts'
import { Lanes } from './probes/lanes.ts'
import { look } from './probes/look.ts'
import { type Plan, type Planned, Planner } from './probes/planner.ts'
import { Stalls } from './probes/stalls.ts'
import { blind } from './probes/verdict.ts'

export interface ProbeTarget {
  id: string
  generation: number
  service: string
  /** host:port */
  address: string
  check: CheckSpec
  /** its last known state; a target that was down before this process started is no news when it is silent */
  failing?: boolean
}

export interface ProbesOptions {
  outbound: Pick<Outbound, 'http' | 'tcp'>
  clock: Clock
  random: Random
  /** Every result exactly once, those of `checkNow` included. */
  onResult: OnResult
  /** how often `tick` is called, milliseconds */
  tickMs?: number
  log?: Log
}

export interface ProbesStats extends HearingStats {
  targets: number
  lanes: ReturnType<Lanes<Plan<Target>>['stats']>
  started: number
  /** how late probes of the main lane began, of the last 1,024 */
  lateP99Ms: number
  /** intervals left out because the probe before took longer */
  skipped: number
}

interface Flight {
  generation: number
  asked: boolean
  /** one each: a signal shared by thousands of calls costs each of them a walk through all listeners */
  abort: AbortController
  done: Promise<CheckResult | null>
}

interface Target extends Planned {
  spec: ProbeTarget
  /** was silent last time */
  slow: boolean
  load: number
}

/** Starts remembered for `lateP99Ms`. */
const LATE_KEPT = 1_024

export class Probes {
  readonly #options: ProbesOptions
  readonly #targets = new Map<string, Target>()
  /** by id, and kept while a target is removed or replaced, so that it never has two */
  readonly #flights = new Map<string, Flight>()
  readonly #lanes = new Lanes<Plan<Target>>()
  readonly #hearing: Hearing
  readonly #stalls: Stalls
  readonly #planner: Planner<Target>
  readonly #late = new Float64Array(LATE_KEPT)
  #stopped = false
  #started = 0
  #lateCount = 0

  constructor(options: ProbesOptions) {
    this.#options = options
    this.#planner = new Planner(options.random)
    this.#stalls = new Stalls(options.tickMs ?? 100)
    this.#hearing = new Hearing(options)
  }

  /** Adds a target, or replaces it; a probe that is under way for the one before is not counted for this. */
  set(spec: ProbeTarget): void {
    if (this.#stopped) return
    const before = this.#targets.get(spec.id)
    if (before) this.#forget(before)
    const target: Target = {
      spec,
      epoch: 0,
      slow: spec.failing === true,
      load: spec.check.timeoutMs / spec.check.intervalMs,
      dueAt: this.#planner.firstAt(spec, before, this.#now()),
      seen: false,
    }
    this.#targets.set(spec.id, target)
    this.#lanes.addLoad(target.slow, target.load)
    this.#hearing.add(spec.id, spec.service, target.slow)
    // With a probe of the old one still under way, the first of the new one is planned when that ends.
    if (!this.#flights.has(spec.id)) this.#planner.plan(target, this.#targets.size)
  }

  delete(id: string): void {
    const target = this.#targets.get(id)
    if (!target) return
    this.#forget(target)
    this.#targets.delete(id)
    this.#hearing.remove(id)
  }

  #forget(target: Target): void {
    this.#planner.forget(target)
    this.#lanes.addLoad(target.slow, -target.load)
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  /** Starts what is due. Costs O(log n) a probe, and nothing for targets that are not due. */
  tick(): void {
    if (this.#stopped) return
    const now = this.#now()
    this.#stalls.tick(now)
    this.#hearing.review(now)
    for (let plan = this.#planner.takeDue(now); plan; plan = this.#planner.takeDue(now)) {
      this.#lanes.queue(plan.target.slow, plan)
    }
    this.#pump()
  }

  #pump(): void {
    if (this.#stopped) return
    for (let plan = this.#lanes.take(); plan; plan = this.#lanes.take()) {
      const { target } = plan
      // Replaced, removed or asked for while it waited in the lane.
      if (!this.#planner.isValid(plan) || this.#flights.has(target.spec.id)) continue
      if (!target.slow) this.#late[this.#lateCount++ % LATE_KEPT] = Math.max(0, this.#now() - target.dueAt)
      this.#fly(target, this.#lanes.occupy(target.slow), false)
    }
  }

  /**
   * Looks at once, or joins the probe under way. Resolves when the result has been taken in.
   * @throws NotFoundError without such a target
   */
  async checkNow(id: string): Promise<CheckResult> {
    for (;;) {
      const target = this.#targets.get(id)
      if (!target) throw new NotFoundError(`"${id}" has no check to make.`)
      if (this.#stopped) throw new ServiceUnavailableError('The control plane is stopping; no checks are made.')
      const flight = this.#flights.get(id) ?? this.#fly(target, () => {}, true)
      flight.asked = true
      const result = await flight.done
      if (result) return result
    }
  }

  #fly(target: Target, giveBack: () => void, asked: boolean): Flight {
    this.#started += 1
    const flight: Flight = {
      generation: target.spec.generation,
      asked,
      abort: new AbortController(),
      done: Promise.resolve(null),
    }
    this.#flights.set(target.spec.id, flight)
    flight.done = this.#probe(target, flight, giveBack)
    return flight
  }

  async #probe(target: Target, flight: Flight, giveBack: () => void): Promise<CheckResult | null> {
    const { spec } = target
    const begun = this.#now()
    let verdict = await look(this.#options.outbound, spec, flight.abort.signal)
    const now = this.#now()
    giveBack()
    this.#pump()
    if (verdict.evidence === 'silent') {
      const stalledMs = this.#stalls.worst(begun, now)
      if (stalledMs * 2 > spec.check.timeoutMs) {
        verdict = blind(`the control plane was held up for ${Math.round(stalledMs)} ms and could not look`)
      }
    }
    const result = {
      at: this.#options.clock.wall(),
      durationMs: now - begun,
      status: verdict.status,
      output: verdict.output,
    }
    const wanted = () => !this.#stopped && this.#targets.get(spec.id) === target
    let told: CheckResult | null = null
    if (wanted()) {
      if (verdict.evidence !== 'local') this.#setSlow(target, verdict.evidence === 'silent')
      const windowMs = spec.check.intervalMs + spec.check.timeoutMs
      const heard = { id: spec.id, generation: flight.generation, windowMs, asked: flight.asked, result, now }
      // The next look waits until this one has been taken in: order is kept, and a slow taker is not swamped.
      told = await this.#hearing.take(heard, verdict.evidence)
    }
    this.#flights.delete(spec.id)
    const current = this.#targets.get(spec.id)
    if (wanted()) this.#planner.planNext(target, begun, this.#now(), this.#targets.size)
    // Set anew meanwhile: its first look was waiting for the end of this one.
    else if (current && !this.#stopped) this.#planner.plan(current, this.#targets.size)
    return told
  }

  #setSlow(target: Target, slow: boolean): void {
    if (target.slow === slow) return
    this.#lanes.addLoad(target.slow, -target.load)
    target.slow = slow
    this.#lanes.addLoad(slow, target.load)
  }

  stats(): ProbesStats {
    const late = this.#late.slice(0, Math.min(this.#lateCount, LATE_KEPT)).sort()
    return {
      targets: this.#targets.size,
      lanes: this.#lanes.stats(),
      started: this.#started,
      lateP99Ms: late[Math.floor(late.length * 0.99)] ?? 0,
      skipped: this.#planner.skipped,
      ...this.#hearing.stats(),
    }
  }

  /** Gives up what is under way; no result is handed on after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    const flights = [...this.#flights.values()]
    for (const flight of flights) flight.abort.abort()
    await Promise.all(flights.map((flight) => flight.done))
  }
}
