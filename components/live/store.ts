/** What one tab knows of the fleet, kept current by frames. A plain class without React and without a clock of its own. */
import type { JournalEvent } from '@/core/event'
import type { EdgeView, LiveFrame, ServiceView } from '@/core/topology'

export type LiveEvent = Omit<JournalEvent, 'value'>

export const EVENTS_KEPT = 200
/** Frames come every second even when nothing changes: three missed ones are a broken stream. */
export const LATE_AFTER_MS = 4_000
export const OFFLINE_AFTER_MS = 12_000
/** `refresh` comes every second: a longer gap means that the tab itself was asleep, and heard nothing for that reason. */
const ASLEEP_AFTER_MS = 5_000

/** What the server page read, so that the first paint has data. */
export interface LiveInitial {
  services: ServiceView[]
  edges: EdgeView[]
  /** newest first */
  events: LiveEvent[]
  seq: number
  /** the server's wall clock */
  now: number
}

export type ConnectionStatus = 'live' | 'paused' | 'reconnecting' | 'offline'

export interface Connection {
  status: ConnectionStatus
  /** the user froze the view; the stream may be well or broken */
  paused: boolean
  /** age of what is shown, milliseconds */
  sinceMs: number
  /** the last journal entry that is shown */
  seq: number
  /** the server's wall clock now, estimated */
  now: number
  /** journal entries held back while paused */
  waiting: number
}

/** One consistent picture; never mutated, so that its parts can be compared by identity. */
export interface LiveState {
  services: ReadonlyMap<string, ServiceView>
  edges: ReadonlyMap<string, EdgeView>
  /** newest first */
  events: readonly LiveEvent[]
  seq: number
  /** the server's wall clock when the frame was made */
  serverNow: number
  /** this tab's monotonic clock when it came */
  receivedAt: number
}

/** What a reader depends on: `service:orders`, `edge:…`, or one of the collections. */
export type Topic = 'services' | 'edges' | 'events' | 'connection' | `service:${string}` | `edge:${string}`

export class LiveStore {
  readonly #monotonic: () => number
  readonly #listeners = new Map<Topic, Set<() => void>>()
  #latest: LiveState
  #shown: LiveState
  #paused = false
  #refreshedAt: number
  /** since when a frame could have been heard */
  #awakeAt: number
  #connection: Connection
  #serviceList: { of: LiveState['services']; list: readonly ServiceView[] } | null = null
  #edgeList: { of: LiveState['edges']; list: readonly EdgeView[] } | null = null

  /** `monotonic`: milliseconds that never run backwards. */
  constructor(initial: LiveInitial, monotonic: () => number) {
    this.#monotonic = monotonic
    this.#latest = {
      services: new Map(initial.services.map((service) => [service.name, service])),
      edges: new Map(initial.edges.map((edge) => [edge.id, edge])),
      events: initial.events.slice(0, EVENTS_KEPT),
      seq: initial.seq,
      serverNow: initial.now,
      receivedAt: monotonic(),
    }
    this.#shown = this.#latest
    this.#refreshedAt = this.#latest.receivedAt
    this.#awakeAt = this.#latest.receivedAt
    this.#connection = { status: 'live', paused: false, sinceMs: 0, seq: initial.seq, now: initial.now, waiting: 0 }
  }

  get shown(): LiveState {
    return this.#shown
  }

  /** The picture behind a pause; equals `shown` otherwise. */
  get latest(): LiveState {
    return this.#latest
  }

  get connection(): Connection {
    return this.#connection
  }

  /** Services by name; the same array until one of them changes. */
  get serviceList(): readonly ServiceView[] {
    if (this.#serviceList?.of !== this.#shown.services) {
      const list = [...this.#shown.services.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
      this.#serviceList = { of: this.#shown.services, list }
    }
    return this.#serviceList.list
  }

  get edgeList(): readonly EdgeView[] {
    if (this.#edgeList?.of !== this.#shown.edges) {
      const list = [...this.#shown.edges.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      this.#edgeList = { of: this.#shown.edges, list }
    }
    return this.#edgeList.list
  }

  subscribe(topic: Topic, listener: () => void): () => void {
    let listeners = this.#listeners.get(topic)
    if (!listeners) {
      listeners = new Set()
      this.#listeners.set(topic, listeners)
    }
    const own = listeners
    own.add(listener)
    return () => {
      own.delete(listener)
      if (own.size === 0 && this.#listeners.get(topic) === own) this.#listeners.delete(topic)
    }
  }

  /** Returns whether journal entries may have been missed before this frame: see `fill`. */
  apply(frame: LiveFrame): boolean {
    const before = this.#latest
    // An older head than we know: the control plane was restored from a copy, and our entries are of another history.
    const restored = frame.seq < before.seq
    this.#latest = {
      services: patched(before.services, frame.services, (s) => s.name, frame.full ? 'all' : frame.removedServices),
      edges: patched(before.edges, frame.edges, (e) => e.id, frame.full ? 'all' : frame.removedEdges),
      events: merged(restored ? [] : before.events, frame.events),
      seq: frame.seq,
      serverNow: frame.now,
      receivedAt: this.#monotonic(),
    }
    if (!this.#paused) this.#show()
    return frame.full && frame.seq !== before.seq
  }

  /** Entries that the stream skipped while the tab was away, from the journal; in any order. */
  fill(events: readonly LiveEvent[]): void {
    this.#latest = { ...this.#latest, events: merged(this.#latest.events, events) }
    if (!this.#paused) this.#show()
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.refresh()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#show()
    this.refresh()
  }

  /** Works out ages and the state of the connection; called once a second, and when something breaks or returns. */
  refresh(): void {
    const mono = this.#monotonic()
    if (mono - this.#refreshedAt > ASLEEP_AFTER_MS) this.#awakeAt = mono
    this.#refreshedAt = mono
    const ageMs = mono - this.#latest.receivedAt
    const silentMs = mono - Math.max(this.#latest.receivedAt, this.#awakeAt)
    const next: Connection = {
      status:
        silentMs >= OFFLINE_AFTER_MS
          ? 'offline'
          : ageMs >= LATE_AFTER_MS
            ? 'reconnecting'
            : this.#paused
              ? 'paused'
              : 'live',
      paused: this.#paused,
      sinceMs: Math.round(mono - this.#shown.receivedAt),
      seq: this.#shown.seq,
      now: Math.round(this.#latest.serverNow + ageMs),
      waiting: Math.max(0, this.#latest.seq - this.#shown.seq),
    }
    this.#connection = next
    this.#notify('connection')
  }

  #show(): void {
    const before = this.#shown
    const now = this.#latest
    this.#shown = now
    this.#notifyChanged(before.services, now.services, 'services', 'service')
    this.#notifyChanged(before.edges, now.edges, 'edges', 'edge')
    if (before.events !== now.events) this.#notify('events')
    if (this.#connection.status === 'reconnecting' || this.#connection.status === 'offline') this.refresh()
  }

  #notifyChanged<T>(
    before: ReadonlyMap<string, T>,
    now: ReadonlyMap<string, T>,
    all: 'services' | 'edges',
    one: 'service' | 'edge',
  ): void {
    if (before === now) return
    this.#notify(all)
    for (const [key, value] of now) if (before.get(key) !== value) this.#notify(`${one}:${key}`)
    for (const key of before.keys()) if (!now.has(key)) this.#notify(`${one}:${key}`)
  }

  #notify(topic: Topic): void {
    const listeners = this.#listeners.get(topic)
    if (listeners) for (const listener of [...listeners]) listener()
  }
}

/** `remove: 'all'`: `changed` is everything there is. An item that says the same as before keeps its identity. */
function patched<T>(
  before: ReadonlyMap<string, T>,
  changed: readonly T[],
  key: (item: T) => string,
  remove: readonly string[] | 'all',
): ReadonlyMap<string, T> {
  if (changed.length === 0 && remove !== 'all' && remove.length === 0) return before
  const after = new Map(remove === 'all' ? [] : before)
  if (remove !== 'all') for (const id of remove) after.delete(id)
  for (const item of changed) {
    const old = before.get(key(item))
    after.set(key(item), old !== undefined && JSON.stringify(old) === JSON.stringify(item) ? old : item)
  }
  if (after.size !== before.size) return after
  for (const [id, item] of after) if (before.get(id) !== item) return after
  return before
}

/** Newest first, each once, bounded. */
function merged(before: readonly LiveEvent[], more: readonly LiveEvent[]): readonly LiveEvent[] {
  const known = new Set(before.map((event) => event.seq))
  const fresh = more.filter((event) => !known.has(event.seq))
  if (fresh.length === 0) return before
  return [...before, ...fresh].sort((a, b) => b.seq - a.seq).slice(0, EVENTS_KEPT)
}
