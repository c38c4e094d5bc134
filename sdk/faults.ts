/** Faults made on purpose on the calls of this service: told by the control plane, over by themselves. */
import { type BackoffConfig, fullJitter } from '../core/backoff.ts'
import type { HoldfastError } from '../core/errors.ts'
import { type Fault, isOnEdge, strikes } from '../core/gateway/fault.ts'
import type { Random } from '../core/random.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import type { Time } from './time.ts'

const REOPEN: BackoffConfig = { initialDelayMs: 500, maxDelayMs: 30_000, multiplier: 2 }

interface Lasting {
  fault: Fault
  /** on the monotonic clock: a jump of the wall clock makes no fault longer, and no answer is needed to end it */
  endsAt: number
}

/** What is done to one attempt. */
export interface Strike {
  delayMs: number
  /** answers in the place of whom is called; null: nobody */
  abort: Fault | null
}

interface FaultsMessage {
  /** the control plane's clock */
  now: number
  faults: Fault[]
}

/** Follows the faults from the first call on; without a service of its own there is no edge that they could be on. */
export class CallFaults {
  readonly #connection: Connection
  readonly #time: Time
  readonly #random: Random
  readonly #events: Events
  readonly #service: string | null
  #lasting: Lasting[] = []
  #wanted = false
  #stop: (() => void) | null = null
  #attempts = 0
  #cancelRetry: (() => void) | null = null

  constructor(parts: { connection: Connection; time: Time; random: Random; events: Events }, service: string | null) {
    this.#connection = parts.connection
    this.#time = parts.time
    this.#random = parts.random
    this.#events = parts.events
    this.#service = service
  }

  /** What the faults on calls to `callee` do to this attempt; null, and nothing allocated, while there are none. */
  strike(callee: string): Strike | null {
    if (!this.#wanted) this.#want()
    if (this.#lasting.length === 0) return null
    const now = this.#time.monotonic()
    let delayMs = 0
    let abort: Fault | null = null
    let over = false
    for (const { fault, endsAt } of this.#lasting) {
      if (endsAt <= now) {
        over = true
        continue
      }
      if (!isOnEdge(fault, this.#service ?? '', callee) || !strikes(fault, this.#random)) continue
      delayMs += fault.delayMs
      if (fault.abortStatus !== null) abort ??= fault
    }
    if (over) this.#lasting = this.#lasting.filter(({ endsAt }) => endsAt > now)
    return delayMs > 0 || abort ? { delayMs, abort } : null
  }

  connectionOpened(): void {
    this.#attempts = 0
    this.#open()
  }

  /** Those that are known go on until their time is over. */
  connectionClosed(): void {
    this.#stop = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  close(): void {
    this.#cancelRetry?.()
    this.#stop?.()
    this.#stop = null
    this.#lasting = []
  }

  #want(): void {
    this.#wanted = true
    this.#open()
  }

  #open(): void {
    if (!this.#wanted || this.#service === null || this.#stop || !this.#connection.isOpen) return
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#stop = this.#connection.subscribe('gateway.faults.watch', { data: { service: this.#service } }, undefined, {
      data: (data) => this.#apply(data as FaultsMessage),
      ended: (error) => this.#ended(error),
    })
  }

  #apply({ now, faults }: FaultsMessage): void {
    this.#attempts = 0
    const here = this.#time.monotonic()
    this.#lasting = faults.map((fault) => ({ fault, endsAt: here + (fault.expiresAt - now) }))
  }

  #ended(error: HoldfastError | null): void {
    this.#stop = null
    if (error) this.#events.emit('problem', { during: 'following faults', error })
    // A token without the scope, or a control plane that knows no faults, will not change while this connection lasts.
    if (error?.code === 'FORBIDDEN' || error?.code === 'NOT_FOUND') return
    const delay = fullJitter(REOPEN, this.#attempts++, this.#random)
    this.#cancelRetry = this.#time.after(delay, () => this.#open())
  }
}
