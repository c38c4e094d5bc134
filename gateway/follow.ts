/** Follows the control plane: the configuration and the instances of the services it names. */
import type { Fault } from '../core/gateway/fault.ts'
import type { GatewayConfig, GatewayMessage } from '../core/gateway/view.ts'
import type { Instance } from '../core/instance.ts'
import type { Holdfast } from '../sdk/holdfast.ts'
import { readCopy, writeCopy } from './copy.ts'
import type { MiddlewareKind } from './middleware.ts'
import type { Services } from './services.ts'
import { Table } from './table.ts'

export interface FollowOptions {
  holdfast: Holdfast
  services: Services
  kinds: ReadonlyMap<string, MiddlewareKind>
  copyPath: string | null
  /** whether this worker is the one that writes the copy */
  writes: boolean
  wall: () => number
}

const AGAIN_MS = 500
const WRITE_AFTER_MS = 500

export class Following {
  table: Table = Table.empty
  /** true once there is a configuration to run by, be it the copy of an earlier one */
  ready = false
  readonly #options: FollowOptions
  readonly #watched = new Map<string, () => void>()
  readonly #instances = new Map<string, Instance[]>()
  #config: GatewayConfig = { revision: 0, routes: [], faults: [] }
  /** the control plane's clock minus ours */
  #skewMs = 0
  #faults: readonly Fault[] = []
  #stop: (() => void) | null = null
  #again: NodeJS.Timeout | null = null
  #writing: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: FollowOptions) {
    this.#options = options
  }

  /** Begins with the copy, where there is one, and goes on with the control plane as soon as it answers. */
  start(): void {
    const { holdfast, copyPath, services } = this.#options
    const copy = readCopy(copyPath)
    if (copy) {
      for (const [name, instances] of Object.entries(copy.services)) services.upstreams.set(name, instances)
      this.#apply(copy.config)
    }
    holdfast.on('connected', () => this.#open())
    holdfast.on('disconnected', () => this.#end())
    if (holdfast.connected) this.#open()
  }

  stop(): void {
    this.#closed = true
    this.#end()
    for (const stop of this.#watched.values()) stop()
    if (this.#writing) this.#write()
  }

  /** Those that are on now; an end that has come holds although the control plane is away. */
  faults(): readonly Fault[] {
    if (this.#faults.length === 0) return this.#faults
    const now = this.#options.wall() + this.#skewMs
    if (this.#faults.some(({ expiresAt }) => expiresAt <= now)) {
      this.#faults = this.#faults.filter(({ expiresAt }) => expiresAt > now)
    }
    return this.#faults
  }

  #open(): void {
    if (this.#stop || this.#closed) return
    const again = () => {
      this.#end()
      if (!this.#closed) this.#again = setTimeout(() => this.#open(), AGAIN_MS).unref()
    }
    const subscription = this.#options.holdfast.trpc.gateway.watch.subscribe(
      { data: {} },
      {
        onData: (message) => {
          this.#skewMs = (message as GatewayMessage).now - this.#options.wall()
          this.#apply(message as GatewayMessage)
          this.#save()
        },
        onError: again,
        onComplete: again,
      },
    )
    this.#stop = () => subscription.unsubscribe()
  }

  #end(): void {
    if (this.#again) clearTimeout(this.#again)
    this.#again = null
    const stop = this.#stop
    this.#stop = null
    stop?.()
  }

  #apply(config: GatewayConfig): void {
    const { kinds, services } = this.#options
    this.#config = { revision: config.revision, routes: config.routes, faults: config.faults }
    this.#faults = config.faults
    this.table = Table.compile(config, kinds, services, this.table)
    for (const { route, problem } of this.table.problems) {
      services.log('warn', { route, problem }, 'a route cannot be taken')
    }
    this.#watch()
    this.ready = true
  }

  #watch(): void {
    const { holdfast, services } = this.#options
    const used = new Set<string>()
    for (const { spec, middleware } of this.table.routes.values()) {
      for (const { service, addresses } of spec.targets) {
        used.add(service === null ? `addresses:${addresses.join(',')}` : `service:${service}`)
      }
      for (const { made } of middleware) for (const key of made.uses ?? []) used.add(key)
    }
    services.upstreams.keep(used)
    const names = new Set(
      [...used].flatMap((key) => (key.startsWith('service:') ? [key.slice('service:'.length)] : [])),
    )
    for (const [name, stop] of this.#watched) {
      if (names.has(name)) continue
      stop()
      this.#watched.delete(name)
      this.#instances.delete(name)
    }
    for (const name of names) {
      if (this.#watched.has(name)) continue
      const stop = holdfast.watch(name, (instances) => {
        const list = [...instances]
        this.#instances.set(name, list)
        services.upstreams.set(name, list)
        this.#save()
      })
      this.#watched.set(name, stop)
    }
  }

  #save(): void {
    const { copyPath, writes } = this.#options
    if (copyPath === null || !writes || this.#writing) return
    this.#writing = setTimeout(() => this.#write(), WRITE_AFTER_MS).unref()
  }

  #write(): void {
    const { copyPath, services, wall } = this.#options
    if (this.#writing) clearTimeout(this.#writing)
    this.#writing = null
    if (copyPath === null) return
    try {
      const lists = Object.fromEntries(this.#instances)
      writeCopy(copyPath, { format: 1, at: wall(), config: this.#config, services: lists })
    } catch (error) {
      services.log('warn', { error, path: copyPath }, 'the copy of the configuration could not be written')
    }
  }
}
