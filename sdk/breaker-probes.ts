/** Permits for probes of the whole fleet, asked for once for all calls that wait, and given back with what became of them. */
import type { Outcome } from '../core/breaker.ts'
import type { Connection } from './connection.ts'
import type { Time } from './time.ts'

export interface FleetPermit {
  id: string
  generation: number
  /** on this process's clock, measured from before it was asked for: it never outlives the one on the server */
  until: number
}

/** Callers waiting for one answer at most; the rest is refused at once. */
const WANT_MAX = 1_000
const TIMEOUT_MS = 2_000

export class FleetProbes {
  readonly #connection: Connection
  readonly #time: Time
  readonly #name: string
  readonly #caller: () => string
  #waiting: ((permit: FleetPermit | null) => void)[] = []
  #asking = false
  /** not asked again before */
  refusedUntil = 0

  constructor(connection: Connection, time: Time, name: string, caller: () => string) {
    this.#connection = connection
    this.#time = time
    this.#name = name
    this.#caller = caller
  }

  /** null: none is to be had now. */
  acquire(): Promise<FleetPermit | null> {
    if (this.#time.monotonic() < this.refusedUntil || this.#waiting.length >= WANT_MAX) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#asking) return
      this.#asking = true
      // All that come in the same turn ask together.
      queueMicrotask(() => void this.#ask())
    })
  }

  async #ask(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    const asked = this.#time.monotonic()
    const data = { name: this.#name, caller: this.#caller(), want: waiting.length }
    try {
      const answer = await this.#connection.call('breakers.acquireProbe', { data }, TIMEOUT_MS)
      for (const { id, leaseMs } of answer.permits) {
        waiting.shift()?.({ id, generation: answer.generation, until: asked + leaseMs })
      }
      this.refusedUntil = waiting.length > 0 ? this.#time.monotonic() + Math.min(answer.retryAfterMs ?? 100, 250) : 0
    } catch {
      this.refusedUntil = this.#time.monotonic() + 100
    }
    for (const refuse of waiting) refuse(null)
    this.#asking = false
    const more = this.#waiting
    if (more.length === 0) return
    if (this.refusedUntil > 0) {
      this.#waiting = []
      for (const refuse of more) refuse(null)
    } else {
      this.#asking = true
      void this.#ask()
    }
  }

  /** Tells what became of a probe; one that cannot be told runs out by itself. */
  release(permit: FleetPermit, outcome: Outcome): void {
    const { id, generation } = permit
    const data = { name: this.#name, caller: this.#caller(), permit: id, generation, outcome }
    void this.#connection.call('breakers.releaseProbe', { data }, TIMEOUT_MS).catch(() => undefined)
  }
}
