/** The stream behind every open browser tab: one frame at a time, only what changed since the frame before. */
import type { Clock } from '../core/clock.ts'
import type { JournalEvent } from '../core/event.ts'
import type { EdgeView, LiveFrame, ServiceView } from '../core/topology.ts'
import type { Journal } from './journal.ts'
import type { Registry } from './registry.ts'
import type { Telemetry } from './telemetry.ts'

/** How often `tick` is called: the longest a change waits before tabs are told. */
export const LIVE_TICK_MS = 125
/** Edges change with every report, so they are looked at only so often. */
const EDGES_EVERY_MS = 1_000
const EVENTS_MAX = 100
const BUSY = /^(lock|saga)\//

export interface LiveOptions {
  signal: AbortSignal
  ready?: (() => Promise<void>) | undefined
}

export class Live {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #registry: Registry
  readonly #telemetry: Telemetry
  readonly #waiting = new Set<() => void>()
  #edges: EdgeView[] = []
  #edgesAt = Number.NEGATIVE_INFINITY
  #seenSeq = -1
  tabs = 0

  constructor(engines: { clock: Clock; journal: Journal; registry: Registry; telemetry: Telemetry }) {
    this.#clock = engines.clock
    this.#journal = engines.journal
    this.#registry = engines.registry
    this.#telemetry = engines.telemetry
  }

  /** Wakes the tabs when there is something to tell. */
  tick(): void {
    if (this.tabs === 0) return
    const edgesDue = this.#clock.monotonic() - this.#edgesAt >= EDGES_EVERY_MS
    if (!edgesDue && this.#seenSeq === this.#journal.head) return
    this.#seenSeq = this.#journal.head
    if (edgesDue) this.#refreshEdges()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  #refreshEdges(): void {
    this.#edges = this.#telemetry.views()
    this.#edgesAt = this.#clock.monotonic()
  }

  edges(): EdgeView[] {
    if (this.#clock.monotonic() - this.#edgesAt >= EDGES_EVERY_MS) this.#refreshEdges()
    return this.#edges
  }

  async *stream(options: LiveOptions): AsyncGenerator<LiveFrame, void, undefined> {
    this.tabs += 1
    const abort = { wake: () => {} }
    const onAbort = () => abort.wake()
    options.signal.addEventListener('abort', onAbort)
    const sent = new Sent()
    try {
      yield sent.frame(this.#state(), true)
      while (!options.signal.aborted) {
        await new Promise<void>((resolve) => {
          abort.wake = resolve
          this.#waiting.add(resolve)
        })
        this.#waiting.delete(abort.wake)
        if (options.ready) await options.ready()
        if (options.signal.aborted) return
        const frame = sent.frame(this.#state(), false)
        yield frame
      }
    } finally {
      this.tabs -= 1
      this.#waiting.delete(abort.wake)
      options.signal.removeEventListener('abort', onAbort)
    }
  }

  #state(): State {
    return {
      seq: this.#journal.head,
      now: this.#clock.wall(),
      services: this.#registry.views.all(),
      edges: this.edges(),
      // What goes from hand to hand all day (locks, sagas) has pages and streams of its own, and would crowd out the rest.
      events: (cursor) => this.#journal.recent(cursor, EVENTS_MAX).filter(({ key }) => !BUSY.test(key)),
    }
  }
}

interface State {
  seq: number
  now: number
  services: Iterable<ServiceView>
  edges: EdgeView[]
  events(cursor: number): JournalEvent[]
}

/** What one tab already has. */
class Sent {
  #services = new Map<string, ServiceView>()
  #edges = new Map<string, EdgeView>()
  #seq = 0

  frame(state: State, full: boolean): LiveFrame {
    const services = difference(this.#services, state.services, (s) => s.name, Object.is)
    const edges = difference(this.#edges, state.edges, (e) => e.id, sameEdge)
    this.#services = services.all
    this.#edges = edges.all
    const events = full ? [] : state.events(this.#seq).map(({ value: _, ...event }) => event)
    this.#seq = state.seq
    return {
      full,
      seq: state.seq,
      now: state.now,
      services: services.changed,
      removedServices: services.removed,
      edges: edges.changed,
      removedEdges: edges.removed,
      events,
    }
  }
}

function difference<T>(
  before: Map<string, T>,
  now: Iterable<T>,
  key: (item: T) => string,
  same: (a: T, b: T) => boolean,
): { all: Map<string, T>; changed: T[]; removed: string[] } {
  const all = new Map<string, T>()
  const changed: T[] = []
  for (const item of now) {
    const id = key(item)
    const old = before.get(id)
    if (old !== undefined && same(old, item)) all.set(id, old)
    else {
      all.set(id, item)
      changed.push(item)
    }
  }
  const removed: string[] = []
  for (const id of before.keys()) if (!all.has(id)) removed.push(id)
  return { all, changed, removed }
}

/** An edge whose figures stand still is not sent again while it is fresh. */
function sameEdge(a: EdgeView, b: EdgeView): boolean {
  return (
    a.count === b.count &&
    a.errors === b.errors &&
    a.p99Ms === b.p99Ms &&
    a.p50Ms === b.p50Ms &&
    a.quality === b.quality &&
    Math.abs(a.ratePerSec - b.ratePerSec) < 0.005 &&
    Math.abs(a.ageMs - b.ageMs) < 5_000
  )
}
