import { NetworkError } from '../core/errors.ts'
import type { LockMessage } from './api.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import { type Held, lostError, marginMs } from './lease.ts'
import type { Time } from './time.ts'

/** What `locks.renew` takes at once. */
const RENEWALS_MAX = 100
const TICK_MIN_MS = 100
const REOPEN_MS = 1_000

/** Keeps leases alive in the background, and notices as soon as one is lost. */
export class Keeper {
  readonly #connection: Connection
  readonly #time: Time
  readonly #events: Events
  readonly #client: string
  readonly #requestTimeoutMs: number
  readonly #held = new Map<string, Held>()
  #cancelTick: (() => void) | null = null
  #stopWatch: (() => void) | null = null
  #cancelReopen: (() => void) | null = null

  constructor(parts: {
    connection: Connection
    time: Time
    events: Events
    client: string
    requestTimeoutMs: number
  }) {
    this.#connection = parts.connection
    this.#time = parts.time
    this.#events = parts.events
    this.#client = parts.client
    this.#requestTimeoutMs = parts.requestTimeoutMs
  }

  get all(): Held[] {
    return [...this.#held.values()]
  }

  get(lockId: string): Held | undefined {
    return this.#held.get(lockId)
  }

  keep(held: Held): void {
    this.#held.set(held.lockId, held)
    this.#arm(held)
    this.#watch()
    this.#tickIn(this.#periodMs())
  }

  /** It is not held any more, by this process's own wish. */
  drop(held: Held): void {
    held.cancelAlarm?.()
    this.#held.delete(held.lockId)
    if (this.#held.size === 0) this.#rest()
  }

  connectionOpened(): void {
    if (this.#held.size === 0) return
    this.#watch()
    this.#tickIn(0)
  }

  connectionClosed(): void {
    this.#stopWatch = null
  }

  close(): void {
    for (const held of this.#held.values()) held.cancelAlarm?.()
    this.#held.clear()
    this.#rest()
  }

  lose(held: Held, message: string, cause: string): void {
    if (held.lost) return
    held.lost = lostError(held.resource, message, cause)
    this.drop(held)
    this.#events.emit('lockLost', { resource: held.resource, fencingToken: held.fencingToken, message })
    held.abort.abort(held.lost)
  }

  #rest(): void {
    this.#cancelTick?.()
    this.#cancelTick = null
    this.#cancelReopen?.()
    this.#cancelReopen = null
    this.#stopWatch?.()
    this.#stopWatch = null
  }

  /** The lease is over for this process a little before the control plane may give it away, whether it answers or not. */
  #arm(held: Held): void {
    held.cancelAlarm?.()
    const endsAt = held.deadline - marginMs(held.ttlMs)
    held.cancelAlarm = this.#time.after(Math.max(0, endsAt - this.#time.monotonic()), () => {
      held.cancelAlarm = null
      if (held.lost || this.#held.get(held.lockId) !== held) return
      if (this.#time.monotonic() < held.deadline - marginMs(held.ttlMs)) this.#arm(held)
      else this.lose(held, `it could not be renewed within its ${held.ttlMs} ms`, 'expired')
    })
  }

  #periodMs(): number {
    let shortest = Number.POSITIVE_INFINITY
    for (const { ttlMs } of this.#held.values()) shortest = Math.min(shortest, ttlMs)
    return Math.max(TICK_MIN_MS, Math.min(shortest / 3, 60_000) / 2)
  }

  #tickIn(ms: number): void {
    if (this.#cancelTick && ms > 0) return
    this.#cancelTick?.()
    this.#cancelTick = this.#time.after(ms, () => {
      this.#cancelTick = null
      if (this.#held.size === 0) return
      this.#renewDue()
      this.#tickIn(this.#periodMs())
    })
  }

  #renewDue(): void {
    if (!this.#connection.isOpen) return
    const now = this.#time.monotonic()
    const due = this.all.filter((held) => now - held.renewedAt >= held.ttlMs / 3 - 1)
    for (let i = 0; i < due.length; i += RENEWALS_MAX) void this.#renew(due.slice(i, i + RENEWALS_MAX))
  }

  async #renew(leases: Held[]): Promise<void> {
    const sentAt = this.#time.monotonic()
    const data = {
      leases: leases.map(({ resource, lockId, fencingToken }) => ({ resource, lockId, fencingToken })),
    }
    try {
      const answer = await this.#connection.call('locks.renew', { data }, this.#requestTimeoutMs)
      for (const { lockId, ok, leftMs, message } of answer.leases) {
        const held = leases.find((lease) => lease.lockId === lockId)
        if (!held || this.#held.get(lockId) !== held) continue
        if (!ok) this.lose(held, message ?? 'the control plane does not know it', 'gone')
        else {
          held.renewedAt = sentAt
          // Near the longest time that it may be held, less than a whole TTL is left.
          held.deadline = sentAt + Math.min(held.ttlMs, leftMs)
        }
      }
    } catch (error) {
      // The next look tries again; the alarm ends it in time when none succeeds.
      if (!(error instanceof NetworkError)) {
        this.#events.emit('problem', { during: 'renewing locks', error: error as Error })
      }
    }
  }

  /** Told at once of what was taken away; without this, the next renewal would tell. */
  #watch(): void {
    if (this.#stopWatch || !this.#connection.isOpen) return
    this.#stopWatch = this.#connection.subscribe('locks.watch', { data: { client: this.#client } }, undefined, {
      data: (data) => {
        const message = data as LockMessage
        if (message.type !== 'lost') return
        const held = this.#held.get(message.lockId)
        if (held) this.lose(held, message.message, message.cause)
      },
      ended: () => {
        this.#stopWatch = null
        if (this.#held.size > 0) this.#cancelReopen = this.#time.after(REOPEN_MS, () => this.#watch())
      },
    })
  }
}
