/**
 * One WebSocket of the API. tRPC's own handler speaks the protocol; the few procedures that services call all day are
 * answered here by the same definition. Measured, 32 in flight over one socket on 2 shared cores, the client on the other
 * core: heartbeats 16k/s through tRPC's handler, see docs/decisions/0003-direct-procedures.md for this one.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { getTRPCErrorFromUnknown, getTRPCErrorShape } from '@trpc/server'
import { getWSConnectionHandler, type WSSHandlerOptions } from '@trpc/server/adapters/ws'
import type { RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import { HoldfastError } from '../core/errors.ts'
import { report as reportBreakers, watch as watchBreakers } from './api/breakers-direct.ts'
import { Closing } from './api/closing.ts'
import type { Context, Flow } from './api/context.ts'
import type { Direct, DirectStream } from './api/direct.ts'
import { acquire, release, renew } from './api/locks-direct.ts'
import { discover, heartbeat, registerInstance, watch } from './api/registry-direct.ts'
import { appRouter } from './api/root.ts'
import * as sagas from './api/sagas-direct.ts'
import { SUBSCRIPTIONS_MAX } from './api/streams.ts'
import { toTRPCError } from './api/trpc.ts'
import { isAllowed, type Principal } from './principal.ts'

/**
 * Unsent bytes past which streams wait for the reader, and past which it is cut off when more is to be sent, to come back with
 * its cursor. One message may be larger: a snapshot of 20,000 instances is 16 MB, and whoever reads it gets it whole.
 */
const SOCKET_HIGH = 1024 * 1024
const SOCKET_CUT = 8 * 1024 * 1024
/**
 * Answers sent before the turn is over, so that the client works while this process does: discoveries with 32 in flight
 * 50k/s with 8, 42k/s with 16 or all at the end of the turn; runs of five steps 1,950/s and 1,800/s.
 */
const FLUSH_AT = 8
/** How long a socket may be open before it is known whose it is. */
const SIGN_IN_MS = 10_000
/** Characters of one frame that carries several messages. */
const FRAME_MAX = 128 * 1024

const DIRECT: ReadonlyMap<string, Direct<z.ZodType, unknown> & { method: 'query' | 'mutation' }> = new Map(
  Object.entries({
    'registry.heartbeat': { ...heartbeat, method: 'mutation' },
    'registry.discover': { ...discover, method: 'query' },
    'registry.register': { ...registerInstance, method: 'mutation' },
    'locks.acquire': { ...acquire, method: 'mutation' },
    'locks.renew': { ...renew, method: 'mutation' },
    'locks.release': { ...release, method: 'mutation' },
    'sagas.start': { ...sagas.start, method: 'mutation' },
    'sagas.result': { ...sagas.result, method: 'query' },
    'sagas.heartbeat': { ...sagas.heartbeat, method: 'mutation' },
    'sagas.complete': { ...sagas.complete, method: 'mutation' },
    'sagas.fail': { ...sagas.fail, method: 'mutation' },
    'breakers.report': { ...reportBreakers, method: 'mutation' },
  } as unknown as Record<string, Direct<z.ZodType, unknown> & { method: 'query' | 'mutation' }>),
)

const DIRECT_STREAMS: ReadonlyMap<string, DirectStream<z.ZodType, unknown>> = new Map([
  ['registry.watch', watch as unknown as DirectStream<z.ZodType, unknown>],
  ['sagas.claim', sagas.claim as unknown as DirectStream<z.ZodType, unknown>],
  ['breakers.watch', watchBreakers as unknown as DirectStream<z.ZodType, unknown>],
])

export type CreateContext = (
  req: IncomingMessage,
  token: string | undefined,
  socket: WebSocket,
  flow: Flow,
) => Promise<Context>

interface Call {
  id: number | string
  method: string
  params: { path: string; input: unknown; lastEventId?: unknown }
}

/** Serves every socket that is handed to the returned function. */
export function socketServer(createContext: CreateContext): (socket: WebSocket, req: IncomingMessage) => void {
  const lines = new WeakMap<EventEmitter, Line>()
  // The handler takes one socket at a time; the server that its type asks for is not read.
  const options: Omit<WSSHandlerOptions<typeof appRouter>, 'wss'> = {
    router: appRouter,
    keepAlive: { enabled: true, pingMs: 15_000, pongWaitMs: 10_000 },
    createContext: async ({ req, res, info }) => {
      const line = lines.get(res as unknown as EventEmitter) as Line
      const ctx = await createContext(req, info.connectionParams?.token ?? undefined, line.socket, line)
      line.ctx = ctx
      return ctx
    },
  }
  const connect = getWSConnectionHandler(options as WSSHandlerOptions<typeof appRouter>)
  return (socket, req) => {
    const query = new URLSearchParams((req.url ?? '').split('?', 2)[1] ?? '')
    const line = new Line(socket, {
      handshake: query.get('connectionParams') === '1',
      batches: query.get('batches') === '1',
    })
    lines.set(line.client, line)
    // Places are for those who say who they are: a socket without a principal could be held for ever by anybody.
    const deadline = setTimeout(() => {
      if (!line.ctx?.principal) socket.close(4408, `sign in within ${SIGN_IN_MS / 1_000} s`)
    }, SIGN_IN_MS).unref()
    socket.once('close', () => clearTimeout(deadline))
    connect(line.client as unknown as WebSocket, req)
  }
}

class Line implements Flow {
  readonly closing = new Closing()
  readonly socket: WebSocket
  /** what tRPC's handler takes for the socket: it gets the messages that are not answered here */
  readonly client: EventEmitter & Record<string, unknown>
  ctx: Context | null = null
  #handshake: boolean
  /** the client takes several messages in one frame, as a JSON array; tRPC's own clients do not */
  readonly #batches: boolean
  #outbox: string[] = []
  /** characters in the outbox: a stream that catches up from memory would fill it within one turn */
  #queued = 0
  readonly #streams = new Map<number | string, AbortController>()
  readonly #waiting = new Set<() => void>()
  readonly #raw: Socket

  constructor(socket: WebSocket, options: { handshake: boolean; batches: boolean }) {
    this.socket = socket
    this.#handshake = options.handshake
    this.#batches = options.batches
    this.#raw = (socket as unknown as { _socket: Socket })._socket
    const client = new EventEmitter() as EventEmitter & Record<string, unknown>
    Object.defineProperty(client, 'readyState', { get: () => socket.readyState })
    client.OPEN = socket.OPEN
    client.send = (data: string) => this.send(data)
    client.close = (code?: number, reason?: string) => socket.close(code, reason)
    client.terminate = () => socket.terminate()
    client.ping = () => socket.ping()
    this.client = client
    // Whoever closes it (a revoked session, a stop) lets go first what was already answered.
    const close = socket.close.bind(socket)
    socket.close = (code, reason) => {
      this.#flush()
      close(code, reason)
    }
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    this.#raw.on('drain', () => this.#release())
    socket.on('pong', (data) => client.emit('pong', data))
    socket.on('error', (error) => client.emit('error', error))
    socket.on('close', (code, reason) => {
      for (const stream of this.#streams.values()) stream.abort()
      this.closing.close()
      this.#release()
      client.emit('close', code, reason)
    })
  }

  /** Sends what one turn of the event loop brings in one write: a system call a turn instead of one an answer. */
  send(data: string, early = false): void {
    const waiting = this.#outbox.push(data)
    this.#queued += data.length
    if (early && waiting >= FLUSH_AT) this.#flush()
    else if (waiting === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const messages = this.#outbox
    this.#outbox = []
    this.#queued = 0
    const { socket } = this
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > SOCKET_CUT) {
      socket.terminate()
      return
    }
    if (this.#batches) {
      for (const frame of frames(messages)) socket.send(frame)
    } else {
      this.#raw.cork()
      for (const message of messages) socket.send(message)
      this.#raw.uncork()
    }
    this.#release()
  }

  ready(): Promise<void> {
    if (this.#unsent <= SOCKET_HIGH) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.add(resolve)
    })
  }

  get #unsent(): number {
    return this.socket.bufferedAmount + this.#queued
  }

  #release(): void {
    if (this.#waiting.size === 0) return
    if (this.#unsent > SOCKET_HIGH && this.socket.readyState === this.socket.OPEN) return
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #receive(data: RawData, isBinary: boolean): void {
    const principal = this.ctx?.principal
    if (this.#handshake || isBinary || !principal?.active) {
      this.#handshake = false
      this.client.emit('message', data, isBinary)
      return
    }
    let frame: unknown
    try {
      frame = JSON.parse(data.toString())
    } catch {
      this.client.emit('message', data, isBinary)
      return
    }
    if (!Array.isArray(frame)) {
      if (!this.#direct(frame, principal)) this.client.emit('message', data, isBinary)
      return
    }
    const rest = frame.filter((call) => !this.#direct(call, principal))
    if (rest.length === frame.length) this.client.emit('message', data, isBinary)
    else if (rest.length > 0) this.#pass(rest)
  }

  /** Hands calls to tRPC that came together with others, or were tried here first. */
  #pass(calls: unknown): void {
    let text: string
    try {
      text = JSON.stringify(calls)
    } catch {
      // Nested deeper than can be written again: no client of ours.
      this.socket.close(1007, 'nested too deeply')
      return
    }
    this.client.emit('message', Buffer.from(text), false)
  }

  /** Answers a call here if it is a direct one with good input; whatever is unusual about it is left to tRPC. */
  #direct(message: unknown, principal: Principal): boolean {
    if (typeof message !== 'object' || message === null) return false
    const { id, method, params } = message as Partial<Call>
    if (typeof id !== 'number' && typeof id !== 'string') return false
    if (method === 'subscription.stop') return this.#stop(id)
    if (typeof params !== 'object' || params === null) return false
    if (method === 'subscription') return this.#stream(id, params, principal)
    const procedure = DIRECT.get(params.path)
    if (!procedure || procedure.method !== method || !isAllowed(principal, procedure.access)) return false
    const input = procedure.input.safeParse(params.input)
    if (!input.success) return false
    const ctx = this.ctx as Context & { principal: Principal }
    procedure.run(ctx, input.data).then(
      (data) => {
        const text = procedure.encode ? procedure.encode(data) : JSON.stringify(data)
        this.send(`{"id":${JSON.stringify(id)},"result":{"type":"data","data":${text}}}`, true)
      },
      (error: unknown) => this.#refuse(id, method as 'query' | 'mutation', params as Call['params'], error),
    )
    return true
  }

  /** Says an error as tRPC's handler would, without running the procedure again: it may have waited for its answer. */
  #refuse(id: number | string, type: 'query' | 'mutation', { path, input }: Call['params'], cause: unknown): void {
    const error = cause instanceof HoldfastError ? toTRPCError(cause) : getTRPCErrorFromUnknown(cause)
    const config = appRouter._def._config
    const shape = getTRPCErrorShape({ config, error, type, path, input, ctx: this.ctx ?? undefined })
    this.send(JSON.stringify({ id, error: shape }))
  }

  #stop(id: number | string): boolean {
    const stream = this.#streams.get(id)
    stream?.abort()
    return stream !== undefined
  }

  #stream(id: number | string, params: Call['params'], principal: Principal): boolean {
    const procedure = DIRECT_STREAMS.get(params.path)
    if (!procedure || !isAllowed(principal, procedure.access) || this.#streams.has(id)) return false
    if (typeof params.input !== 'object' || params.input === null) return false
    const cursor = params.lastEventId === undefined ? {} : { lastEventId: params.lastEventId }
    const input = procedure.input.safeParse({ ...params.input, ...cursor })
    const ctx = this.ctx as Context & { principal: Principal }
    if (!input.success || ctx.subscriptions.open >= SUBSCRIPTIONS_MAX) return false
    const ending = new AbortController()
    this.#streams.set(id, ending)
    this.#pump(id, procedure, procedure.stream(ctx, input.data, ending.signal)).catch((error: unknown) => {
      // The reader comes back with its cursor, as after any break.
      ctx.engines.log.error({ error, path: params.path }, 'a stream failed unexpectedly')
      this.socket.close(1011, 'the stream failed')
    })
    return true
  }

  async #pump(id: number | string, procedure: DirectStream<z.ZodType, unknown>, messages: AsyncIterable<unknown>) {
    const key = JSON.stringify(id)
    this.send(`{"id":${key},"result":{"type":"started"}}`)
    try {
      for await (const message of messages) {
        const at = JSON.stringify(procedure.cursor(message))
        this.send(
          `{"id":${key},"result":{"type":"data","id":${at},"data":{"id":${at},"data":${procedure.encode(message)}}}}`,
        )
      }
    } finally {
      this.#streams.delete(id)
    }
    this.send(`{"id":${key},"result":{"type":"stopped"}}`)
  }
}

/** Messages joined into JSON arrays of about FRAME_MAX characters. `PING` and `PONG` are no JSON and go alone. */
function* frames(messages: readonly string[]): Generator<string> {
  let frame: string[] = []
  let length = 0
  const joined = () => (frame.length === 1 ? (frame[0] as string) : `[${frame.join(',')}]`)
  for (const message of messages) {
    const alone = !message.startsWith('{')
    if (frame.length > 0 && (alone || length + message.length > FRAME_MAX)) {
      yield joined()
      frame = []
      length = 0
    }
    if (alone) yield message
    else {
      frame.push(message)
      length += message.length
    }
  }
  if (frame.length > 0) yield joined()
}
