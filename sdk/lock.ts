import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { HoldfastError, LockError, NetworkError, TimeoutError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { LockGrant, LockWish } from './api.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import { Keeper } from './held.ts'
import { type Held, type Lease, marginMs } from './lease.ts'
import { assertOptions, type LockOptions, type SemaphoreOptions, TTL_MS } from './lock-options.ts'
import type { Time } from './time.ts'

/** Asked again after a connection broke, while it still wants to wait. */
const AGAIN_MS = 100
const ORPHANS_MAX = 1_000

export interface LocksParts {
  connection: Connection
  time: Time
  events: Events
  instance(): Instance | null
  /** the name of this process's service */
  service: string | null
  requestTimeoutMs: number
}

type Shape = Pick<LockWish, 'kind' | 'mode' | 'permits' | 'of'>

const EXCLUSIVE: Shape = { kind: 'lock', mode: 'exclusive', permits: 1, of: 1 }
const SHARED: Shape = { kind: 'lock', mode: 'shared', permits: 1, of: 1 }
export const ELECTION: Shape = { kind: 'election', mode: 'exclusive', permits: 1, of: 1 }

/** Locks of this process: acquiring, keeping, giving back. */
export class Locks {
  readonly client: string
  readonly #parts: LocksParts
  readonly #keeper: Keeper
  /** the session of the code that runs: what it holds, it may enter again */
  readonly #session = new AsyncLocalStorage<string>()
  #sessions = 0
  readonly #waiting = new Set<() => void>()
  /** acquisitions whose answer was lost: given back as soon as that is possible */
  readonly #orphans = new Map<string, string>()
  #closed = false

  constructor(parts: LocksParts) {
    this.#parts = parts
    this.client = `${parts.service ?? 'client'}#${randomUUID().slice(0, 8)}`
    const { connection, time, events, requestTimeoutMs } = parts
    this.#keeper = new Keeper({ connection, time, events, requestTimeoutMs, client: this.client })
  }

  lock<T>(resource: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#during(resource, options, EXCLUSIVE, work)
  }

  readLock<T>(resource: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    return this.#during(resource, options, SHARED, work)
  }

  semaphore<T>(resource: string, options: SemaphoreOptions, work: (lease: Lease) => Promise<T> | T): Promise<T> {
    const { of, permits = 1, ...rest } = options
    return this.#during(resource, rest, { kind: 'semaphore', mode: 'exclusive', permits, of }, work)
  }

  async tryLock(resource: string, options: LockOptions): Promise<Lease | null> {
    try {
      return await this.acquire(resource, { ...options, waitMs: 0 }, EXCLUSIVE)
    } catch (error) {
      if (error instanceof LockError && error.details?.cause === 'held') return null
      throw error
    }
  }

  /** All of them or none, always in the order of their names, so that two that take the same ones cannot block each other. */
  async lockAll<T>(
    resources: readonly string[],
    options: LockOptions,
    work: (leases: ReadonlyMap<string, Lease>) => Promise<T> | T,
  ): Promise<T> {
    const { time } = this.#parts
    const until = time.monotonic() + (options.waitMs ?? 0)
    const session = this.#session.getStore() ?? this.#newSession()
    const leases = new Map<string, Lease>()
    return this.#session.run(session, async () => {
      try {
        for (const resource of [...new Set(resources)].sort()) {
          const waitMs = Math.max(0, until - time.monotonic())
          leases.set(resource, await this.acquire(resource, { ...options, waitMs }, EXCLUSIVE))
        }
        return await work(leases)
      } finally {
        await Promise.all([...leases.values()].map((lease) => lease.release()))
      }
    })
  }

  async #during<T>(
    resource: string,
    options: LockOptions,
    shape: Shape,
    work: (lease: Lease) => Promise<T> | T,
  ): Promise<T> {
    const session = this.#session.getStore() ?? this.#newSession()
    return this.#session.run(session, async () => {
      const lease = await this.acquire(resource, options, shape)
      try {
        const value = await work(lease)
        // What was done after the loss was done without the lock: the caller must know.
        if (lease.signal.aborted) throw lease.signal.reason
        return value
      } finally {
        await lease.release()
      }
    })
  }

  #newSession(): string {
    this.#sessions += 1
    return `${this.client}/${this.#sessions}`
  }

  /** @internal a lease to be released by hand */
  async acquire(resource: string, options: LockOptions, shape: Shape = EXCLUSIVE): Promise<Lease> {
    assertOptions(resource, options)
    const { connection, time, requestTimeoutMs } = this.#parts
    const { waitMs = 0, signal } = options
    const until = time.monotonic() + waitMs
    const lockId = randomUUID()
    const wish = this.#wish(resource, lockId, options, shape)
    const aborted = this.#onAbort(resource, lockId, signal)
    let sent = false
    try {
      for (;;) {
        signal?.throwIfAborted()
        if (this.#closed) throw new LockError('This connection is closed; nothing was acquired.')
        const leftMs = Math.max(0, Math.round(until - time.monotonic()))
        const sentAt = time.monotonic()
        sent ||= connection.isOpen
        try {
          const data = { ...wish, ...this.#identity(options), waitMs: leftMs }
          const grant = await Promise.race([
            connection.call('locks.acquire', { data }, leftMs + requestTimeoutMs),
            aborted.promise,
          ])
          return this.#lease(resource, grant, sentAt)
        } catch (error) {
          if (!mayAskAgain(error) || until - time.monotonic() <= 0) {
            if (sent && (error instanceof NetworkError || error instanceof TimeoutError))
              this.#giveBack(resource, lockId)
            throw error
          }
          // The same lockId again: when it was granted and only the answer was lost, the same lease is answered.
          await this.#pause(AGAIN_MS)
        }
      }
    } finally {
      aborted.done()
    }
  }

  #wish(resource: string, lockId: string, options: LockOptions, shape: Shape): Omit<LockWish, 'waitMs'> {
    return {
      resource,
      lockId,
      session: this.#session.getStore() ?? this.#newSession(),
      client: this.client,
      label: options.label ?? this.#parts.instance()?.id ?? this.#parts.service ?? '',
      ...shape,
      ttlMs: options.ttlMs ?? TTL_MS,
      lockDelayMs: options.lockDelayMs ?? 0,
      maxHoldMs: options.maxHoldMs ?? null,
      onDeadlock: options.onDeadlock ?? 'refuse',
    }
  }

  #identity({ bind = true }: LockOptions): { instance?: { id: string; generation: number } } {
    const instance = bind ? this.#parts.instance() : null
    return instance ? { instance: { id: instance.id, generation: instance.generation } } : {}
  }

  #onAbort(resource: string, lockId: string, signal: AbortSignal | undefined) {
    let done = () => {}
    const promise = new Promise<never>((_, reject) => {
      if (!signal) return
      const onAbort = () => {
        this.#giveBack(resource, lockId)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      done = () => signal.removeEventListener('abort', onAbort)
    })
    promise.catch(() => undefined)
    return { promise, done: () => done() }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(end)
        cancel()
        resolve()
      }
      const cancel = this.#parts.time.after(ms, end, true)
      this.#waiting.add(end)
    })
  }

  #lease(resource: string, grant: LockGrant, sentAt: number): Lease {
    const { lockId, fencingToken, ttlMs, waitedMs } = grant
    let held = this.#keeper.get(lockId)
    if (held) held.shares += 1
    else {
      // It began to run when it was granted: after the wait, and not before this process asked.
      const since = sentAt + waitedMs
      held = {
        resource,
        lockId,
        fencingToken,
        ttlMs,
        deadline: since + ttlMs,
        renewedAt: since,
        shares: 1,
        abort: new AbortController(),
        lost: null,
        cancelAlarm: null,
      }
      this.#keeper.keep(held)
    }
    return this.#handle(held, waitedMs)
  }

  #handle(held: Held, waitedMs: number): Lease {
    const { time } = this.#parts
    let released: Promise<void> | null = null
    const release = () => {
      released ??= this.#release(held)
      return released
    }
    return {
      resource: held.resource,
      fencingToken: held.fencingToken,
      signal: held.abort.signal,
      waitedMs,
      get held() {
        return released === null && held.lost === null && time.monotonic() < held.deadline - marginMs(held.ttlMs)
      },
      release,
      [Symbol.asyncDispose]: release,
    }
  }

  async #release(held: Held): Promise<void> {
    held.shares -= 1
    if (held.shares === 0) this.#keeper.drop(held)
    if (held.lost) return
    const { resource, lockId, fencingToken } = held
    const { connection, requestTimeoutMs } = this.#parts
    try {
      await connection.call('locks.release', { data: { resource, lockId, fencingToken } }, requestTimeoutMs)
    } catch (error) {
      // Gone already: what was wanted. Not reached: told later, and at the latest its TTL ends it.
      if (error instanceof NetworkError || error instanceof TimeoutError) {
        if (held.shares === 0) this.#orphan(resource, lockId)
      } else if (!(error instanceof LockError)) {
        this.#parts.events.emit('problem', { during: `releasing "${resource}"`, error: error as Error })
      }
    }
  }

  #giveBack(resource: string, lockId: string): void {
    const { connection, requestTimeoutMs } = this.#parts
    connection.call('locks.release', { data: { resource, lockId } }, requestTimeoutMs).then(
      () => this.#orphans.delete(lockId),
      (error: unknown) => {
        if (error instanceof HoldfastError && !mayAskAgain(error)) this.#orphans.delete(lockId)
        else this.#orphan(resource, lockId)
      },
    )
  }

  /** To be given back later; of many, the TTL ends the oldest. */
  #orphan(resource: string, lockId: string): void {
    this.#orphans.set(lockId, resource)
    if (this.#orphans.size <= ORPHANS_MAX) return
    for (const oldest of this.#orphans.keys()) {
      this.#orphans.delete(oldest)
      break
    }
  }

  connectionOpened(): void {
    this.#keeper.connectionOpened()
    for (const [lockId, resource] of this.#orphans) this.#giveBack(resource, lockId)
    for (const end of [...this.#waiting]) end()
  }

  connectionClosed(): void {
    this.#keeper.connectionClosed()
  }

  /** Gives back everything, for up to `timeoutMs`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const end of [...this.#waiting]) end()
    const { connection, requestTimeoutMs } = this.#parts
    const all = this.#keeper.all
    this.#keeper.close()
    await Promise.allSettled(
      all.map(({ resource, lockId, fencingToken }) =>
        connection.call('locks.release', { data: { resource, lockId, fencingToken } }, requestTimeoutMs),
      ),
    )
  }
}

function mayAskAgain(error: unknown): boolean {
  return error instanceof HoldfastError && (error.code === 'NETWORK' || error.code === 'SERVICE_UNAVAILABLE')
}
