import { type BreakerState, type BreakerStateName, type Lease, mayPassInMs, type Outcome } from '../core/breaker.ts'
import { type BreakerConfig, type BreakerSettings, type ConfigSources, configInForce } from '../core/breaker-config.ts'
import { BreakerMachine } from '../core/breaker-machine.ts'
import { effectiveState } from '../core/breaker-override.ts'
import type { BreakerRule } from '../core/breaker-view.ts'
import { FAILED, type Figures, SLOW } from '../core/breaker-window.ts'
import { BreakerOpenError, HoldfastError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { forcedOpen, openForFleet, openHere } from './breaker-error.ts'
import type { FleetPermit, FleetProbes } from './breaker-probes.ts'
import type { Time } from './time.ts'

export interface BreakerOptions extends BreakerSettings {
  /** the service it protects from, so that it shows there */
  service?: string | undefined
  /** the one instance of it, for a breaker of its own */
  instance?: string | undefined
  /** what an error says of the target; default: everything fails it but errors that are the caller's own, and aborts */
  classify?: ((error: unknown) => Outcome) | undefined
  /** what an answer says of the target; default: every answer is a success */
  classifyResult?: ((value: unknown) => Outcome) | undefined
}

export interface ExecuteOptions {
  signal?: AbortSignal | undefined
}

/** One call that was let through. It must be settled, once. */
export interface Permit {
  /** aborted when a probe has lost its permit */
  readonly signal: AbortSignal
  /** is it a probe, whose outcome alone may close or open the breaker? */
  readonly probe: boolean
  settle(outcome: Outcome): void
}

export interface LocalBreakerView {
  name: string
  state: BreakerStateName
  /** the fleet's, as last heard */
  fleet: BreakerStateName
  /** this process's own */
  local: BreakerStateName
  override: BreakerRule['override']
  /** false: the fleet's state is as old as the connection's silence */
  connected: boolean
  figures: Figures
  config: BreakerConfig
  sources: ConfigSources
  appliedSeq: number
}

export interface BreakerParts {
  time: Time
  random: Random
  connected: () => boolean
  probes: FleetProbes
  /** it has something to report; `now`: at once */
  active: (breaker: Breaker, now: boolean) => void
}

/** What is done with the next call. */
const PASS = 0
const PASS_UNCOUNTED = 1
const DECIDE = 2
/** A signal for calls that nobody aborts. */
const NEVER = new AbortController().signal
/** The caller's own doing, or refused before anything was sent: says nothing about the target. */
const OWN_ERRORS: ReadonlySet<string> = new Set([
  'VALIDATION',
  'NOT_FOUND',
  'CONFLICT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BREAKER_OPEN',
  'BUDGET_EXHAUSTED',
  'LOCK',
])

export function classifyError(error: unknown): Outcome {
  if (error instanceof HoldfastError) return OWN_ERRORS.has(error.code) ? 'ignored' : 'failure'
  return error instanceof Error && error.name === 'AbortError' ? 'ignored' : 'failure'
}

/**
 * A circuit breaker that decides by itself, on what the control plane last said and on what this process sees. Its hot way
 * allocates nothing that stays and asks nobody; see bench/breaker.bench.ts.
 */
export class Breaker {
  readonly name: string
  readonly service: string | undefined
  readonly instance: string | undefined
  readonly defaults: BreakerSettings
  readonly machine: BreakerMachine
  /** calls that passed and that were refused, since the start */
  passed = 0
  refused = 0
  readonly #parts: BreakerParts
  readonly #now: () => number
  readonly #classify: (error: unknown) => Outcome
  readonly #classifyResult: ((value: unknown) => Outcome) | null
  #door = PASS
  /** slow calls are looked for */
  #timed = false
  #active = false
  /** when time was last let in; ten times a second while it is active */
  #lookedAt = 0
  #rule: BreakerRule | null = null
  #heardAt = 0
  #sources: ConfigSources
  #probeId = 0

  /** @internal use `holdfast.breaker` */
  constructor(name: string, options: BreakerOptions, parts: BreakerParts) {
    const { service, instance, classify, classifyResult, ...defaults } = options
    this.name = name
    this.service = service
    this.instance = instance
    this.defaults = defaults
    this.#parts = parts
    this.#now = parts.time.monotonic.bind(parts.time)
    this.#classify = classify ?? classifyError
    this.#classifyResult = classifyResult ?? null
    const { config, sources } = configInForce(defaults, {})
    this.#sources = sources
    this.machine = new BreakerMachine(local(config), this.#now(), parts.random)
    this.#timed = config.slowCallMs !== null
  }

  /**
   * Runs `call` unless the breaker is open; what it throws is thrown on. While half-open a call is a probe: it waits for a
   * permit of the fleet, and its signal aborts when the permit is lost.
   * @throws BreakerOpenError that says who or what opened it, and when it may close
   */
  async execute<T>(call: (signal: AbortSignal) => T | PromiseLike<T>, options?: ExecuteOptions): Promise<Awaited<T>> {
    if (this.#door !== PASS) return this.#guarded(call, options)
    const { machine } = this
    const { epoch } = machine
    const tick = machine.inFlight.begin()
    const began = this.#timed ? this.#now() : 0
    let value: Awaited<T>
    try {
      value = await call(options?.signal ?? NEVER)
    } catch (error) {
      this.#ended(epoch, tick, began, this.#outcomeOf(error, options?.signal))
      throw error
    }
    if (this.#classifyResult === null) this.#succeeded(epoch, tick, began)
    else this.#ended(epoch, tick, began, this.#classifyResult(value))
    return value
  }

  #outcomeOf(error: unknown, signal: AbortSignal | undefined): Outcome {
    return signal?.aborted === true ? 'ignored' : this.#classify(error)
  }

  #succeeded(epoch: number, tick: number, began: number): void {
    // Which second of the window a success falls into is known well enough by the last look; the clock costs 35 ns.
    const now = began !== 0 || !this.#active ? this.#now() : this.#lookedAt
    this.passed += 1
    const { slowCallMs } = this.machine.config
    const kind = slowCallMs !== null && began !== 0 && now - began >= slowCallMs ? SLOW : 0
    if (this.machine.ended(epoch, tick, kind, now)) this.#opened()
    if (!this.#active) this.#wake()
  }

  #ended(epoch: number, tick: number, began: number, outcome: Outcome): void {
    if (outcome === 'success') {
      this.#succeeded(epoch, tick, began)
      return
    }
    const now = this.#now()
    this.passed += 1
    const { slowCallMs } = this.machine.config
    const slow = slowCallMs !== null && began !== 0 && now - began >= slowCallMs ? SLOW : 0
    const kind = outcome === 'ignored' ? -1 : FAILED | slow
    if (this.machine.ended(epoch, tick, kind, now)) this.#opened()
    if (!this.#active) this.#wake()
  }

  /** This process has seen enough by itself. */
  #opened(): void {
    this.#decideDoor()
    this.#active = true
    this.#lookedAt = this.#now()
    this.#parts.active(this, true)
  }

  #wake(): void {
    this.#active = true
    this.#lookedAt = this.#now()
    this.#parts.active(this, false)
  }

  /** @internal nothing is left to report */
  rest(): void {
    this.#active = false
  }

  async #guarded<T>(call: (signal: AbortSignal) => T | PromiseLike<T>, options?: ExecuteOptions): Promise<Awaited<T>> {
    const permit = await this.enter(options)
    try {
      const value = await call(permit.signal)
      permit.settle(this.#classifyResult === null ? 'success' : this.#classifyResult(value))
      return value
    } catch (error) {
      // A probe that was aborted because it lost its permit has told nothing.
      permit.settle(permit.signal.aborted ? 'ignored' : this.#classify(error))
      throw error
    }
  }

  /**
   * Lets one call pass, whose outcome is told by `permit.settle`. Answers at once and asks nobody: while the fleet is
   * half-open, a permit is to be had by `enter` only.
   */
  acquire(options?: ExecuteOptions): Permit | BreakerOpenError {
    const found = this.#look(options?.signal)
    return found === 'ask' ? this.#refuse(openForFleet(this.#rule as BreakerRule, 100)) : found
  }

  /** Like `acquire`, but waits for the fleet's answer while it is half-open. @throws BreakerOpenError */
  async enter(options?: ExecuteOptions): Promise<Permit> {
    const found = this.#look(options?.signal)
    if (found instanceof BreakerOpenError) throw found
    if (found !== 'ask') return found
    const permit = await this.#parts.probes.acquire()
    if (permit) return this.#fleetProbe(permit, options?.signal)
    const again = this.#look(options?.signal)
    if (again !== 'ask' && !(again instanceof BreakerOpenError)) return again
    if (again instanceof BreakerOpenError) throw again
    const waitMs = Math.max(10, this.#parts.probes.refusedUntil - this.#now())
    throw this.#refuse(openForFleet(this.#rule as BreakerRule, waitMs))
  }

  #look(signal: AbortSignal | undefined): Permit | BreakerOpenError | 'ask' {
    const now = this.#now()
    this.#decideDoor()
    if (this.#door !== DECIDE) return this.#counted(signal)
    const rule = this.#rule
    const override = this.#override(now)
    if (override) return this.#refuse(forcedOpen(this.name, override, this.#overrideLeftMs(now)))
    if (rule && this.#fleetDecides()) {
      if (rule.state === 'half-open') return 'ask'
      return this.#refuse(openForFleet(rule, Math.max(10, (rule.openLeftMs ?? 0) - (now - this.#heardAt))))
    }
    const lease = this.machine.place(`${this.#probeId++}`, now)
    if (lease) return this.#localProbe(lease, signal)
    return this.#refuse(openHere(this.name, this.machine, now, rule !== null && !this.#parts.connected()))
  }

  #refuse(error: BreakerOpenError): BreakerOpenError {
    this.refused += 1
    if (!this.#active) this.#wake()
    return error
  }

  #counted(signal: AbortSignal = NEVER): Permit {
    if (this.#door === PASS_UNCOUNTED) return { signal, probe: false, settle: () => {} }
    const { epoch } = this.machine
    const tick = this.machine.inFlight.begin()
    const began = this.#timed ? this.#now() : 0
    let open = true
    return {
      signal,
      probe: false,
      settle: (outcome) => {
        if (open) this.#ended(epoch, tick, began, outcome)
        open = false
      },
    }
  }

  #fleetProbe(permit: FleetPermit, signal: AbortSignal | undefined): Permit {
    return this.#probe(permit.until, signal, (outcome) => this.#parts.probes.release(permit, outcome))
  }

  #localProbe(lease: Lease, signal: AbortSignal | undefined): Permit {
    const { generation } = this.machine.state
    return this.#probe(lease.until, signal, (outcome) => {
      this.machine.settle(lease.id, generation, outcome, this.#now())
      this.#decideDoor()
    })
  }

  #probe(until: number, outer: AbortSignal | undefined, settled: (outcome: Outcome) => void): Permit {
    const lost = new AbortController()
    const began = this.#now()
    const cancel = this.#parts.time.after(Math.max(0, until - began), () =>
      lost.abort(new Error(`the probe of "${this.name}" took longer than its permit`)),
    )
    let open = true
    return {
      signal: outer ? AbortSignal.any([outer, lost.signal]) : lost.signal,
      probe: true,
      settle: (outcome) => {
        if (!open) return
        open = false
        cancel()
        this.passed += 1
        const { slowCallMs, slowRateThreshold } = this.machine.config
        const slow = slowRateThreshold !== null && slowCallMs !== null && this.#now() - began >= slowCallMs
        settled(outcome === 'success' && slow ? 'failure' : outcome)
        if (!this.#active) this.#wake()
      },
    }
  }

  // ---- what the control plane says ----

  /** @internal takes over what the control plane says; null: it knows nothing about this breaker (any more) */
  apply(rule: BreakerRule | null): void {
    const now = this.#now()
    const before = this.#rule
    this.#rule = rule
    this.#heardAt = now
    const { config, sources } = configInForce(this.defaults, rule?.settings ?? {})
    this.#sources = sources
    this.machine.configure(local(config), now)
    this.#timed = config.slowCallMs !== null
    const generation = rule?.generation ?? 1
    if ((before?.generation ?? 1) !== generation) this.machine.set(stateOf(rule, generation, now), now)
    this.#decideDoor()
  }

  /** @internal the connection came or went */
  reconsider(): void {
    this.#decideDoor()
  }

  /** @internal the passing of time; called several times a second while it is in use */
  advance(): void {
    this.#lookedAt = this.#now()
    this.machine.advance(this.#lookedAt)
    this.#decideDoor()
  }

  #decideDoor(): void {
    const now = this.#now()
    const override = this.#override(now)
    const { machine } = this
    machine.frozen = override !== null || this.#rule?.panic === true
    if (override !== null) {
      this.#door = override.mode === 'forced-open' ? DECIDE : override.mode === 'disabled' ? PASS_UNCOUNTED : PASS
    } else if (this.#rule?.panic === true) this.#door = PASS
    else if (this.#fleetDecides()) this.#door = DECIDE
    else this.#door = machine.state.is === 'closed' ? PASS : DECIDE
  }

  /** While the control plane is there its word counts; while it is away this process goes on from its last one (B4). */
  #fleetDecides(): boolean {
    return this.#rule !== null && this.#rule.state !== 'closed' && this.#parts.connected()
  }

  #override(now: number): BreakerRule['override'] {
    const override = this.#rule?.override ?? null
    if (override === null || override.leftMs === null) return override
    return now - this.#heardAt < override.leftMs ? override : null
  }

  #overrideLeftMs(now: number): number | null {
    const left = this.#rule?.override?.leftMs ?? null
    return left === null ? null : Math.max(0, left - (now - this.#heardAt))
  }

  // ---- reads ----

  /** What would be done with a call now: the operator's word, then the fleet's state, then this process's own. */
  get state(): BreakerStateName {
    const now = this.#now()
    this.machine.advance(now)
    this.#decideDoor()
    const override = this.#override(now)
    if (override) return effectiveState('closed', override.mode)
    if (this.#door !== DECIDE) return 'closed'
    return this.#fleetDecides() ? (this.#rule as BreakerRule).state : this.machine.state.is
  }

  /** Milliseconds until a call may pass; 0: now. */
  get mayPassInMs(): number {
    const now = this.#now()
    if (this.state === 'closed') return 0
    if (this.#override(now)) return this.#overrideLeftMs(now) ?? Number.POSITIVE_INFINITY
    if (!this.#fleetDecides()) return mayPassInMs(this.machine.state, this.machine.config, now) ?? 0
    return Math.max(0, (this.#rule?.openLeftMs ?? 0) - (now - this.#heardAt))
  }

  /** @internal of the fleet, as this process knows it */
  get generation(): number {
    return this.#rule?.generation ?? 1
  }

  view(): LocalBreakerView {
    const { calls, failures, slow } = this.machine.window
    return {
      name: this.name,
      state: this.state,
      fleet: this.#rule?.state ?? 'closed',
      local: this.machine.state.is,
      override: this.#override(this.#now()),
      connected: this.#parts.connected(),
      figures: { calls, failures, slow },
      config: configInForce(this.defaults, this.#rule?.settings ?? {}).config,
      sources: this.#sources,
      appliedSeq: this.#rule?.seq ?? 0,
    }
  }
}

/** By itself a process sends one probe at a time, and needs no more of them than that. */
function local(config: BreakerConfig): BreakerConfig {
  return { ...config, halfOpenPermits: 1 }
}

/** Where this process goes on from when it is left alone. */
function stateOf(rule: BreakerRule | null, generation: number, now: number): BreakerState {
  if (!rule || rule.state === 'closed') return { is: 'closed', generation }
  if (rule.state === 'open') {
    return { is: 'open', generation, openedAt: now, openMs: rule.openLeftMs ?? 0, trips: 1 }
  }
  return { is: 'half-open', generation, since: now, trips: 1, successes: 0, permits: new Map() }
}
