import { type BackoffConfig, fullJitter } from '../core/backoff.ts'
import { type HoldfastError, NetworkError, ServiceUnavailableError, TimeoutError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { Random } from '../core/random.ts'
import type { WatchMessage } from './api.ts'
import type { Connection } from './connection.ts'
import { Copy, RESTORED_GRACE_MS } from './copy.ts'
import type { Events } from './events.ts'
import type { Time } from './time.ts'

/** What `registry.watch` takes in one subscription. */
const NAMES_MAX = 200
/** Past so many subscriptions one to everything is cheaper for both sides; the server allows 100 on a connection. */
const TAILS_MAX = 32
const REOPEN: BackoffConfig = { initialDelayMs: 200, maxDelayMs: 10_000, multiplier: 2 }

interface Tail {
  copy: Copy
  stop: (() => void) | null
  attempts: number
  cancelRetry: (() => void) | null
  waiting: { resolve: () => void; reject: (error: HoldfastError) => void; cancel: () => void }[]
}

/**
 * Keeps local copies of the services of interest: one subscription for all that were asked for in the same turn,
 * resumed from its own cursor whenever the connection comes back.
 */
export class Sync {
  readonly #connection: Connection
  readonly #time: Time
  readonly #random: Random
  readonly #events: Events
  readonly #tails = new Set<Tail>()
  readonly #byName = new Map<string, Tail>()
  readonly #changed = new Set<(services: ReadonlySet<string> | null) => void>()
  #all: Tail | null = null
  #cancelLook: (() => void) | null = null
  #asked: { names: string[]; tail: Tail } | null = null

  constructor(connection: Connection, time: Time, random: Random, events: Events) {
    this.#connection = connection
    this.#time = time
    this.#random = random
    this.#events = events
  }

  /** The copy that holds `service`, once it has been followed and seen; else undefined. */
  copyOf(service: string): Copy | undefined {
    const all = this.#all
    if (all?.copy.ready) return all.copy
    const tail = this.#byName.get(service)
    return tail?.copy.ready ? tail.copy : undefined
  }

  /** Follows `service` from now on; resolves with its copy as soon as there is something to serve. */
  async follow(service: string, timeoutMs: number): Promise<Copy> {
    const tail = this.want(service)
    if (tail.copy.ready) return tail.copy
    if (!this.#connection.isOpen) {
      throw new ServiceUnavailableError(
        `"${service}" was never seen by this process and the control plane cannot be reached, so there is no copy to serve`,
        { retryable: true },
      )
    }
    await this.#untilReady(tail, service, timeoutMs)
    return tail.copy
  }

  /** Follows `service` without waiting. */
  want(service: string): Tail {
    const known = this.#all ?? this.#byName.get(service)
    if (known) return known
    if (!this.#asked && this.#tails.size >= TAILS_MAX) return this.wantAll()
    if (!this.#asked || this.#asked.names.length >= NAMES_MAX) {
      const names: string[] = []
      this.#asked = { names, tail: this.#newTail(names) }
      const asked = this.#asked
      queueMicrotask(() => {
        if (this.#asked === asked) this.#asked = null
        this.#open(asked.tail)
      })
    }
    this.#asked.names.push(service)
    this.#byName.set(service, this.#asked.tail)
    return this.#asked.tail
  }

  /** Follows the whole registry; subscriptions to single services end once it has been seen. */
  wantAll(): Tail {
    if (this.#all) return this.#all
    this.#all = this.#newTail('all')
    this.#open(this.#all)
    return this.#all
  }

  /** Calls back with the services a message touched, null for possibly all. */
  onChange(listener: (services: ReadonlySet<string> | null) => void): () => void {
    this.#changed.add(listener)
    return () => {
      this.#changed.delete(listener)
    }
  }

  of(service: string): readonly Instance[] {
    return this.copyOf(service)?.of(service) ?? []
  }

  noteHead(seq: number): void {
    for (const { copy } of this.#tails) copy.noteHead(seq)
  }

  connectionOpened(): void {
    for (const tail of this.#tails) this.#open(tail)
  }

  connectionClosed(): void {
    for (const tail of this.#tails) {
      tail.stop = null
      tail.cancelRetry?.()
      tail.cancelRetry = null
      tail.copy.pause()
      this.#settle(tail, new NetworkError('The connection to the control plane broke before a first copy had come'))
    }
  }

  close(): void {
    for (const tail of this.#tails) {
      tail.cancelRetry?.()
      tail.stop?.()
      tail.copy.pause()
      this.#settle(tail, new NetworkError('This connection was closed'))
    }
    this.#cancelLook?.()
    this.#changed.clear()
  }

  #newTail(services: readonly string[] | 'all'): Tail {
    const copy = new Copy(services, this.#time, () => this.#connection.silenceMs)
    const tail: Tail = { copy, stop: null, attempts: 0, cancelRetry: null, waiting: [] }
    this.#tails.add(tail)
    return tail
  }

  #open(tail: Tail): void {
    if (tail.stop || !this.#connection.isOpen) return
    tail.cancelRetry?.()
    tail.cancelRetry = null
    const input = { data: { services: tail.copy.services } }
    tail.stop = this.#connection.subscribe('registry.watch', input, tail.copy.cursor, {
      started: () => tail.copy.resume(),
      data: (data) => this.#apply(tail, data as WatchMessage),
      ended: (error) => {
        tail.stop = null
        tail.copy.pause()
        if (error) {
          this.#events.emit('problem', { during: 'following the registry', error })
          this.#settle(tail, error)
        }
        const delay = fullJitter(REOPEN, tail.attempts++, this.#random)
        tail.cancelRetry = this.#time.after(delay, () => this.#open(tail))
      },
    })
  }

  #apply(tail: Tail, message: WatchMessage): void {
    const { copy } = tail
    const first = !copy.ready
    const touched = copy.apply(message)
    tail.attempts = 0
    if (message.type === 'snapshot' && !first) {
      this.#events.emit('resync', { services: copy.services, seq: message.seq })
      // Lists that were kept for a while end without a message of their own.
      this.#cancelLook?.()
      this.#cancelLook = this.#time.after(RESTORED_GRACE_MS + 1, () => this.#tell(null))
    }
    this.#settle(tail, null)
    if (first && tail === this.#all) this.#dropOthers(tail)
    if (touched === null || touched.size > 0) this.#tell(touched)
  }

  #tell(touched: ReadonlySet<string> | null): void {
    for (const listener of [...this.#changed]) listener(touched)
  }

  #dropOthers(all: Tail): void {
    for (const tail of this.#tails) {
      if (tail === all) continue
      tail.cancelRetry?.()
      tail.stop?.()
      this.#settle(tail, null)
      this.#tails.delete(tail)
    }
    this.#byName.clear()
  }

  #untilReady(tail: Tail, service: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#time.after(timeoutMs, () => {
        tail.waiting = tail.waiting.filter((w) => w.resolve !== resolve)
        reject(new TimeoutError(`No first copy of "${service}" has come within ${timeoutMs} ms`))
      })
      tail.waiting.push({ resolve, reject, cancel })
    })
  }

  #settle(tail: Tail, error: HoldfastError | null): void {
    const { waiting } = tail
    tail.waiting = []
    for (const { resolve, reject, cancel } of waiting) {
      cancel()
      if (error) reject(error)
      else resolve()
    }
  }
}
