import { WebSocket } from 'ws'
import { type BackoffConfig, fullJitter } from '../core/backoff.ts'
import { type HoldfastError, NetworkError, UnauthenticatedError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { type Api, type ApiPath, type Envelope, KINDS } from './api.ts'
import { Outbox } from './outbox.ts'
import { PendingCalls } from './pending.ts'
import type { Time } from './time.ts'
import { errorFromWire, type Incoming, type OperationKind, parseFrame, trpcSocketUrl } from './wire.ts'

/** Capped, then jittered: 5 s at most, so that a control plane that comes back is found well within a usual TTL. */
export const RECONNECT: BackoffConfig = { initialDelayMs: 100, maxDelayMs: 5_000, multiplier: 2 }
const HANDSHAKE_MS = 5_000
/** After this much silence a PING asks whether anyone is there; after as much again the connection is given up. */
export const SILENCE_MS = 2_500
/** The control plane closes with this code when what one signed in with was taken back. */
const CLOSED_REVOKED = 4401

export interface SubscriptionHandlers {
  /** The server has accepted it. */
  started?(): void
  /** `id`: the cursor of a tracked message */
  data(data: unknown, id: string | undefined): void
  /** The server ended it; null: without an error. Not called when the connection breaks. */
  ended(error: HoldfastError | null): void
}

export interface ConnectionHooks {
  opened(attempts: number): void
  /** `retryInMs`: null when closed for good */
  closed(reason: HoldfastError, retryInMs: number | null): void
}

/**
 * The one WebSocket to the control plane: tRPC 11's protocol, calls and subscriptions multiplexed. Sends at the end of
 * the turn, fails calls at once while the control plane is away, and notices a silent peer. tRPC's own client waits for
 * a timer before it sends, hides whether it is connected and keeps the process alive by its timers. Measured, client
 * and server in one process: one call after another 17,000/s here and 730/s there, 32 in flight 31,000/s and 12,000/s.
 */
export class Connection {
  readonly #url: string
  readonly #token: string | undefined
  readonly #time: Time
  readonly #random: Random
  readonly #hooks: ConnectionHooks
  readonly #pending: PendingCalls
  readonly #outbox = new Outbox((frame) => {
    if (this.#open) this.#socket?.send(frame)
  })
  readonly #subscriptions = new Map<number, SubscriptionHandlers>()
  #socket: WebSocket | null = null
  #open = false
  #closed = false
  #started = false
  #attempts = 0
  #nextId = 1
  #heardAt = 0
  #frames = 0
  #refusal: HoldfastError | null = null
  #cancelRetry: (() => void) | null = null
  #cancelSilence: (() => void) | null = null

  constructor(url: string, token: string | undefined, time: Time, random: Random, hooks: ConnectionHooks) {
    this.#url = trpcSocketUrl(url)
    this.#token = token
    this.#time = time
    this.#random = random
    this.#hooks = hooks
    this.#pending = new PendingCalls(time)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Milliseconds since the control plane was last heard, on the monotonic clock. */
  get silenceMs(): number {
    return this.#time.monotonic() - this.#heardAt
  }

  /** Begins to connect, and to connect again whenever the connection breaks; once is enough. */
  start(): void {
    if (this.#started || this.#closed) return
    this.#started = true
    this.#connect()
  }

  /**
   * Calls a procedure. Throws the server's own error; NetworkError at once when there is no connection, and when it
   * breaks before the answer (the outcome is then unknown); TimeoutError after `timeoutMs`.
   */
  call<P extends ApiPath>(path: P, input: Envelope<Api[P]['data']>, timeoutMs: number): Promise<Api[P]['output']> {
    return this.request(KINDS[path], path, input, timeoutMs) as Promise<Api[P]['output']>
  }

  request(kind: OperationKind, path: string, input: unknown, timeoutMs: number): Promise<unknown> {
    if (!this.#open) return Promise.reject(new NetworkError('There is no connection to the control plane just now'))
    const id = this.#nextId++
    this.#outbox.add({ id, method: kind, params: { path, input } })
    return this.#pending.add(id, path, timeoutMs)
  }

  /**
   * Opens a subscription that lives as long as this connection does; whoever wants it longer opens it again. What is returned
   * ends it; with `linger` what is under way still comes, then `ended`.
   */
  subscribe(
    path: string,
    input: unknown,
    lastEventId: string | undefined,
    handlers: SubscriptionHandlers,
  ): (linger?: boolean) => void {
    const id = this.#nextId++
    this.#subscriptions.set(id, handlers)
    this.#outbox.add({
      id,
      method: 'subscription',
      params: { path, input, ...(lastEventId === undefined ? {} : { lastEventId }) },
    })
    return (linger = false) => {
      const isThere = linger ? this.#subscriptions.has(id) : this.#subscriptions.delete(id)
      if (isThere && this.#open) this.#outbox.add({ id, method: 'subscription.stop' })
    }
  }

  /** Ends for good. Calls without an answer fail with a NetworkError. */
  close(): void {
    if (this.#closed) return
    this.#outbox.flush()
    this.#closed = true
    this.#cancelRetry?.()
    const socket = this.#socket
    const wasOpen = this.#open
    this.#lose(new NetworkError('The connection to the control plane was closed by this process'))
    if (!socket) return
    if (!wasOpen) {
      socket.terminate()
      return
    }
    socket.close(1000)
    // A peer that does not answer the closing handshake must not hold the process up: ws waits for 30 s.
    const cancel = this.#time.after(500, () => socket.terminate())
    socket.once('close', cancel)
  }

  #connect(): void {
    this.#cancelRetry = null
    this.#attempts++
    // `batches`: answers of one turn come together in one frame, as calls go.
    const query = this.#token === undefined ? '?batches=1' : '?batches=1&connectionParams=1'
    const socket = new WebSocket(this.#url + query, { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS })
    this.#socket = socket
    this.#refusal = null
    let failure: HoldfastError | null = null
    socket.on('open', () => {
      if (this.#socket !== socket) return
      // The token travels in the first frame, not in the address, where logs would keep it.
      if (this.#token !== undefined) {
        socket.send(JSON.stringify({ method: 'connectionParams', data: { token: this.#token } }))
      }
      this.#open = true
      this.#heard()
      this.#watchSilence()
      const attempts = this.#attempts
      this.#hooks.opened(attempts)
    })
    socket.on('message', (data) => {
      if (this.#socket === socket) this.#receive(data.toString())
    })
    socket.on('error', (error) => {
      failure = new NetworkError(`Cannot reach the control plane at ${this.#url}: ${describe(error)}`)
    })
    socket.on('close', (code, reason) => {
      if (this.#socket !== socket) return
      if (code === CLOSED_REVOKED) this.#refusal ??= new UnauthenticatedError('The token was revoked.')
      const said = reason.length > 0 ? `, saying "${reason.toString()}"` : ''
      this.#lose(
        this.#refusal ?? failure ?? new NetworkError(`The control plane closed the connection (${code}${said})`),
      )
    })
  }

  #receive(text: string): void {
    this.#heard()
    if (text === 'PONG') return
    if (text === 'PING') return void this.#socket?.send('PONG')
    for (const message of parseFrame(text)) {
      // Only an answer shows that the connection is of use; a peer that accepts and hangs up must not be hurried.
      this.#attempts = 0
      this.#dispatch(message)
    }
  }

  #dispatch(message: Incoming): void {
    if ('method' in message) {
      this.#socket?.close(1000)
      return
    }
    if (message.id === null) {
      if ('error' in message) this.#refusal = errorFromWire(message.error)
      return
    }
    const outcome =
      'error' in message
        ? { error: errorFromWire(message.error) }
        : { data: message.result.type === 'data' ? message.result.data : undefined }
    if (this.#pending.settle(message.id, outcome)) return
    const subscription = this.#subscriptions.get(message.id)
    if (!subscription) return
    if ('error' in message) {
      this.#subscriptions.delete(message.id)
      subscription.ended(errorFromWire(message.error))
    } else if (message.result.type === 'stopped') {
      this.#subscriptions.delete(message.id)
      subscription.ended(null)
    } else if (message.result.type === 'started') {
      subscription.started?.()
    } else if (message.result.type === 'data') {
      const { data } = message.result
      if (isTracked(data)) subscription.data(data.data, data.id)
      else subscription.data(data, undefined)
    }
  }

  #heard(): void {
    this.#heardAt = this.#time.monotonic()
    this.#frames++
  }

  /** `asked`: how many frames had come when a sign of life was last asked for. */
  #watchSilence(asked: number | null = null): void {
    this.#cancelSilence = this.#time.after(SILENCE_MS, () => {
      if (asked === null || this.#frames !== asked) return this.#askIfSilent()
      // This process itself may have stood still: what has come meanwhile is read before it is judged.
      const socket = this.#socket
      setImmediate(() => {
        if (this.#socket !== socket || !socket) return
        if (this.#frames !== asked) return this.#watchSilence()
        this.#refusal = new NetworkError(`The control plane has been silent for ${Math.round(this.silenceMs)} ms`)
        socket.terminate()
      })
    })
  }

  #askIfSilent(): void {
    const silent = this.silenceMs >= SILENCE_MS - 1
    if (silent) this.#socket?.send('PING')
    this.#watchSilence(silent ? this.#frames : null)
  }

  #lose(reason: HoldfastError): void {
    this.#socket = null
    this.#open = false
    this.#outbox.clear()
    this.#cancelSilence?.()
    this.#subscriptions.clear()
    let retryInMs: number | null = null
    if (!this.#closed) {
      retryInMs = fullJitter(RECONNECT, Math.max(0, this.#attempts - 1), this.#random)
      this.#cancelRetry = this.#time.after(retryInMs, () => this.#connect(), true)
    }
    const refused = reason.code === 'UNAUTHENTICATED' || reason.code === 'FORBIDDEN'
    this.#pending.failAll((path) =>
      refused ? reason : new NetworkError(`The connection broke before ${path} was answered; its outcome is unknown`),
    )
    this.#hooks.closed(reason, retryInMs)
  }
}

function isTracked(data: unknown): data is { id: string; data: unknown } {
  return typeof data === 'object' && data !== null && 'id' in data && 'data' in data
}

function describe(error: Error & { code?: string }): string {
  return error.message !== '' ? error.message : (error.code ?? error.name)
}
