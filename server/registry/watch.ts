/** Following services: a snapshot with its seq, then the journal's tail from there. */
import type { Clock } from '../../core/clock.ts'
import type { JournalEvent } from '../../core/event.ts'
import type { Instance, Service } from '../../core/instance.ts'
import type { Journal } from '../journal.ts'
import type { Registry } from '../registry.ts'

export type WatchMessage =
  | {
      type: 'snapshot'
      seq: number
      now: number
      /** true when it replaces what the reader had, because changes in between cannot be told one by one */
      resync: boolean
      instances: Instance[]
      services: Service[]
    }
  | { type: 'events'; seq: number; now: number; events: JournalEvent[] }

export interface WatchOptions {
  /** null: all */
  services: ReadonlySet<string> | null
  /** null: begin with a snapshot */
  cursor: number | null
  signal: AbortSignal
  ready: (() => Promise<void>) | undefined
}

export async function* watchRegistry(
  engines: { registry: Registry; journal: Journal; clock: Clock },
  options: WatchOptions,
): AsyncGenerator<WatchMessage, void, undefined> {
  const { registry, journal, clock } = engines
  const snapshot = (resync: boolean): WatchMessage & { type: 'snapshot' } => {
    const names = options.services === null ? registry.snapshot.serviceNames() : [...options.services]
    return {
      type: 'snapshot',
      // The copy and its seq are read in one turn of the event loop, so they belong together.
      seq: registry.snapshot.appliedSeq,
      now: clock.wall(),
      resync,
      instances: names.flatMap((name) => registry.snapshot.of(name)),
      services: names.flatMap((name) => registry.snapshot.services.get(name) ?? []),
    }
  }
  let cursor =
    options.cursor !== null && Number.isSafeInteger(options.cursor) && options.cursor >= 0 ? options.cursor : null
  let resync = options.cursor !== null && cursor === null
  while (!options.signal.aborted) {
    if (cursor === null) {
      const first = snapshot(resync)
      yield first
      cursor = first.seq
    }
    const { services, signal, ready } = options
    for await (const message of journal.tail({ cursor, services, signal, ready })) {
      if (message.type === 'resync') break
      const events = message.events.filter((e) => e.key.startsWith('instance/') || e.key.startsWith('service/'))
      const last = message.events.at(-1)
      if (last && events.length > 0) yield { type: 'events', seq: last.seq, now: clock.wall(), events }
    }
    cursor = null
    resync = true
  }
}
