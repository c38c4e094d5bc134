/**
 * One WebSocket of the API. tRPC's own handler speaks the protocol; the few procedures that services call all day are
 * answered here by the same definition. Measured, 32 in flight over one socket on 2 shared cores, the client on the other
 * core: heartbeats 16k/s through tRPC's handler, see docs/decisions/0003-direct-procedures.md for this one.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { getWSConnectionHandler, type WSSHandlerOptions } from '@trpc/server/adapters/ws'
import type { RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import type { Context, Flow } from './api/context.ts'
import type { Direct } from './api/direct.ts'
import { discover, heartbeat, registerInstance } from './api/registry-direct.ts'
import { appRouter } from './api/root.ts'
import { isAllowed, type Principal } from './principal.ts'

/** Unsent bytes past which streams wait for the reader, and past which it is cut off, to come back with its cursor. */
const SOCKET_HIGH = 1024 * 1024
const SOCKET_CUT = 8 * 1024 * 1024

const DIRECT: ReadonlyMap<string, Direct<z.ZodType, unknown> & { method: 'query' | 'mutation' }> = new Map(
  Object.entries({
    'registry.heartbeat': { ...heartbeat, method: 'mutation' },
    'registry.discover': { ...discover, method: 'query' },
    'registry.register': { ...registerInstance, method: 'mutation' },
  } as unknown as Record<string, Direct<z.ZodType, unknown> & { method: 'query' | 'mutation' }>),
)

export type CreateContext = (
  req: IncomingMessage,
  token: string | undefined,
  socket: WebSocket,
  flow: Flow,
) => Promise<Context>

interface Call {
  id: number | string
  method: string
  params: { path: string; input: unknown }
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
    const line = new Line(socket, (req.url ?? '').includes('connectionParams=1'))
    lines.set(line.client, line)
    connect(line.client as unknown as WebSocket, req)
  }
}

class Line implements Flow {
  readonly socket: WebSocket
  /** what tRPC's handler takes for the socket: it gets the messages that are not answered here */
  readonly client: EventEmitter & Record<string, unknown>
  ctx: Context | null = null
  #handshake: boolean
  #corked = false
  readonly #waiting = new Set<() => void>()
  readonly #raw: Socket

  constructor(socket: WebSocket, handshake: boolean) {
    this.socket = socket
    this.#handshake = handshake
    this.#raw = (socket as unknown as { _socket: Socket })._socket
    const client = new EventEmitter() as EventEmitter & Record<string, unknown>
    Object.defineProperty(client, 'readyState', { get: () => socket.readyState })
    client.OPEN = socket.OPEN
    client.send = (data: string) => this.send(data)
    client.close = (code?: number, reason?: string) => socket.close(code, reason)
    client.terminate = () => socket.terminate()
    client.ping = () => socket.ping()
    this.client = client
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', (data) => client.emit('pong', data))
    socket.on('error', (error) => client.emit('error', error))
    socket.on('close', (code, reason) => {
      this.#release()
      client.emit('close', code, reason)
    })
  }

  /** Sends what one turn of the event loop brings in one write: a system call a turn instead of one an answer. */
  send(data: string): void {
    const { socket } = this
    if (socket.readyState !== socket.OPEN) return
    if (!this.#corked) {
      this.#corked = true
      this.#raw.cork()
      setImmediate(() => {
        this.#corked = false
        this.#raw.uncork()
        this.#release()
      })
    }
    socket.send(data)
    if (socket.bufferedAmount > SOCKET_CUT) socket.terminate()
  }

  ready(): Promise<void> {
    if (this.socket.bufferedAmount <= SOCKET_HIGH) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.add(resolve)
      this.#raw.once('drain', () => this.#release())
    })
  }

  #release(): void {
    if (this.#waiting.size === 0) return
    if (this.socket.bufferedAmount > SOCKET_HIGH && this.socket.readyState === this.socket.OPEN) return
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
    if (rest.length > 0) this.client.emit('message', Buffer.from(JSON.stringify(rest)), false)
  }

  /** Answers a call here if it is a direct one with good input; whatever is unusual about it is left to tRPC. */
  #direct(message: unknown, principal: Principal): boolean {
    if (typeof message !== 'object' || message === null) return false
    const { id, method, params } = message as Partial<Call>
    if ((typeof id !== 'number' && typeof id !== 'string') || typeof params !== 'object' || params === null) return false
    const procedure = DIRECT.get(params.path)
    if (!procedure || procedure.method !== method || !isAllowed(principal, procedure.access)) return false
    const input = procedure.input.safeParse(params.input)
    if (!input.success) return false
    const ctx = this.ctx as Context & { principal: Principal }
    procedure.run(ctx, input.data).then(
      (data) => {
        const text = procedure.encode ? procedure.encode(data) : JSON.stringify(data)
        this.send(`{"id":${JSON.stringify(id)},"result":{"type":"data","data":${text}}}`)
      },
      // A refusal changed nothing, so tRPC may run it again to say it in its own form.
      () => this.client.emit('message', Buffer.from(JSON.stringify(message)), false),
    )
    return true
  }
}
