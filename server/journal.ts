/**
 * The journal's tail: backfill, cutover, live. The newest entries are kept once for all readers, who hold only a cursor
 * into them; one that falls behind reads from the store, and one whose entries are gone is told to resync.
 */
import type { JournalEvent, JournalMessage } from '../core/event.ts'
import type { Store } from '../db/store.ts'

/** Entries kept in memory for all readers together. */
const RECENT_MAX = 4_096
/** Entries in one message. */
const BATCH_MAX = 500
/** A reader further behind than this is told to take a snapshot: it is cheaper for both. */
const LAG_MAX = 50_000

export interface TailFilter {
  /** null: every service */
  services: ReadonlySet<string> | null
  kinds?: ReadonlySet<string> | null
}

export interface TailOptions extends TailFilter {
  /** entries after this one */
  cursor: number
  signal: AbortSignal
  /** awaited before each batch, so that a slow reader is not sent more than it takes */
  ready?: (() => Promise<void>) | undefined
}

interface Reader extends TailOptions {
  pending: boolean
  wake: (() => void) | null
}

export class Journal {
  readonly #store: Store
  #recent: JournalEvent[] = []
  #head = 0
  readonly #all = new Set<Reader>()
  readonly #byService = new Map<string, Set<Reader>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Must run before the first reader; returns how to stop. */
  async start(): Promise<() => void> {
    const stop = this.#store.journal.onCommit((events) => this.#took(events))
    this.#head = await this.#store.journal.head()
    return stop
  }

  /** the newest entry this process has applied */
  get head(): number {
    return this.#head
  }

  /** The newest entries after `cursor` that are still in memory, oldest first, at most `limit`. */
  recent(cursor: number, limit: number): JournalEvent[] {
    return this.#recent.slice(Math.max(lowerBound(this.#recent, cursor), this.#recent.length - limit))
  }

  get readers(): number {
    let count = this.#all.size
    for (const readers of this.#byService.values()) count += readers.size
    return count
  }

  #took(events: readonly JournalEvent[]): void {
    const first = events[0]
    const last = events.at(-1)
    if (!first || !last) return
    this.#recent.push(...events)
    // Trimmed in strides: shifting at every commit would copy the array each time.
    if (this.#recent.length > RECENT_MAX * 2) this.#recent = this.#recent.slice(-RECENT_MAX)
    this.#head = last.seq
    for (const reader of this.#all) this.#notify(reader, first.seq)
    if (this.#byService.size === 0) return
    for (const event of events) {
      if (event.service === null) continue
      const readers = this.#byService.get(event.service)
      if (readers) for (const reader of readers) this.#notify(reader, first.seq)
    }
  }

  #notify(reader: Reader, firstSeq: number): void {
    if (reader.pending) return
    reader.pending = true
    // Nothing before this commit concerned the reader, or it would have been told: skip what it need not scan.
    if (reader.services !== null && reader.wake && reader.cursor < firstSeq - 1) reader.cursor = firstSeq - 1
    reader.wake?.()
  }

  #add(reader: Reader): void {
    if (reader.services === null) this.#all.add(reader)
    else {
      for (const service of reader.services) {
        let readers = this.#byService.get(service)
        if (!readers) {
          readers = new Set()
          this.#byService.set(service, readers)
        }
        readers.add(reader)
      }
    }
  }

  #delete(reader: Reader): void {
    this.#all.delete(reader)
    for (const service of reader.services ?? []) {
      const readers = this.#byService.get(service)
      readers?.delete(reader)
      if (readers?.size === 0) this.#byService.delete(service)
    }
  }

  /** Entries after `cursor` that match, in order, without gap or duplicate, or a resync. Ends with the signal. */
  async *tail(options: TailOptions): AsyncGenerator<JournalMessage, void, undefined> {
    const reader: Reader = { ...options, pending: true, wake: null }
    this.#add(reader)
    const abort = () => reader.wake?.()
    options.signal.addEventListener('abort', abort)
    try {
      while (!options.signal.aborted) {
        if (options.ready) await options.ready()
        if (options.signal.aborted) return
        if (!reader.pending) {
          await new Promise<void>((resolve) => {
            reader.wake = resolve
            if (reader.pending || options.signal.aborted) resolve()
          })
          reader.wake = null
          continue
        }
        reader.pending = false
        const message = await this.#next(reader)
        if (message) yield message
      }
    } finally {
      options.signal.removeEventListener('abort', abort)
      this.#delete(reader)
    }
  }

  async #next(reader: Reader): Promise<JournalMessage | null> {
    if (reader.cursor >= this.#head) {
      // A cursor from another database, or from before a restore: nothing here can continue it.
      if (reader.cursor === this.#head) return null
      return this.#resync(reader, 'this cursor is ahead of the journal')
    }
    if (this.#head - reader.cursor > LAG_MAX) return this.#resync(reader, 'too far behind to be sent one by one')
    let events: JournalEvent[]
    const oldest = this.#recent[0]
    if (oldest && reader.cursor >= oldest.seq - 1) {
      const from = lowerBound(this.#recent, reader.cursor)
      events = this.#recent.slice(from, from + BATCH_MAX)
    } else {
      const page = await this.#store.journal.after(reader.cursor, BATCH_MAX)
      if (reader.cursor < page.oldest - 1) return this.#resync(reader, 'those entries are no longer kept')
      events = page.events
    }
    const last = events.at(-1)
    if (!last) return null
    reader.cursor = last.seq
    if (reader.cursor < this.#head) reader.pending = true
    const matching = events.filter((event) => matches(reader, event))
    return matching.length > 0 ? { type: 'events', events: matching } : null
  }

  #resync(reader: Reader, reason: string): JournalMessage {
    reader.cursor = this.#head
    return { type: 'resync', seq: this.#head, reason }
  }
}

function matches(filter: TailFilter, event: JournalEvent): boolean {
  if (filter.services !== null && (event.service === null || !filter.services.has(event.service))) return false
  return !filter.kinds || filter.kinds.has(event.kind)
}

/** Index of the first entry with seq > cursor. */
function lowerBound(events: readonly JournalEvent[], cursor: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle] as JournalEvent).seq <= cursor) low = middle + 1
    else high = middle
  }
  return low
}
