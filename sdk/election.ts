import { HoldfastError } from '../core/errors.ts'
import type { LockHolder, LockMessage } from './api.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import type { Lease } from './lease.ts'
import { ELECTION, type Locks } from './lock.ts'
import type { LockOptions } from './lock-options.ts'
import type { Time } from './time.ts'

export interface ElectOptions extends Omit<LockOptions, 'waitMs' | 'signal' | 'onDeadlock'> {
  /** Runs when this process leads, until it resolves or `lease.signal` is aborted; then it stands again. */
  lead?: ((lease: Lease) => Promise<void> | void) | undefined
}

interface ElectionParts {
  connection: Connection
  time: Time
  events: Events
  locks: Locks
  /** it stands no more */
  ended(): void
}

const CAMPAIGN_MS = 300_000
const AGAIN_MS = 500

/** A candidacy for one office: stands for it, leads, stands again after a loss; sees who leads. */
export class Election implements AsyncDisposable {
  readonly name: string
  readonly #parts: ElectionParts
  readonly #options: ElectOptions
  readonly #observers = new Set<(leader: LockHolder | null) => void>()
  readonly #ending = new AbortController()
  #lease: Lease | null = null
  #leader: LockHolder | null = null
  #stopWatch: (() => void) | null = null
  #resigned: (() => void) | null = null
  readonly #campaign: Promise<void>

  /** @internal use `holdfast.elect` */
  constructor(name: string, options: ElectOptions, parts: ElectionParts) {
    this.name = name
    this.#options = options
    this.#parts = parts
    this.watchLeader()
    this.#campaign = this.#stand()
  }

  get isLeader(): boolean {
    return this.#lease?.held === true
  }

  /** Who leads, as last heard; null: nobody, or not heard yet. */
  get leader(): LockHolder | null {
    return this.#leader
  }

  /** Calls back with the leader now and at every change; the returned function ends it. */
  observe(callback: (leader: LockHolder | null) => void): () => void {
    this.#observers.add(callback)
    this.#parts.events.guard('observing an election', () => callback(this.#leader))
    return () => {
      this.#observers.delete(callback)
    }
  }

  /** Gives the office up, if it is held, and stands again behind those who wait. */
  async resign(): Promise<void> {
    const lease = this.#lease
    this.#lease = null
    this.#resigned?.()
    await lease?.release()
  }

  /** Gives the office up and stands no more. */
  async close(): Promise<void> {
    this.#ending.abort(new Error('the candidacy was withdrawn'))
    this.#stopWatch?.()
    await this.resign()
    await this.#campaign
    this.#parts.ended()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #stand(): Promise<void> {
    const { locks, events, time } = this.#parts
    const { lead, ...options } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      let lease: Lease | null = null
      try {
        lease = await locks.acquire(this.name, { ...options, waitMs: CAMPAIGN_MS, signal }, ELECTION)
        if (signal.aborted) break
        this.#lease = lease
        const lost = this.#untilOver(lease)
        if (lead) await Promise.race([lead(lease), lost])
        await lost
      } catch (error) {
        if (signal.aborted) break
        const timedOut = error instanceof HoldfastError && error.details?.cause === 'timeout'
        if (!timedOut && !lease?.signal.aborted) {
          events.emit('problem', { during: `standing for "${this.name}"`, error: error as Error })
          await new Promise<void>((resolve) => time.after(AGAIN_MS, resolve))
        }
      } finally {
        this.#lease = null
        await lease?.release()
      }
    }
  }

  #untilOver(lease: Lease): Promise<void> {
    return new Promise((resolve) => {
      this.#resigned = resolve
      if (lease.signal.aborted || this.#ending.signal.aborted) resolve()
      lease.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** @internal called again when the connection is back */
  watchLeader(): void {
    const { connection, time } = this.#parts
    if (this.#ending.signal.aborted || !connection.isOpen) return
    this.#stopWatch?.()
    this.#stopWatch = connection.subscribe('locks.watch', { data: { resources: [this.name] } }, undefined, {
      data: (data) => {
        const message = data as LockMessage
        if (message.type === 'state') this.#noteLeader(message.holders[0] ?? null)
      },
      ended: () => {
        this.#stopWatch = null
        time.after(AGAIN_MS, () => this.watchLeader())
      },
    })
  }

  #noteLeader(leader: LockHolder | null): void {
    const same = this.#leader?.fencingToken === leader?.fencingToken
    this.#leader = leader
    if (same) return
    for (const callback of [...this.#observers]) {
      this.#parts.events.guard('observing an election', () => callback(leader))
    }
  }
}
