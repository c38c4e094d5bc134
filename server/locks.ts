/** Locks: leases with fencing tokens, a fair queue, and a view of who waits for whom. */
import type { Clock } from '../core/clock.ts'
import { ConflictError, LockError, ServiceUnavailableError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { Instance } from '../core/instance.ts'
import { compatible, epochOf, isUpgrade, misfit, reentered } from '../core/lock.ts'
import type { DeadlockView, Loss } from '../core/lock-view.ts'
import { cycleText, type Deadlock, deadlockOf } from '../core/wait-for.ts'
import type { Origin, Store } from '../db/store.ts'
import type { Closing } from './api/closing.ts'
import { Alarms } from './locks/alarms.ts'
import { type AcquireRequest, type Delay, Entry, type Lease, type Running, type Waiter } from './locks/entry.ts'
import { forgetIdle, load } from './locks/floor.ts'
import { Listeners } from './locks/listeners.ts'
import { Sessions } from './locks/sessions.ts'
import { Traffics } from './locks/traffic.ts'
import { asLease, assertHolder, type Cause, end, enter, grant, leave, Turn } from './locks/turn.ts'
import type { Log } from './log.ts'
import { type Command, type Executed, once, originOf } from './transact.ts'

export const RESOURCES_MAX = 200_000
const QUEUE_MAX = 10_000
const WAITING_MAX = 100_000
const DEADLOCKS_KEPT = 50
/** A look that comes later than this was held up by this process, not by those who should have renewed. */
const STALL_MS = 1_000

/** Acquisitions that entered one lease again and are remembered. */
const ENTERED_MAX = 1_000
const REOPEN_AGAIN_MS = 1_000
/** Restores that a token may be ahead of this database by. */
const EPOCHS_AHEAD = 64
const LIFTS_MAX = 8
const LIFT_EVERY_MS = 60_000

const SYSTEM: Origin = { actor: 'system', operationId: null }

export interface LocksOptions {
  store: Store
  clock: Clock
  log: Log
  instance(id: string): Instance | undefined
}

export interface Renewal {
  resource: string
  lockId: string
  fencingToken: number
}

export interface Renewed {
  lockId: string
  ok: boolean
  /** until the lease runs out, milliseconds */
  leftMs: number
  /** what happened to it; null while it is held */
  message: string | null
}

export class Locks {
  readonly entries = new Map<string, Entry>()
  readonly traffics = new Traffics()
  readonly sessions = new Sessions()
  readonly listeners = new Listeners()
  readonly deadlocks: DeadlockView[] = []
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #instance: (id: string) => Instance | undefined
  readonly #alarms: Alarms<Running | Waiter | Delay>
  /** free resources that still have a row, by when they became free */
  readonly #idle = new Map<string, number>()
  #floor = 0
  #lifts = LIFTS_MAX
  #liftedAt = 0
  #stalledMs = 0
  #lookedAt: number
  #unsubscribe: (() => void) | null = null
  version = 0
  waiting = 0

  constructor(options: LocksOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
    this.#instance = options.instance
    this.#lookedAt = options.clock.monotonic()
    this.#alarms = new Alarms(this.now())
  }

  /** The clock of leases, milliseconds: monotonic, without the time in which this process stood still. */
  now(): number {
    return this.#clock.monotonic() - this.#stalledMs
  }

  /** Loads what is held. Every lease starts anew, so that a restart frees no lock early. */
  async start(): Promise<void> {
    const { records, floor, restored } = await load(this.#store)
    this.#floor = floor
    if (restored)
      this.#log.warn({ floor }, 'this database was restored: fencing tokens continue above all earlier ones')
    const now = this.now()
    for (const record of records) {
      const entry = new Entry(record.resource, record)
      this.entries.set(record.resource, entry)
      for (const holder of record.holders) this.#run(entry, holder.lockId, holder.ttlMs, now)
      if (record.delayMs !== null) this.#close(entry, record.delayMs)
      if (record.holders.length === 0) this.#idle.set(record.resource, now)
    }
    this.#unsubscribe = this.#store.journal.onCommit((events) => {
      for (const event of events) if (event.key.startsWith('instance/')) this.#instanceChanged(event)
    })
  }

  stop(): void {
    this.#unsubscribe?.()
    const stopping = new ServiceUnavailableError(
      'The control plane is stopping. Ask again: the place in the queue is lost.',
      {
        retryable: true,
        retryAfterMs: 500,
      },
    )
    for (const entry of this.entries.values()) for (const waiter of [...entry.queue]) this.#turnAway(waiter, stopping)
  }

  // ---- acquiring ----

  /**
   * Holds the resource, now or after waiting its turn. The same `lockId` again answers the same lease.
   * @throws LockError that names the holder (`details.cause`: held, timeout, deadlock, cancelled), ConflictError,
   * ValidationError
   */
  async acquire(request: AcquireRequest, origin: Origin, closing: Closing): Promise<Lease> {
    const entry = this.#entry(request.resource)
    const { record } = entry
    const same = record.holders.find(({ lockId }) => lockId === request.lockId)
    if (same) {
      assertHolder(record, request, same.fencingToken, 'acquire')
      return asLease(entry.resource, same, 0)
    }
    const wrong = misfit(record, request)
    if (wrong !== null) throw new ConflictError(wrong)
    this.#assertInstance(request)
    if (isUpgrade(record, request)) {
      throw new LockError(
        `Session "${request.session}" shares "${entry.resource}" and cannot make it exclusive: two that try would wait for each other. Release it, then acquire it exclusively.`,
        { retryable: false, details: { cause: 'upgrade' } },
      )
    }
    const again = reentered(record, request)
    if (again) {
      const running = entry.leases.get(again.lockId)
      if (running?.entered.has(request.lockId) && again.owner === request.owner)
        return asLease(entry.resource, again, 0)
      const lease = await this.#turn(entry, origin, (turn) => enter(turn, request))
      if (lease) {
        if (running && running.entered.size < ENTERED_MAX) running.entered.add(request.lockId)
        return lease
      }
    }
    if (closing.closed) throw new LockError('The caller has gone.', { details: { cause: 'cancelled' } })
    return new Promise((resolve, reject) => {
      const earlier = entry.queue.findIndex((waiter) => waiter.request.lockId === request.lockId)
      const now = this.now()
      const waiter: Waiter = {
        type: 'waiter',
        entry,
        request,
        since: now,
        at: now + request.waitMs,
        arrivedAt: this.#clock.wall(),
        gone: false,
        resolve,
        reject,
        release: () => {},
      }
      if (earlier < 0) {
        this.#assertRoom(entry)
        entry.queue.push(waiter)
      } else {
        // Its connection broke and it asks again before that was noticed: it keeps its place.
        const before = entry.queue[earlier] as Waiter
        waiter.since = before.since
        waiter.arrivedAt = before.arrivedAt
        entry.queue[earlier] = waiter
        this.#settled(before)
        before.reject(new ConflictError(`"${request.lockId}" was asked for again over another connection.`))
      }
      this.waiting += 1
      this.sessions.waits(waiter)
      waiter.release = closing.on(() => {
        waiter.gone = true
        this.#turnAway(waiter, new LockError('The caller has gone.', { details: { cause: 'cancelled' } }))
      })
      this.#alarms.set(waiter)
      entry.arrived.push(waiter)
      this.#touch(entry)
      this.#poke(entry)
    })
  }

  #entry(resource: string): Entry {
    const known = this.entries.get(resource)
    if (known) return known
    if (this.entries.size >= RESOURCES_MAX) {
      throw new ServiceUnavailableError(
        `${RESOURCES_MAX} resources are in use as locks. Use fewer names, or wait until some are forgotten.`,
      )
    }
    const entry = new Entry(resource, { resource, kind: 'lock', permits: 1, holders: [], lastToken: 0, delayMs: null })
    this.entries.set(resource, entry)
    return entry
  }

  #assertRoom(entry: Entry): void {
    if (entry.queue.length < QUEUE_MAX && this.waiting < WAITING_MAX) return
    this.#drop(entry)
    throw new ServiceUnavailableError(
      `Too many wait for "${entry.resource}" (${entry.queue.length}). Try again later.`,
      {
        retryable: true,
        retryAfterMs: 1_000,
      },
    )
  }

  #assertInstance({ instance }: AcquireRequest): void {
    if (!instance || this.#isPresent(instance)) return
    throw new ConflictError(
      `The instance "${instance.id}" (generation ${instance.generation}) is not registered or not alive, so it can hold no lock. Register it first.`,
      { details: { cause: 'instance' } },
    )
  }

  #isPresent({ id, generation }: { id: string; generation: number }): boolean {
    const instance = this.#instance(id)
    return instance !== undefined && instance.generation === generation && instance.heartbeat !== 'expired'
  }

  /** L4: who is granted is looked at once more. */
  #isWanted(waiter: Waiter): boolean {
    const { request, gone, at } = waiter
    if (gone || (request.waitMs > 0 && at <= this.now())) return false
    return request.instance === null || this.#isPresent(request.instance)
  }

  // ---- one transaction on one resource ----

  /** Runs `verb` on the row, then gives what became free to those who wait, in the same transaction. */
  async #turn<T>(entry: Entry, origin: Origin, verb: (turn: Turn) => Promise<T>): Promise<T> {
    entry.busy += 1
    let taken: Waiter[] = []
    try {
      return await this.#store.transact(origin, async (tx) => {
        // Nobody else writes rows of locks, and what runs after this in the same commit runs on what this leaves.
        const turn = new Turn(tx, entry, entry.row ?? (await tx.q.locks.get(entry.resource)))
        const value = await verb(turn)
        if (entry.delay === null && turn.record.delayMs === null) {
          const wanted = entry.queue.filter((waiter) => this.#isWanted(waiter))
          taken = await grant(turn, wanted, this.#floor)
          if (taken.length > 0) entry.queue = entry.queue.filter((waiter) => !taken.includes(waiter))
        }
        await turn.write()
        entry.row = turn.record
        tx.afterCommit(() => this.#committed(entry, turn))
        return value
      })
    } catch (error) {
      entry.row = null
      entry.queue.unshift(...taken)
      throw error
    } finally {
      entry.busy -= 1
      this.#poke(entry)
    }
  }

  #committed(entry: Entry, turn: Turn): void {
    if (!turn.changed) return
    const now = this.now()
    const traffic = this.traffics.of(entry.resource)
    traffic.usedAt = now
    entry.record = turn.record
    for (const { holder, cause, message } of turn.ended) {
      const lease = entry.leases.get(holder.lockId)
      if (lease) {
        entry.leases.delete(holder.lockId)
        this.#alarms.clear(lease)
        traffic.held.add(now - lease.since)
      }
      this.sessions.left(holder)
      if (cause !== 'released')
        this.listeners.lost(holder.client, { resource: entry.resource, lockId: holder.lockId, cause, message })
    }
    if (turn.record.delayMs !== null) this.#close(entry, turn.record.delayMs)
    for (const { waiter, holder } of turn.granted) {
      const waitedMs = now - waiter.since
      traffic.acquired += 1
      traffic.waited.add(waitedMs)
      this.#run(entry, holder.lockId, holder.ttlMs, now)
      this.#settled(waiter)
      // L4 once more: its instance may have left the registry in this very commit, before anybody could see that.
      const isAlive = holder.instance === null || this.#isPresent(holder.instance)
      if (waiter.gone || !isAlive) this.#abandon(entry, holder.lockId, holder.fencingToken)
      if (!isAlive) waiter.reject(instanceLeft(holder.instance?.id ?? ''))
      else if (!waiter.gone) waiter.resolve(asLease(entry.resource, holder, Math.round(waitedMs)))
    }
    this.#answerTwins(entry, turn)
    if (entry.record.holders.length === 0) this.#idle.set(entry.resource, now)
    else this.#idle.delete(entry.resource)
    this.#touch(entry)
    this.listeners.changed(entry.resource, entry.record)
  }

  /** Asked twice for the same lease, over a connection that broke and over the next one: both get it. */
  #answerTwins(entry: Entry, turn: Turn): void {
    if (entry.queue.length === 0) return
    for (const { holder } of turn.granted) {
      const twin = entry.queue.find(({ request }) => request.lockId === holder.lockId)
      if (!twin) continue
      entry.queue.splice(entry.queue.indexOf(twin), 1)
      this.#settled(twin)
      twin.resolve(asLease(entry.resource, holder, Math.round(this.now() - twin.since)))
    }
  }

  /** Nobody waits for the answer any more: the lease is given back at once. */
  #abandon(entry: Entry, lockId: string, fencingToken: number): void {
    this.#turn(entry, SYSTEM, (turn) => leave(turn, { lockId, fencingToken, all: true })).catch((error: unknown) =>
      this.#log.error({ error, resource: entry.resource }, 'a lease that nobody wanted could not be given back'),
    )
  }

  #run(entry: Entry, lockId: string, ttlMs: number, now: number): void {
    const lease: Running = {
      type: 'lease',
      entry,
      lockId,
      ttlMs,
      since: now,
      at: now + ttlMs,
      renewals: 0,
      entered: new Set(),
    }
    entry.leases.set(lockId, lease)
    this.#alarms.set(lease)
    const holder = entry.record.holders.find((h) => h.lockId === lockId)
    if (holder) this.sessions.holds(holder, entry)
  }

  /** After a lease that ran out the resource stays closed for a while, so that a holder that stood still can notice. */
  #close(entry: Entry, delayMs: number): void {
    if (entry.delay) this.#alarms.clear(entry.delay)
    entry.delay = { type: 'delay', entry, at: this.now() + delayMs }
    this.#alarms.set(entry.delay)
  }

  /** Looks what can be done now that something has changed: grant, or tell those who will not or must not wait. */
  #poke(entry: Entry): void {
    if (entry.busy > 0) return
    if (entry.queue.length > 0 && entry.delay === null) {
      const head = entry.queue.find((waiter) => this.#isWanted(waiter))
      if (head && compatible(entry.record, head.request)) {
        this.#turn(entry, SYSTEM, async () => undefined).catch((error: Error) => {
          for (const waiter of [...entry.queue]) this.#turnAway(waiter, error)
        })
        return
      }
    }
    const arrived = entry.arrived
    entry.arrived = []
    for (const waiter of arrived) {
      if (!entry.queue.includes(waiter)) continue
      if (waiter.request.waitMs === 0) this.#turnAway(waiter, this.#held(waiter))
      else this.#mayWait(waiter)
    }
    this.#drop(entry)
  }

  /** Forgets an entry that stands for nothing: no row, nobody in it. */
  #drop(entry: Entry): void {
    if (entry.idle && !this.#idle.has(entry.resource)) this.entries.delete(entry.resource)
  }

  #touch(entry: Entry): void {
    entry.version = ++this.version
  }

  // ---- waiting ----

  /** Somebody begins to wait: does that close a cycle? */
  #mayWait(waiter: Waiter): void {
    const traffic = this.traffics.of(waiter.entry.resource)
    traffic.contended += 1
    const { session } = waiter.request
    // Nobody waits for a session that holds nothing, so that it cannot be part of a cycle: the usual case costs nothing.
    if (!this.sessions.isHolding(session)) return
    const deadlock = deadlockOf(session, (name) => this.sessions.waitsOf(name))
    if (deadlock) this.#deadlocked(waiter, deadlock)
  }

  #deadlocked(waiter: Waiter, { cycle }: Deadlock): void {
    const refuse = waiter.request.onDeadlock === 'refuse'
    const { session } = waiter.request
    this.deadlocks.unshift({ at: this.#clock.wall(), cycle, refused: refuse ? session : null })
    this.deadlocks.length = Math.min(this.deadlocks.length, DEADLOCKS_KEPT)
    const text = cycleText(cycle)
    this.#turn(waiter.entry, SYSTEM, (turn) => turn.note('lock.deadlock', `Deadlock: ${text}`)).catch(
      (error: unknown) => this.#log.error({ error }, 'a deadlock could not be written to the journal'),
    )
    if (!refuse) return
    const message = `Waiting for "${waiter.entry.resource}" would never end: ${text}. Release what "${session}" holds and try again, or take locks in one order everywhere.`
    this.#turnAway(
      waiter,
      new LockError(message, { retryable: true, details: { cause: 'deadlock', cycle: text.slice(0, 500) } }),
    )
  }

  #held(waiter: Waiter): LockError {
    const { entry, request } = waiter
    const { record } = entry
    const traffic = this.traffics.peek(entry.resource)
    const expected = traffic?.expectedMs(entry.queue.length) ?? null
    const first = record.holders[0]
    const who = first ? `${first.label || first.session} (token ${first.fencingToken})` : null
    const more = record.holders.length > 1 ? ` and ${record.holders.length - 1} more` : ''
    const left = entry.delay ? Math.max(0, entry.delay.at - this.now()) : null
    const message = who
      ? `"${entry.resource}" is held by ${who}${more}; ${Math.max(0, entry.queue.indexOf(waiter))} wait before you.`
      : left !== null
        ? `"${entry.resource}" stays closed for ${Math.round(left)} ms more, after a lease that ran out.`
        : `"${entry.resource}" is about to go to somebody else.`
    return new LockError(message, {
      retryable: true,
      ...(expected === null ? {} : { retryAfterMs: expected }),
      details: {
        cause: request.waitMs === 0 ? 'held' : 'timeout',
        holder: first?.session ?? null,
        expectedWaitMs: expected,
      },
    })
  }

  #turnAway(waiter: Waiter, error: Error): void {
    const { entry } = waiter
    const at = entry.queue.indexOf(waiter)
    if (at < 0) return
    entry.queue.splice(at, 1)
    this.#settled(waiter)
    waiter.reject(error)
    this.#touch(entry)
    // Those behind may go on: it could have been a writer in front of readers.
    this.#poke(entry)
  }

  #settled(waiter: Waiter): void {
    this.waiting -= 1
    this.#alarms.clear(waiter)
    this.sessions.settled(waiter)
    waiter.release()
  }

  // ---- keeping and giving back ----

  /** Keeps leases alive. In memory only: a renewal is no decision. What is not held any more is told, not thrown. */
  async renew(owner: string, renewals: readonly Renewal[]): Promise<Renewed[]> {
    const now = this.now()
    const answers: Renewed[] = []
    for (const { resource, lockId, fencingToken } of renewals) {
      const entry = this.entries.get(resource)
      const lease = entry?.leases.get(lockId)
      const holder = entry?.record.holders.find((h) => h.lockId === lockId)
      const lost = (message: string) => answers.push({ lockId, ok: false, leftMs: 0, message })
      if (!entry || !lease || !holder) {
        lost(`"${resource}" is not held under "${lockId}": its lease ran out or was taken away.`)
        await this.#noteToken(resource, fencingToken)
      } else if (holder.owner !== owner) lost(`"${resource}" is held by ${holder.owner}, not by ${owner}.`)
      else if (holder.fencingToken !== fencingToken) {
        lost(`"${resource}" is held with token ${holder.fencingToken}, not ${fencingToken}.`)
        await this.#noteToken(resource, fencingToken)
      } else {
        const end = holder.maxHoldMs === null ? Number.POSITIVE_INFINITY : lease.since + holder.maxHoldMs
        lease.at = Math.min(now + lease.ttlMs, end)
        lease.renewals += 1
        answers.push({ lockId, ok: lease.at > now, leftMs: Math.max(0, lease.at - now), message: null })
      }
    }
    return answers
  }

  /** An epoch a minute, some at once: 2^21 of them last for years whoever asks. */
  #mayLift(): boolean {
    const now = this.#clock.monotonic()
    this.#lifts = Math.min(LIFTS_MAX, this.#lifts + (now - this.#liftedAt) / LIFT_EVERY_MS)
    this.#liftedAt = now
    if (this.#lifts < 1) return false
    this.#lifts -= 1
    return true
  }

  /** A token above all that this database knows: it was put back from an older copy. Tokens go on above it (L1). */
  async #noteToken(resource: string, fencingToken: number): Promise<void> {
    const known = Math.max(this.#floor, this.entries.get(resource)?.record.lastToken ?? 0)
    if (fencingToken <= known) return
    // Anybody may say any number: one that no copy explains would use up the tokens that are left.
    if (epochOf(fencingToken) > epochOf(known) + EPOCHS_AHEAD || !this.#mayLift()) {
      this.#log.warn({ resource, fencingToken, known }, 'a token from nowhere: it is not taken for one of ours')
      return
    }
    const { floor } = await load(this.#store, fencingToken)
    this.#floor = Math.max(this.#floor, floor)
    this.#log.warn(
      { resource, fencingToken, floor },
      'a token from the future of this database: it was restored from an older copy',
    )
  }

  /**
   * Gives a lease back, or leaves the queue. A wrong owner or token changes nothing (L6).
   * @throws LockError (`details.cause`: gone, owner, token)
   */
  async release(
    owner: string,
    wish: { resource: string; lockId: string; fencingToken: number | null },
    origin: Origin,
  ): Promise<{ released: boolean; count: number }> {
    const entry = this.entries.get(wish.resource)
    const waiter = entry?.queue.find(({ request }) => request.lockId === wish.lockId)
    if (entry && waiter) {
      if (waiter.request.owner !== owner)
        throw new LockError(`"${wish.lockId}" waits for ${waiter.request.owner}, not for ${owner}.`, {
          details: { cause: 'owner' },
        })
      waiter.gone = true
      this.#turnAway(waiter, new LockError('The caller has called it off.', { details: { cause: 'cancelled' } }))
      return { released: false, count: 0 }
    }
    if (!entry) throw gone(wish.resource, wish.lockId)
    return this.#turn(entry, origin, async (turn) => {
      const holder = turn.record.holders.find(({ lockId }) => lockId === wish.lockId)
      if (!holder) throw gone(wish.resource, wish.lockId)
      const token = wish.fencingToken ?? holder.fencingToken
      assertHolder(turn.record, { lockId: wish.lockId, owner }, token, 'release')
      return leave(turn, { lockId: wish.lockId, fencingToken: token, all: false })
    })
  }

  /**
   * Takes the resource from its holders, by an operator.
   * @throws ConflictError when it is held by somebody else by now, LockError when nobody holds it
   */
  async forceRelease(
    wish: { resource: string; lockId: string | null; fencingToken: number; reason: string },
    command: Command,
  ): Promise<Executed<{ seq: number; ended: string[] }>> {
    const { actor } = command.principal
    return this.#turn(this.#entry(wish.resource), originOf(command), (turn) =>
      once(turn.tx, command, async () => {
        const before = turn.record
        if (before.holders.length === 0) throw gone(wish.resource, null)
        if (before.lastToken !== wish.fencingToken) {
          const now = before.holders.map(({ session }) => session).join(', ')
          throw new ConflictError(
            `"${wish.resource}" has moved on: token ${before.lastToken}, held by ${now}. Nothing was released; look again.`,
            { details: { cause: 'moved', lastToken: before.lastToken } },
          )
        }
        const out = before.holders.filter(({ lockId }) => wish.lockId === null || lockId === wish.lockId)
        if (out.length === 0) throw gone(wish.resource, wish.lockId)
        const why = `${actor} released "${wish.resource}" by force: ${wish.reason}`
        for (const { lockId } of out) await end(turn, lockId, 'forced', why)
        await turn.tx.audit({
          action: 'lock.force-release',
          target: `lock/${wish.resource}`,
          reason: wish.reason,
          before,
          after: turn.record,
        })
        return { seq: await turn.tx.head(), ended: out.map(({ session }) => session) }
      }),
    )
  }

  // ---- time ----

  /** Ends what has run out. Called often by one loop. */
  async tick(): Promise<void> {
    const monotonic = this.#clock.monotonic()
    const gap = monotonic - this.#lookedAt
    this.#lookedAt = monotonic
    // Renewals that arrived meanwhile are still unread: nobody is evicted for our own standstill.
    if (gap > STALL_MS) this.#stalledMs += gap
    const turns: Promise<unknown>[] = []
    for (const alarm of this.#alarms.due(this.now())) {
      if (alarm.type === 'delay') this.#reopen(alarm)
      else if (alarm.type === 'waiter') {
        this.traffics.of(alarm.entry.resource).timedOut += 1
        this.#turnAway(alarm, this.#held(alarm))
      } else turns.push(this.#expire(alarm))
    }
    await Promise.all(turns)
  }

  #reopen(delay: Delay): void {
    const { entry } = delay
    if (entry.delay !== delay) return
    entry.delay = null
    this.#touch(entry)
    this.#turn(entry, SYSTEM, async (turn) => turn.reopen()).catch((error: unknown) => {
      this.#log.error({ error, resource: entry.resource }, 'a resource could not be opened again')
      // Its row still says closed: without another look nobody would ever be granted it.
      if (entry.delay === null) this.#close(entry, REOPEN_AGAIN_MS)
    })
  }

  async #expire(lease: Running): Promise<void> {
    const { entry, lockId } = lease
    try {
      await this.#turn(entry, SYSTEM, async (turn) => {
        // Renewed while this waited for its turn.
        if (lease.at > this.now()) this.#alarms.set(lease)
        else
          await end(
            turn,
            lockId,
            'expired',
            `The lease on "${entry.resource}" ran out: it was not renewed within ${lease.ttlMs} ms.`,
          )
      })
    } catch (error) {
      if (entry.leases.get(lockId) === lease) this.#alarms.set(lease)
      throw error
    }
  }

  /** Sessions die with the instance they are bound to. */
  #instanceChanged(event: JournalEvent): void {
    const id = event.key.slice('instance/'.length)
    const instance = event.value as Instance | null
    for (const { entry, holder } of this.sessions.boundTo(id)) {
      if (holder.instance && this.#isPresent(holder.instance)) continue
      const cause: Cause = event.actor === holder.owner && instance === null ? 'released' : 'session'
      const message = `The instance "${id}" has left the registry, and its lock on "${entry.resource}" with it.`
      this.#turn(entry, SYSTEM, async (turn) => end(turn, holder.lockId, cause, message)).catch((error: unknown) =>
        this.#log.error({ error, resource: entry.resource }, 'a lock of an instance that left could not be freed'),
      )
    }
    for (const waiter of this.sessions.awaitedBy(id)) {
      if (waiter.request.instance && this.#isPresent(waiter.request.instance)) continue
      this.#turnAway(waiter, instanceLeft(id))
    }
  }

  /** Forgets resources that nobody has used for a while; their tokens live on in the floor. */
  async forget(): Promise<number> {
    return forgetIdle({
      store: this.#store,
      entries: this.entries,
      idle: this.#idle,
      now: this.now(),
      raise: (floor) => {
        this.#floor = Math.max(this.#floor, floor)
        return this.#floor
      },
      done: (entry) => this.#poke(entry),
    })
  }

  lossesOf(client: string, push: (loss: Loss) => void): () => void {
    return this.listeners.onLoss(client, push)
  }
}

function instanceLeft(id: string): LockError {
  const message = `The instance "${id}" behind this session has left the registry.`
  return new LockError(message, { details: { cause: 'session' } })
}

function gone(resource: string, lockId: string | null): LockError {
  const what = lockId === null ? `Nobody holds "${resource}".` : `"${resource}" is not held under "${lockId}".`
  return new LockError(`${what} Nothing was changed.`, { retryable: false, details: { cause: 'gone' } })
}
