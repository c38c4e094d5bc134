/** A control plane of a few procedures over real sockets, whose every answer a test decides. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { initTRPC, TRPCError, tracked } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { ConflictError, HoldfastError, NotFoundError, UnauthenticatedError } from '../core/errors.ts'
import type { JournalEvent } from '../core/event.ts'
import { type Instance, instanceKey } from '../core/instance.ts'
import type { Envelope, ServiceOptions } from './api.ts'

const pass = (value: unknown) => value as never

export function instance(id: string, change: Partial<Instance> = {}): Instance {
  return {
    id,
    service: 'inventory',
    address: '127.0.0.1:1',
    zone: null,
    version: null,
    tags: [],
    weight: 100,
    metadata: {},
    ttlMs: 15_000,
    check: null,
    deregisterAfterMs: 0,
    generation: 1,
    incarnation: 'test',
    owner: 'token:test',
    registeredAt: 0,
    lastHeartbeatAt: 0,
    heartbeat: 'live',
    reported: { status: 'ok', note: '' },
    checkState: null,
    checkOutput: '',
    maintenance: null,
    serviceMaintenance: null,
    drain: null,
    health: 'healthy',
    reason: 'heartbeats on time',
    healthSince: 0,
    flapping: false,
    revision: 1,
    ...change,
  }
}

interface Watcher {
  services: string[] | 'all'
  push: (message: unknown) => void
}

export class FakeControlPlane {
  readonly instances = new Map<string, Instance>()
  readonly journal: JournalEvent[] = []
  readonly calls: { path: string; input: Envelope<Record<string, unknown>> }[] = []
  /** cursors of the subscriptions that came, in order */
  readonly watches: { services: string[] | 'all'; lastEventId: string | undefined }[] = []
  /** thrown by the next call of a path instead of an answer */
  readonly refuse = new Map<string, HoldfastError>()
  /** paths that are never answered */
  readonly mute = new Set<string>()
  readonly tombstones = new Set<string>()
  token: string | undefined
  /** a snapshot is forced although the cursor could be resumed */
  forgetful = false
  /** nothing is answered any more, as by a peer behind a network that drops packets */
  silent = false
  seq = 0
  #generation = 0
  #port = 0
  #stop: (() => Promise<void>) | null = null
  #sockets = new Set<WebSocket>()
  #watchers = new Set<Watcher>()

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Listens; again on the same port after `stop`. */
  async start(): Promise<void> {
    const server = createServer()
    const wss = new WebSocketServer({ server, path: '/api/trpc' })
    wss.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    const isSilent = () => this.silent
    applyWSSHandler({
      wss,
      get dangerouslyDisablePong() {
        return isSilent()
      },
      router: this.#router(),
      createContext: ({ info }) => {
        if (this.token !== undefined && info.connectionParams?.token !== this.token) {
          const cause = new UnauthenticatedError('This token is not valid.')
          throw new TRPCError({ code: 'UNAUTHORIZED', message: cause.message, cause })
        }
        return {}
      },
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#stop = async () => {
      for (const socket of wss.clients) socket.terminate()
      wss.close()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  async stop(): Promise<void> {
    await this.#stop?.()
    this.#stop = null
  }

  /** Breaks every connection, as a network would. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate()
  }

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length
  }

  last(path: string): Envelope<Record<string, unknown>> | undefined {
    return this.calls.findLast((call) => call.path === path)?.input
  }

  put(value: Instance): void {
    this.instances.set(value.id, value)
    this.#emit(value.id, value.service, value)
  }

  remove(id: string): void {
    const before = this.instances.get(id)
    this.instances.delete(id)
    if (before) this.#emit(id, before.service, null)
  }

  #emit(id: string, service: string, value: Instance | null): void {
    const event: JournalEvent = {
      seq: ++this.seq,
      at: 0,
      kind: 'instance.changed',
      key: instanceKey(id),
      service,
      actor: 'test',
      summary: '',
      operationId: null,
      value,
    }
    this.journal.push(event)
    for (const watcher of this.#watchers) {
      if (watcher.services !== 'all' && !watcher.services.includes(service)) continue
      watcher.push({ type: 'events', seq: event.seq, events: [event], now: 0 })
    }
  }

  async #answer<T>(path: string, input: unknown, answer: () => T): Promise<T> {
    this.calls.push({ path, input: input as Envelope<Record<string, unknown>> })
    if (this.mute.has(path)) return await new Promise<T>(() => {})
    const refusal = this.refuse.get(path)
    try {
      if (refusal) {
        this.refuse.delete(path)
        throw refusal
      }
      return answer()
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      throw new TRPCError({ code: 'BAD_REQUEST', message: error.message, cause: error })
    }
  }

  #router() {
    const t = initTRPC.create({
      errorFormatter: ({ shape, error }) => ({
        ...shape,
        data: { ...shape.data, holdfast: error.cause instanceof HoldfastError ? error.cause.toJSON() : undefined },
      }),
    })
    const p = t.procedure.input(pass)
    return t.router({
      registry: {
        register: p.mutation(({ input }) =>
          this.#answer('registry.register', input, () => {
            const { data } = input as Envelope<ServiceOptions>
            const id = data.id ?? `${data.name}-${data.address}`
            const { name: service, address, ttlMs = 15_000 } = data
            const value = instance(id, { service, address, ttlMs, generation: ++this.#generation })
            this.put(value)
            return { instance: value, seq: this.seq, replayed: false, now: 0 }
          }),
        ),
        heartbeat: p.mutation(({ input }) =>
          this.#answer('registry.heartbeat', input, () => {
            const { id, generation } = (input as Envelope<{ id: string; generation: number }>).data
            if (this.tombstones.has(id)) {
              throw new NotFoundError(`"${id}" was deregistered by ada`, { details: { cause: 'deregistered' } })
            }
            const known = this.instances.get(id)
            if (!known) throw new NotFoundError(`"${id}" is not registered`, { details: { cause: 'unknown' } })
            if (known.generation !== generation) {
              throw new ConflictError(`"${id}" was registered again`, { details: { cause: 'superseded' } })
            }
            return { appliedSeq: this.seq }
          }),
        ),
        deregister: p.mutation(({ input }) =>
          this.#answer('registry.deregister', input, () => {
            this.remove((input as Envelope<{ id: string }>).data.id)
            return { seq: this.seq }
          }),
        ),
        discover: p.query(({ input }) =>
          this.#answer('registry.discover', input, () => {
            const { data, consistencyLevel } = input as Envelope<{ name: string }>
            const instances = [...this.instances.values()].filter((i) => i.service === data.name)
            const fresh = { level: consistencyLevel, appliedSeq: this.seq, headSeq: this.seq, staleMs: 0 }
            return { instances, lastResort: false, total: instances.length, ...fresh }
          }),
        ),
        watch: p.subscription(({ input, signal }) => {
          const { data, lastEventId } = input as { data: { services: string[] | 'all' }; lastEventId?: string }
          this.watches.push({ services: data.services, lastEventId })
          return this.#watch(data.services, this.forgetful ? undefined : lastEventId, lastEventId !== undefined, signal)
        }),
      },
      telemetry: {
        report: p.mutation(({ input }) =>
          this.#answer('telemetry.report', input, () => ({ accepted: 1, rejected: 0 })),
        ),
      },
    })
  }

  async *#watch(
    services: string[] | 'all',
    from: string | undefined,
    resync: boolean,
    signal: AbortSignal | undefined,
  ) {
    const queue: unknown[] = []
    let wake = () => {}
    const watcher: Watcher = {
      services,
      push: (message) => {
        queue.push(message)
        wake()
      },
    }
    const concerns = (service: string | null) => services === 'all' || (service !== null && services.includes(service))
    if (from === undefined) {
      const instances = [...this.instances.values()].filter((i) => concerns(i.service))
      queue.push({ type: 'snapshot', seq: this.seq, headSeq: this.seq, instances, services: [], resync, now: 0 })
    } else {
      const missed = this.journal.filter((e) => e.seq > Number(from) && concerns(e.service))
      if (missed.length > 0) queue.push({ type: 'events', seq: missed.at(-1)?.seq, events: missed, now: 0 })
    }
    this.#watchers.add(watcher)
    signal?.addEventListener('abort', () => wake())
    try {
      while (!signal?.aborted) {
        const message = queue.shift() as { seq: number } | undefined
        if (message) yield tracked(String(message.seq), message)
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      this.#watchers.delete(watcher)
    }
  }
}
