/** What pages are shown of locks: those with the longest queues, then the oldest holders; bounded, however many there are. */
import type { Clock } from '../../core/clock.ts'
import type { Holder } from '../../core/lock.ts'
import type { HolderView, LocksFrame, LockTotals, LockView, WaiterView, WaitGraph } from '../../core/lock-view.ts'
import { deadlockOf, type WaitEdge } from '../../core/wait-for.ts'
import type { Locks } from '../locks.ts'
import type { Entry, Waiter } from './entry.ts'

const SHOWN_MAX = 200
const QUEUE_SHOWN = 50
const EDGES_MAX = 400
/** Renewals change no state, so what is left of leases is told again only so often. */
const RENEWED_EVERY_MS = 2_000

export function lockView(entry: Entry, locks: Locks, queueMax = QUEUE_SHOWN): LockView {
  const now = locks.now()
  const traffic = locks.traffics.peek(entry.resource)
  const { held, waited } = traffic?.distributions() ?? { held: NOTHING, waited: NOTHING }
  return {
    resource: entry.resource,
    kind: entry.record.kind,
    permits: entry.record.permits,
    holders: entry.record.holders.map((holder) => holderView(holder, entry, now)),
    queue: entry.queue.slice(0, queueMax).map((waiter) => waiterView(waiter, now)),
    waiting: entry.queue.length,
    lastToken: entry.record.lastToken,
    delayLeftMs: entry.delay ? Math.max(0, Math.round(entry.delay.at - now)) : 0,
    acquired: traffic?.acquired ?? 0,
    contended: traffic?.contended ?? 0,
    timedOut: traffic?.timedOut ?? 0,
    held,
    waited,
  }
}

const NOTHING = { count: 0, p50Ms: null, p99Ms: null, maxMs: null }

function holderView(holder: Holder, entry: Entry, now: number): HolderView {
  const lease = entry.leases.get(holder.lockId)
  const { lockId, session, client, owner, label, mode, permits, fencingToken, count, ttlMs, acquiredAt } = holder
  return {
    lockId,
    session,
    client,
    owner,
    label,
    instance: holder.instance?.id ?? null,
    mode,
    permits,
    fencingToken,
    count,
    ttlMs,
    acquiredAt,
    heldMs: lease ? Math.round(now - lease.since) : 0,
    leftMs: lease ? Math.max(0, Math.round(lease.at - now)) : 0,
    renewals: lease?.renewals ?? 0,
  }
}

function waiterView({ request, since, at, arrivedAt }: Waiter, now: number): WaiterView {
  const { lockId, session, client, owner, label, mode, permits } = request
  return {
    lockId,
    session,
    client,
    owner,
    label,
    instance: request.instance?.id ?? null,
    mode,
    permits,
    arrivedAt,
    waitedMs: Math.round(now - since),
    leftMs: Math.max(0, Math.round(at - now)),
  }
}

export function waitGraph(locks: Locks): WaitGraph {
  const edges: WaitEdge[] = []
  const cycles: WaitEdge[][] = []
  const inCycle = new Set<string>()
  let cut = false
  for (const session of locks.sessions.waitingSessions()) {
    for (const { resource, blockers } of locks.sessions.waitsOf(session)) {
      for (const to of blockers) {
        if (edges.length >= EDGES_MAX) cut = true
        else edges.push({ from: session, to, resource })
      }
    }
    // Nobody waits for who holds nothing.
    if (inCycle.has(session) || !locks.sessions.isHolding(session) || cycles.length >= 20) continue
    const deadlock = deadlockOf(session, (name) => locks.sessions.waitsOf(name))
    if (!deadlock) continue
    cycles.push(deadlock.cycle)
    for (const { from } of deadlock.cycle) inCycle.add(from)
  }
  return { edges, cycles, cut }
}

interface State {
  version: number
  now: number
  shown: Entry[]
  hidden: number
  totals: LockTotals
  graph: WaitGraph
}

/** The stream behind the page: one look a period for all tabs, and to each only what changed for it. */
export class LocksLive {
  readonly #locks: Locks
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #state: State | null = null
  #renewedAt = 0
  tabs = 0

  constructor(locks: Locks, clock: Clock) {
    this.#locks = locks
    this.#clock = clock
  }

  /** Wakes the tabs when there is something to tell. */
  tick(): void {
    if (this.tabs === 0) return
    const renewalsDue = this.#clock.monotonic() - this.#renewedAt >= RENEWED_EVERY_MS
    if (!renewalsDue && this.#state?.version === this.#locks.version) return
    if (renewalsDue) this.#renewedAt = this.#clock.monotonic()
    this.#state = this.#look()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  totals(): LockTotals {
    return this.#look().totals
  }

  /** The resources a list begins with, and how many there are beside them. */
  look(): { views: LockView[]; totals: LockTotals; hidden: number; graph: WaitGraph } {
    const { shown, totals, hidden, graph } = this.#look()
    return { views: shown.map((entry) => lockView(entry, this.#locks)), totals, hidden, graph }
  }

  #look(): State {
    const locks = this.#locks
    const totals: LockTotals = { held: 0, holders: 0, waiting: locks.waiting, contended: 0 }
    const candidates: Entry[] = []
    for (const entry of locks.entries.values()) {
      const holders = entry.record.holders.length
      if (holders === 0 && entry.queue.length === 0 && entry.delay === null) continue
      if (holders > 0) totals.held += 1
      totals.holders += holders
      if (entry.queue.length > 0) totals.contended += 1
      candidates.push(entry)
    }
    // Map order is the order of first use, so a stable sort by queue keeps old holders first.
    candidates.sort((a, b) => b.queue.length - a.queue.length)
    const shown = candidates.slice(0, SHOWN_MAX)
    return {
      version: locks.version,
      now: this.#clock.wall(),
      shown,
      hidden: candidates.length - shown.length,
      totals,
      graph: waitGraph(locks),
    }
  }

  async *stream(options: {
    signal: AbortSignal
    ready?: (() => Promise<void>) | undefined
  }): AsyncGenerator<LocksFrame> {
    this.tabs += 1
    const abort = { wake: () => {} }
    const onAbort = () => abort.wake()
    options.signal.addEventListener('abort', onAbort)
    const sent = new Map<string, string>()
    try {
      yield this.#frame(sent, this.#look(), true)
      while (!options.signal.aborted) {
        await new Promise<void>((resolve) => {
          abort.wake = resolve
          this.#waiting.add(resolve)
        })
        this.#waiting.delete(abort.wake)
        if (options.ready) await options.ready()
        if (options.signal.aborted || !this.#state) return
        yield this.#frame(sent, this.#state, false)
      }
    } finally {
      this.tabs -= 1
      this.#waiting.delete(abort.wake)
      options.signal.removeEventListener('abort', onAbort)
    }
  }

  #frame(sent: Map<string, string>, state: State, full: boolean): LocksFrame {
    const locks: LockView[] = []
    const names = new Set<string>()
    for (const entry of state.shown) {
      names.add(entry.resource)
      const mark = `${entry.version}/${[...entry.leases.values()].reduce((sum, { renewals }) => sum + renewals, 0)}`
      if (sent.get(entry.resource) === mark) continue
      sent.set(entry.resource, mark)
      locks.push(lockView(entry, this.#locks))
    }
    const removed: string[] = []
    for (const name of sent.keys()) {
      if (names.has(name)) continue
      sent.delete(name)
      removed.push(name)
    }
    const { now, totals, graph, hidden } = state
    return { full, now, locks, removed, totals, graph, deadlocks: this.#locks.deadlocks.slice(0, 10), hidden }
  }
}
