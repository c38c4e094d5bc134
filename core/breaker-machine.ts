/**
 * A circuit breaker of one process: window, calls in flight and automatic state together. Time and chance come in from
 * outside. Counting a call allocates nothing.
 */
import {
  type BreakerState,
  CLOSED,
  closed,
  judgeFigures,
  type Lease,
  type Outcome,
  opened,
  placeProbe,
  settleProbe,
  timePassed,
  type Verdict,
} from './breaker.ts'
import type { BreakerConfig } from './breaker-config.ts'
import { FAILED, SLOW, type Window, windowFor } from './breaker-window.ts'
import { InFlight } from './in-flight.ts'
import type { Random } from './random.ts'

export class BreakerMachine {
  config: BreakerConfig
  state: BreakerState = CLOSED
  window: Window
  /** failures since the last success */
  consecutive = 0
  /** grows whenever what was seen before stops to count: a call that began earlier decides nothing */
  epoch = 1
  /** counts, but does not open: an operator's word stands over it */
  frozen = false
  inFlight: InFlight
  /** why it opened last; null: it did not, or was put so from outside */
  verdict: Verdict | null = null
  readonly #random: Random

  constructor(config: BreakerConfig, now: number, random: Random) {
    this.config = config
    this.#random = random
    this.window = windowFor(config, now)
    this.inFlight = new InFlight(config.hungCallMs, now)
  }

  /** New settings; the window begins anew only when it has another form, the state stays. */
  configure(config: BreakerConfig, now: number): void {
    const before = this.config
    this.config = config
    const { windowType, windowMs, windowCalls, hungCallMs } = config
    if (before.windowType !== windowType || before.windowMs !== windowMs || before.windowCalls !== windowCalls) {
      this.window = windowFor(config, now)
    }
    if (before.hungCallMs !== hungCallMs) {
      this.inFlight = new InFlight(hungCallMs, now)
      this.epoch += 1
    }
  }

  /** Puts it into a state and forgets what was seen. */
  set(state: BreakerState, now: number): void {
    this.state = state
    this.#begin(now)
  }

  #begin(now: number): void {
    this.epoch += 1
    this.consecutive = 0
    this.window.clear(now)
    this.inFlight.clear()
  }

  /** A call begins; what it is given goes to `ended` with the `epoch` of now. */
  began(): number {
    return this.inFlight.begin()
  }

  /**
   * A call that was let through while closed has ended. `kind`: FAILED | SLOW, 0 for a success, −1 for one that says
   * nothing. True when it opened.
   */
  ended(epoch: number, tick: number, kind: number, now: number): boolean {
    if (epoch !== this.epoch || !this.inFlight.end(tick) || kind < 0) return false
    this.window.add(kind, now)
    if ((kind & FAILED) !== 0) this.consecutive += 1
    else {
      this.consecutive = 0
      // Nothing bad in the window: nothing to judge. This is the way of nearly every call.
      if (kind === 0 && this.window.failures === 0 && this.window.slow === 0) return false
    }
    return this.#judge(now)
  }

  #judge(now: number): boolean {
    if (this.frozen || this.state.is !== 'closed') return false
    this.window.advance(now)
    const verdict = judgeFigures(this.config, this.window, this.consecutive)
    if (verdict === null) return false
    this.verdict = verdict
    this.state = opened(this.state, this.config, now, this.#random)
    // The figures that opened it stay to be seen; calls that are under way decide nothing any more.
    this.epoch += 1
    this.consecutive = 0
    this.inFlight.clear()
    return true
  }

  /** What time alone changes: old calls leave the window, hung ones count as failed, open becomes half-open. */
  advance(now: number): void {
    this.window.advance(now)
    const hung = this.inFlight.advance(now)
    for (let i = 0; i < hung; i++) {
      if (this.state.is !== 'closed') break
      this.window.add(this.config.slowCallMs === null ? FAILED : FAILED | SLOW, now)
      this.consecutive += 1
      this.#judge(now)
    }
    if (this.state.is === 'closed') return
    const next = timePassed(this.state, this.config, now, this.#random)
    if (next.generation !== this.state.generation) this.set(next, now)
    else this.state = next
  }

  /** A permit for a probe while half-open; null: none is to be had now. */
  place(id: string, now: number): Lease | null {
    this.advance(now)
    if (this.state.is !== 'half-open') return null
    const placed = placeProbe(this.state, this.config, now, { id, holder: 'this process' })
    if (!placed) return null
    this.state = placed.state
    return placed.lease
  }

  /** Returns a permit. False: it was too late, and decided nothing. */
  settle(id: string, generation: number, outcome: Outcome, now: number): boolean {
    const next = settleProbe(this.state, this.config, now, this.#random, { id, generation, outcome })
    if (!next) return false
    if (next.generation === this.state.generation) this.state = next
    else this.set(next, now)
    return true
  }

  /** Closes it and forgets what was seen. */
  reset(now: number): void {
    this.set(closed(this.state), now)
  }
}
