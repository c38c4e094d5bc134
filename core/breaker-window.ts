/**
 * The last calls, by time or by number. Fixed memory, no allocation while counting. A time window is cut into slices: a
 * call leaves it up to one slice late, never early.
 */
import type { BreakerConfig } from './breaker-config.ts'

export interface Figures {
  calls: number
  failures: number
  slow: number
}

export const NO_FIGURES: Readonly<Figures> = Object.freeze({ calls: 0, failures: 0, slow: 0 })

export const FAILED = 1
export const SLOW = 2

export interface Window extends Figures {
  /** `kind`: FAILED | SLOW, or 0. */
  add(kind: number, now: number): void
  /** Lets go what is too old. */
  advance(now: number): void
  clear(now: number): void
}

/** Slices of a time window. */
export const SLICES = 10

export class TimeWindow implements Window {
  readonly sliceMs: number
  calls = 0
  failures = 0
  slow = 0
  readonly #calls = new Int32Array(SLICES)
  readonly #failures = new Int32Array(SLICES)
  readonly #slow = new Int32Array(SLICES)
  #slot = 0
  /** when the current slice is over */
  #until: number

  constructor(windowMs: number, now: number) {
    this.sliceMs = windowMs / SLICES
    this.#until = now + this.sliceMs
  }

  add(kind: number, now: number): void {
    if (now >= this.#until) this.advance(now)
    const slot = this.#slot
    this.calls += 1
    this.#calls[slot] = (this.#calls[slot] as number) + 1
    if (kind === 0) return
    if ((kind & FAILED) !== 0) {
      this.failures += 1
      this.#failures[slot] = (this.#failures[slot] as number) + 1
    }
    if ((kind & SLOW) !== 0) {
      this.slow += 1
      this.#slow[slot] = (this.#slow[slot] as number) + 1
    }
  }

  advance(now: number): void {
    if (now < this.#until) return
    const slices = Math.floor((now - this.#until) / this.sliceMs) + 1
    this.#until += slices * this.sliceMs
    if (slices >= SLICES) {
      this.#empty()
      return
    }
    for (let i = 0; i < slices; i++) {
      const slot = (this.#slot + 1) % SLICES
      this.#slot = slot
      this.calls -= this.#calls[slot] as number
      this.failures -= this.#failures[slot] as number
      this.slow -= this.#slow[slot] as number
      this.#calls[slot] = 0
      this.#failures[slot] = 0
      this.#slow[slot] = 0
    }
  }

  clear(now: number): void {
    this.#until = now + this.sliceMs
    this.#empty()
  }

  #empty(): void {
    this.#calls.fill(0)
    this.#failures.fill(0)
    this.#slow.fill(0)
    this.calls = 0
    this.failures = 0
    this.slow = 0
  }
}

export class CountWindow implements Window {
  calls = 0
  failures = 0
  slow = 0
  readonly #kinds: Uint8Array
  #next = 0

  constructor(size: number) {
    this.#kinds = new Uint8Array(size)
  }

  add(kind: number): void {
    if (this.calls === this.#kinds.length) {
      const gone = this.#kinds[this.#next] as number
      if ((gone & FAILED) !== 0) this.failures -= 1
      if ((gone & SLOW) !== 0) this.slow -= 1
    } else this.calls += 1
    this.#kinds[this.#next] = kind
    this.#next = (this.#next + 1) % this.#kinds.length
    if ((kind & FAILED) !== 0) this.failures += 1
    if ((kind & SLOW) !== 0) this.slow += 1
  }

  advance(): void {}

  clear(): void {
    this.calls = 0
    this.failures = 0
    this.slow = 0
    this.#next = 0
  }
}

export function windowFor(
  config: Pick<BreakerConfig, 'windowType' | 'windowMs' | 'windowCalls'>,
  now: number,
): Window & { sliceMs?: number } {
  return config.windowType === 'time' ? new TimeWindow(config.windowMs, now) : new CountWindow(config.windowCalls)
}
