/** The gateway as the control plane sees it: what is configured, what its workers tell, and what is shown of both. */
import type { Clock } from '../core/clock.ts'
import { ServiceUnavailableError, TimeoutError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import type { MiddlewareSpec } from '../core/gateway/catalog.ts'
import type { Fault } from '../core/gateway/fault.ts'
import type { Route } from '../core/gateway/route.ts'
import type {
  GatewayMessage,
  RequestEntry,
  RequestTrace,
  RouteCounts,
  RouteView,
  WorkerView,
} from '../core/gateway/view.ts'
import type { Store } from '../db/store.ts'
import { told } from './gateway/change.ts'
import { concernsOf } from './gateway/concerns.ts'
import { endFault } from './gateway/faults.ts'
import { Followers } from './gateway/followers.ts'
import { Observed } from './gateway/observed.ts'
import { RequestLog } from './gateway/request-log.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'

/** A worker that has not reported for so long is gone. */
const WORKER_LOST_MS = 10_000
const WORKERS_MAX = 256

export interface WorkerReport {
  instance: string
  worker: number
  pid: number
  startedAt: number
  revision: number | null
  problems: { route: string; problem: string }[]
  connections: number
  inFlight: number
  memoryMB: number
  cpu: number
  /** asks for a trace of a request that carries it; known to the control plane alone */
  traceKey: string
  /** where the control plane reaches this gateway for a try */
  address: string
  routes: RouteCounts[]
  entries: RequestEntry[]
  traces: { test: string; trace: RequestTrace }[]
  /** besides the built-in ones */
  middleware: MiddlewareSpec[]
}

interface Worker extends Omit<WorkerReport, 'routes' | 'entries' | 'traces'> {
  heardAt: number
}

export interface GatewayOptions {
  store: Store
  clock: Clock
  log: Log
  registry: Registry
}

export class Gateway {
  readonly log: RequestLog = new RequestLog()
  readonly #options: GatewayOptions
  readonly #observed: Observed
  readonly #followers = new Followers()
  readonly #workers = new Map<string, Worker>()
  readonly #traces = new Map<string, (trace: RequestTrace) => void>()
  #routes = new Map<string, Route>()
  #faults: Fault[] = []
  #revision = 0
  #seq = 0
  #reloading: Promise<void> | null = null
  #again = false
  #stop: (() => void) | null = null

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#observed = new Observed(options.clock)
  }

  /** Loads what is committed; must run before the first reader. */
  async start(): Promise<void> {
    this.#stop = this.#options.store.journal.onCommit((events) => this.#committed(events))
    await this.#load()
  }

  stop(): void {
    this.#stop?.()
    this.#followers.stop()
  }

  get revision(): number {
    return this.#revision
  }

  get appliedSeq(): number {
    return this.#seq
  }

  get faults(): readonly Fault[] {
    return this.#faults
  }

  /** Custom middlewares, as any worker that is there has told of them. */
  get middleware(): MiddlewareSpec[] {
    const specs = new Map<string, MiddlewareSpec>()
    for (const worker of this.#workers.values()) for (const spec of worker.middleware) specs.set(spec.name, spec)
    return [...specs.values()]
  }

  /** Whole, keys' hashes included: for workers only. */
  follow(options: { signal: AbortSignal; ready?: (() => Promise<void>) | undefined }) {
    return this.#followers.follow(() => this.#message([...this.#routes.values()]), options)
  }

  /** Faults alone, for services that make the calls of an edge. */
  followFaults(service: string, options: { signal: AbortSignal; ready?: (() => Promise<void>) | undefined }) {
    return this.#followers.follow(() => {
      const message = this.#message([])
      return {
        seq: message.seq,
        now: message.now,
        faults: message.faults.filter(({ target }) => 'caller' in target && target.caller === service),
      }
    }, options)
  }

  #message(routes: Route[]): GatewayMessage {
    const { clock } = this.#options
    return { seq: this.#seq, revision: this.#revision, routes, faults: this.#faults, now: clock.wall() }
  }

  route(id: string): RouteView | null {
    const route = this.#routes.get(id)
    return route ? this.#view(route) : null
  }

  /** For counters that only grow. */
  totals() {
    return this.#observed.totals()
  }

  routes(): RouteView[] {
    return [...this.#routes.values()].map((route) => this.#view(route))
  }

  #view(route: Route): RouteView {
    const { registry } = this.#options
    const sums = this.#observed.of(route.id)
    let routable = 0
    let instances = 0
    for (const target of route.targets) {
      const service = target.service === null ? null : registry.views.get(target.service)
      routable += service ? service.routable : target.addresses.length
      instances += service ? service.total : target.addresses.length
    }
    const observed = { ...sums, routable, instances }
    const workers = this.workers()
    return { route: told(route), observed: { ...observed, concerns: concernsOf(route, observed, workers, registry) } }
  }

  workers(): WorkerView[] {
    const now = this.#options.clock.monotonic()
    return [...this.#workers.values()]
      .map(({ heardAt, traceKey: _key, address: _address, ...worker }) => ({
        ...worker,
        ageMs: Math.round(now - heardAt),
      }))
      .sort((a, b) => (a.instance < b.instance ? -1 : 1))
  }

  /** Takes in what a worker tells once a second. */
  report({ routes, entries, traces, ...worker }: WorkerReport): void {
    if (!this.#workers.has(worker.instance) && this.#workers.size >= WORKERS_MAX) {
      throw new ServiceUnavailableError(`There are ${WORKERS_MAX} workers of the gateway already.`, {
        retryAfterMs: 10_000,
      })
    }
    this.#workers.set(worker.instance, { ...worker, heardAt: this.#options.clock.monotonic() })
    for (const counts of routes) {
      if (counts.id === '' || this.#routes.has(counts.id)) this.#observed.add(worker.instance, counts)
    }
    this.log.add(entries)
    for (const { test, trace } of traces) this.#traces.get(test)?.(trace)
  }

  /** A worker says goodbye. */
  gone(instance: string): void {
    this.#workers.delete(instance)
  }

  /** Where the gateway takes requests, as its newest worker tells; null: none is there. */
  get url(): string | null {
    const newest = this.#newest()
    return newest ? `http://${newest.address}` : null
  }

  #newest(): Worker | undefined {
    return [...this.#workers.values()].sort((a, b) => b.heardAt - a.heardAt)[0]
  }

  /** A worker to send a request through. @throws ServiceUnavailableError when none is there */
  door(): { address: string; traceKey: string } {
    const newest = this.#newest()
    if (!newest) {
      throw new ServiceUnavailableError(
        'No worker of the gateway is connected. Is it running? HOLDFAST_GATEWAY_WORKERS must be above 0.',
      )
    }
    return newest
  }

  /** The trace of the request that carries `test`. @throws TimeoutError */
  traced(test: string, timeoutMs: number): Promise<RequestTrace> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#traces.delete(test)
        reject(new TimeoutError('The request was answered, but its trace did not come. Is the gateway restarting?'))
      }, timeoutMs)
      this.#traces.set(test, (trace) => {
        clearTimeout(timer)
        this.#traces.delete(test)
        resolve(trace)
      })
    })
  }

  /** Ends faults whose time is over, forgets workers that are gone, and lets watchers of the log look. */
  async tick(): Promise<void> {
    const { clock, store } = this.#options
    this.log.tick()
    const now = clock.monotonic()
    for (const [id, { heardAt }] of this.#workers) if (now - heardAt > WORKER_LOST_MS) this.#workers.delete(id)
    this.#observed.forget(new Set(this.#routes.keys()))
    const over = this.#faults.filter(({ expiresAt }) => expiresAt <= clock.wall())
    for (const { id } of over) {
      await store.transact({ actor: 'system', operationId: null }, async (tx) => {
        if (await tx.q.gateway.fault(id)) await endFault(tx, id, null)
      })
    }
  }

  #committed(events: readonly JournalEvent[]): void {
    if (!events.some(({ key }) => key.startsWith('route/') || key.startsWith('fault/'))) return
    this.#again = true
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = null
    })
  }

  /** The journal has no keys in it, so what changed is read from the tables. */
  async #reload(): Promise<void> {
    while (this.#again) {
      this.#again = false
      try {
        await this.#load()
      } catch (error) {
        this.#options.log.error({ error }, 'the configuration of the gateway could not be read')
        return
      }
      this.#followers.changed()
    }
  }

  async #load(): Promise<void> {
    const loaded = await this.#options.store.read(async (tx) => ({
      seq: await tx.head(),
      revision: await tx.q.gateway.revision(),
      routes: await tx.q.gateway.routes(),
      faults: await tx.q.gateway.faults(),
    }))
    this.#seq = loaded.seq
    this.#revision = loaded.revision
    this.#routes = new Map(loaded.routes.map((route) => [route.id, route]))
    this.#faults = loaded.faults
  }

  /** Resolves when everything committed so far is in what is shown. */
  async settled(): Promise<void> {
    await this.#reloading
  }
}
