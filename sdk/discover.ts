import type { ConsistencyLevel } from '../core/consistency.ts'
import { ConsistencyError, HoldfastError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { DiscoverFilter } from './api.ts'
import type { Connection } from './connection.ts'
import type { Copy } from './copy.ts'
import { Discovered } from './discovered.ts'
import type { Events } from './events.ts'
import { assertServiceName } from './names.ts'
import { differsMaterially, select } from './select.ts'
import type { Sync } from './sync.ts'

export interface DiscoverOptions extends DiscoverFilter {
  /** default `eventual`: the local copy, without a round trip once the service is followed */
  consistency?: ConsistencyLevel | undefined
  /** how long to wait for the first copy or the server's answer; default 5,000 */
  timeoutMs?: number | undefined
}

export type WatchCallback = (instances: Discovered) => void

const NO_FILTER: DiscoverFilter = {}

/** Finds instances: in the local copy, or at the server where another level than `eventual` is asked for. */
export class Discovery {
  readonly #connection: Connection
  readonly #sync: Sync
  readonly #events: Events
  readonly #timeoutMs: number
  /** answers without a filter, made anew only when the service has changed */
  readonly #lists = new Map<string, { from: readonly Instance[]; copy: Copy; list: Discovered }>()

  constructor(connection: Connection, sync: Sync, events: Events, timeoutMs: number) {
    this.#connection = connection
    this.#sync = sync
    this.#events = events
    this.#timeoutMs = timeoutMs
  }

  async discover(name: string, options?: DiscoverOptions): Promise<Discovered> {
    if (options === undefined) return this.local(name) ?? (await this.#first(name, NO_FILTER, this.#timeoutMs))
    const { consistency = 'eventual', timeoutMs = this.#timeoutMs, ...filter } = options
    if (consistency !== 'eventual') return await this.#ask(name, filter, consistency, timeoutMs)
    return this.local(name, filter) ?? (await this.#first(name, filter, timeoutMs))
  }

  /** The local copy at once; undefined while the service has not been seen. */
  local(name: string, filter: DiscoverFilter = NO_FILTER): Discovered | undefined {
    const copy = this.#sync.copyOf(name)
    if (!copy) return undefined
    const all = copy.of(name)
    if (!isPlain(filter)) return listed(all, filter, copy)
    const cached = this.#lists.get(name)
    if (cached && cached.copy === copy && (cached.from === all || (cached.from.length === 0 && all.length === 0))) {
      return cached.list
    }
    const list = listed(all, filter, copy)
    this.#lists.set(name, { from: all, copy, list })
    return list
  }

  /**
   * Calls back with the present list as soon as it is known, then whenever it changes in anything a caller would act
   * on. The returned function ends it.
   */
  watch(name: string, callback: WatchCallback, filter: DiscoverFilter = NO_FILTER): () => void {
    assertServiceName(name)
    let last: Discovered | undefined
    let ended = false
    const look = () => {
      if (ended) return
      const list = this.local(name, filter)
      if (!list || list === last) return
      if (last && last.lastResort === list.lastResort && !differsMaterially(last, list)) return
      last = list
      this.#events.guard(`watch("${name}")`, () => callback(list))
    }
    const off = this.#sync.onChange((touched) => {
      if (touched === null || touched.has(name)) look()
    })
    this.follow(name)
    queueMicrotask(look)
    return () => {
      ended = true
      off()
    }
  }

  /** Follows a service from now on, without waiting. */
  follow(name: string): void {
    assertServiceName(name)
    this.#sync.want(name)
  }

  async #first(name: string, filter: DiscoverFilter, timeoutMs: number): Promise<Discovered> {
    assertServiceName(name)
    const copy = await this.#sync.follow(name, timeoutMs)
    return this.local(name, filter) ?? listed(copy.of(name), filter, copy)
  }

  async #ask(name: string, filter: DiscoverFilter, level: ConsistencyLevel, timeoutMs: number): Promise<Discovered> {
    const data = { ...defined(filter), name }
    try {
      const answer = await this.#connection.call('registry.discover', { data, consistencyLevel: level }, timeoutMs)
      this.#sync.noteHead(answer.headSeq)
      const { instances, level: got, lastResort, total } = answer
      return Discovered.list(instances, { level: got, lastResort, total }, answer)
    } catch (error) {
      if (!(error instanceof HoldfastError) || (error.code !== 'NETWORK' && error.code !== 'TIMEOUT')) throw error
      throw new ConsistencyError(
        `"${name}" cannot be read at level "${level}" now: ${error.message}. The level "eventual" answers from the local copy.`,
        { retryable: true },
      )
    }
  }
}

function listed(all: readonly Instance[], filter: DiscoverFilter, copy: Copy): Discovered {
  const { instances, lastResort, total } = select(all, filter)
  return Discovered.list(instances, { level: 'eventual', lastResort, total }, copy)
}

function isPlain(filter: DiscoverFilter): boolean {
  if (filter === NO_FILTER) return true
  const { tags, metadata, zone, health, limit } = filter
  return !tags && !metadata && zone === undefined && limit === undefined && health !== 'all'
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T
}
