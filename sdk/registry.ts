import { randomUUID } from 'node:crypto'
import { HoldfastError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { Random } from '../core/random.ts'
import type { ServiceOptions } from './api.ts'
import type { Connection } from './connection.ts'
import type { Events } from './events.ts'
import type { Time } from './time.ts'

/** Names one start of this process, so that the registry can tell a restart from a second process with the same id. */
const INCARNATION = randomUUID()
const TTL_DEFAULT_MS = 15_000
/** Heartbeats are spread by a tenth either way, so that a fleet that started together does not beat together. */
const JITTER = 0.1
const RETRY_MS = 1_000

export type ReportedStatus = 'ok' | 'warning' | 'draining'

/** In: registered, or on the way. Out: for good, until this process starts anew. */
type State = 'idle' | 'in' | 'out'

/** Keeps one service registered: registers, beats, and registers again when the registry has lost it. */
export class Registration {
  readonly #connection: Connection
  readonly #time: Time
  readonly #random: Random
  readonly #events: Events
  readonly #service: ServiceOptions
  readonly #requestTimeoutMs: number
  readonly #noteHead: (seq: number) => void
  #state: State = 'idle'
  #instance: Instance | null = null
  #status: ReportedStatus = 'ok'
  #note = ''
  #registering: Promise<Instance> | null = null
  /** the same for every attempt at one registration, so that a lost answer makes no second one */
  #operationId: string | null = null
  #beating = false
  #cancelBeat: (() => void) | null = null

  constructor(
    parts: { connection: Connection; time: Time; random: Random; events: Events; noteHead: (seq: number) => void },
    service: ServiceOptions,
    requestTimeoutMs: number,
  ) {
    this.#connection = parts.connection
    this.#time = parts.time
    this.#random = parts.random
    this.#events = parts.events
    this.#noteHead = parts.noteHead
    const zone = service.zone ?? service.metadata?.zone
    this.#service = { ...service, ttlMs: service.ttlMs ?? TTL_DEFAULT_MS, ...(zone === undefined ? {} : { zone }) }
    this.#requestTimeoutMs = requestTimeoutMs
  }

  /** The instance as it was last registered; null before, and when it is out for good. */
  get instance(): Instance | null {
    return this.#state === 'in' ? this.#instance : null
  }

  get name(): string {
    return this.#service.name
  }

  /** Registers for the first time. Throws what the registry answers. */
  async start(): Promise<Instance> {
    this.#state = 'in'
    return await this.#register()
  }

  /** To be called when the connection is open: a heartbeat tells whether the registry still knows us. */
  connectionOpened(): void {
    if (this.#state === 'in') this.#beatSoon(0)
  }

  connectionClosed(): void {
    this.#cancelBeat?.()
    this.#cancelBeat = null
  }

  /** What is said of this service with every heartbeat from now on; told at once. */
  async report(status: ReportedStatus, note: string): Promise<void> {
    this.#status = status
    this.#note = note.slice(0, 200)
    if (this.#state !== 'in' || !this.#instance || !this.#connection.isOpen) return
    await this.#beat()
  }

  /** Takes the service out. Quietly without a connection: the TTL will do it. */
  async stop(timeoutMs: number): Promise<void> {
    const instance = this.#instance
    const wasIn = this.#state === 'in'
    this.#state = 'out'
    this.connectionClosed()
    await this.#registering?.catch(() => undefined)
    const { id, generation } = this.#instance ?? instance ?? { id: '', generation: 0 }
    if (!wasIn || id === '' || !this.#connection.isOpen) return
    try {
      await this.#connection.call('registry.deregister', { data: { id, generation } }, timeoutMs)
      this.#events.emit('deregistered', { id, by: 'close', message: 'closed by its own process' })
    } catch (error) {
      this.#events.emit('problem', { during: 'deregistering', error: error as Error })
    }
  }

  #register(): Promise<Instance> {
    this.#registering ??= this.#registerOnce().finally(() => {
      this.#registering = null
    })
    return this.#registering
  }

  async #registerOnce(): Promise<Instance> {
    this.#operationId ??= randomUUID()
    const again = this.#instance !== null
    const operation = {
      id: this.#operationId,
      timestamp: this.#time.wall(),
      data: { ...this.#service, incarnation: INCARNATION },
    }
    try {
      const answer = await this.#connection.call('registry.register', operation, this.#requestTimeoutMs)
      this.#operationId = null
      this.#instance = answer.instance
      this.#noteHead(answer.seq)
    } catch (error) {
      // Only with an unknown outcome may the same operation be asked for again.
      if (!isUnknown(error)) this.#operationId = null
      throw error
    }
    const { id, generation } = this.#instance
    if (this.#state === 'in') {
      this.#events.emit('registered', { id, generation, again })
      // A new generation begins as "ok" in the registry.
      this.#beatSoon(this.#status === 'ok' ? this.#intervalMs() : 0)
    }
    return this.#instance
  }

  #intervalMs(): number {
    const ttlMs = this.#instance?.ttlMs ?? TTL_DEFAULT_MS
    return (ttlMs / 3) * (1 - JITTER + 2 * JITTER * this.#random())
  }

  #beatSoon(delayMs: number): void {
    this.#cancelBeat?.()
    this.#cancelBeat = this.#time.after(delayMs, () => {
      this.#cancelBeat = null
      void this.#next()
    })
  }

  async #next(): Promise<void> {
    if (this.#state !== 'in' || !this.#connection.isOpen) return
    try {
      if (this.#instance) await this.#beat()
      else await this.#register()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #beat(): Promise<void> {
    const instance = this.#instance
    if (!instance || this.#beating) return
    this.#beating = true
    try {
      const { id, generation } = instance
      const status = this.#status === 'ok' ? {} : { status: this.#status, note: this.#note }
      const timeoutMs = Math.min(this.#requestTimeoutMs, instance.ttlMs > 0 ? instance.ttlMs / 3 : Number.MAX_VALUE)
      const answer = await this.#connection.call(
        'registry.heartbeat',
        { data: { id, generation, ...status } },
        timeoutMs,
      )
      this.#noteHead(answer.appliedSeq)
      if (this.#state === 'in' && instance.ttlMs > 0) this.#beatSoon(this.#intervalMs())
    } catch (error) {
      if (this.#state === 'in') await this.#refused(error)
    } finally {
      this.#beating = false
    }
  }

  /** What a refused heartbeat means: lost (register again), put out by a person, taken over, or just no answer. */
  async #refused(error: unknown): Promise<void> {
    if (!(error instanceof HoldfastError) || error.code !== 'NOT_FOUND' || error.details?.cause === 'deregistered') {
      this.#failed(error)
      return
    }
    try {
      await this.#register()
    } catch (failure) {
      this.#failed(failure)
    }
  }

  #failed(error: unknown): void {
    if (this.#state !== 'in') return
    const cause = error instanceof HoldfastError ? error.details?.cause : undefined
    const message = error instanceof Error ? error.message : String(error)
    const id = this.#instance?.id ?? this.#service.id ?? this.#service.name
    if (cause === 'deregistered') {
      this.#state = 'out'
      this.#events.emit('deregistered', { id, by: 'operator', message })
    } else if (cause === 'superseded') {
      this.#state = 'out'
      this.#events.emit('superseded', { id, message })
    } else if (this.#connection.isOpen) {
      // Without a connection the next one brings a heartbeat of its own.
      this.#events.emit('problem', { during: 'keeping the registration', error: error as Error })
      const wait = error instanceof HoldfastError ? error.retryAfterMs : undefined
      this.#beatSoon(Math.max(wait ?? 0, RETRY_MS * (0.5 + this.#random())))
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof HoldfastError && (error.code === 'NETWORK' || error.code === 'TIMEOUT')
}
