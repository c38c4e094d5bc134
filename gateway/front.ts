/** The front of a worker: takes requests in, runs them through their route's chain, and tells what came of it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { isOnEdge, strikes } from '../core/gateway/fault.ts'
import type { Refusal } from '../core/gateway/view.ts'
import { nextTrace, parseTraceparent, type Trace } from '../sdk/trace.ts'
import { type Answer, isSource } from './answer.ts'
import { type Delivered, deliver } from './deliver.ts'
import { Exchange, type Tried } from './exchange.ts'
import { passRequest } from './headers.ts'
import { type Clean, clean } from './hygiene.ts'
import { newId } from './middleware/request-id.ts'
import { plainAddress, type Trusted } from './peer.ts'
import { problem, Refused, refusedBy } from './problem.ts'
import type { Services } from './services.ts'
import type { CompiledRoute, Table } from './table.ts'
import { gatewayTiming } from './timing.ts'
import { upgrade } from './upgrade.ts'

export interface FrontOptions {
  table: () => Table
  faults: () => readonly import('../core/gateway/fault.ts').Fault[]
  services: Services
  trusted: Trusted
  secure: boolean
  /** known to the control plane alone: whoever sends it gets a trace */
  tryKey: string
  /** is the worker ready for traffic? */
  ready: () => boolean
  done: (context: Exchange | null, outcome: Outcome) => void
  /** something came that is no request; what it was answered with */
  malformed?: (status: number) => void
  limits?: FrontLimits
}

/** Times for clients, milliseconds. */
export interface FrontLimits {
  /** for the whole head of a request: what drips in more slowly is cut off; default 15,000 */
  headMs?: number
  /** a connection without a request is closed after it; default 75,000 */
  idleMs?: number
  /** how often both are looked at; default 5,000 */
  checkMs?: number
}

export interface Outcome {
  req: IncomingMessage
  startMs: number
  status: number | null
  refusal: Refusal | undefined
  error: string | undefined
  delivered: Delivered
  clean: Clean | null
}

/** More than any client of a browser needs; what is larger is refused with 431. */
const HEADERS_BYTES_MAX = 32_768
const HEAD_MS = 15_000
const IDLE_MS = 75_000
const CHECK_MS = 5_000
const NAME = 'gateway'

/** Of a connection: a request is under way; further ones that came behind it; what came was not understood. */
const BUSY = Symbol('busy')
const AHEAD = Symbol('ahead')
const BROKEN = Symbol('broken')
const AHEAD_MAX = 100
interface Turning extends Socket {
  [BUSY]?: boolean
  [AHEAD]?: [IncomingMessage, ServerResponse][]
  [BROKEN]?: boolean
}

export class Front {
  readonly server: Server
  readonly #options: FrontOptions
  readonly #upgraded = new Set<Socket>()
  inFlight = 0
  draining = false

  constructor(options: FrontOptions) {
    this.#options = options
    const { headMs = HEAD_MS, idleMs = IDLE_MS, checkMs = CHECK_MS } = options.limits ?? {}
    this.server = createServer({
      maxHeaderSize: HEADERS_BYTES_MAX,
      headersTimeout: headMs,
      // Bodies have an idle limit of their own: an upload may take as long as it moves.
      requestTimeout: 0,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: checkMs,
      insecureHTTPParser: false,
      requireHostHeader: false,
      noDelay: true,
    })
    // Node drops silently what is above its limit, be it the one that frames the body: `clean` refuses the request.
    this.server.maxHeadersCount = 0
    this.server.on('request', (req, res) => this.#inTurn(req, res))
    this.server.on('checkExpectation', (_req, res) => res.writeHead(417, { 'content-length': '0' }).end())
    this.server.on('clientError', (error, socket) => refuseSocket(error, socket, options.malformed))
    this.server.on('upgrade', (req, socket, head) => {
      // Behind a request that is not answered yet, or that was not understood.
      if ((socket as Turning)[BUSY] || (socket as Turning)[BROKEN]) {
        socket.destroy()
        return
      }
      this.#upgraded.add(socket as Socket)
      socket.once('close', () => this.#upgraded.delete(socket as Socket))
      void this.#upgrade(req, socket as Socket, head)
    })
  }

  /** Takes no new requests, waits for those under way, then cuts what is left. */
  async drain(withinMs: number): Promise<void> {
    this.draining = true
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeIdleConnections()
    const timer = setTimeout(() => {
      this.server.closeAllConnections()
      for (const socket of this.#upgraded) socket.destroy()
    }, withinMs)
    // WebSockets have no end to wait for: they get a moment to say goodbye.
    for (const socket of this.#upgraded) socket.end()
    await closed
    clearTimeout(timer)
  }

  /** One request of a connection at a time, in order: two under way at once could reach a service in another. */
  #inTurn(req: IncomingMessage, res: ServerResponse): void {
    const socket = req.socket as Turning
    if (socket[BROKEN]) return
    if (!socket[BUSY]) {
      socket[BUSY] = true
      this.#take(req, res).catch((error: unknown) => {
        this.#options.services.log('error', { error, path: req.url?.slice(0, 200) }, 'a request was given up')
        socket.destroy()
      })
      return
    }
    socket[AHEAD] ??= []
    socket[AHEAD].push([req, res])
    // Nobody sends so many before the first answer but to fill the memory.
    if (socket[AHEAD].length > AHEAD_MAX) socket.destroy()
  }

  #next(socket: Turning): void {
    socket[BUSY] = false
    const next = socket[AHEAD]?.shift()
    if (next && !socket.destroyed) this.#inTurn(...next)
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const startMs = performance.now()
    if ((req.url as string).startsWith('/.holdfast/')) {
      this.#own(req, res)
      this.#next(req.socket)
      return
    }
    if (this.draining) res.shouldKeepAlive = false
    this.inFlight += 1
    let context: Exchange | null = null
    let cleaned: Clean | null = null
    let answer: Answer
    try {
      cleaned = clean(req)
      context = this.#exchange(req, res, cleaned, startMs)
      answer = await this.#run(context)
    } catch (error) {
      const refused = refusedBy(error)
      if (refused.refusal === 'gateway') {
        this.#options.services.log(
          'error',
          { error: refused.cause, path: req.url?.slice(0, 200) },
          'a request could not be handled',
        )
      }
      answer = problem(refused, context?.id ?? newId())
    }
    // The rest of a body that nobody reads would be taken for the next request's head, or hold the connection for long.
    if (!req.complete && answer.refusal !== undefined) res.shouldKeepAlive = false
    if (answer.refusal === 'bad-request') {
      // Where one request is not understood, nobody knows where the next begins.
      res.shouldKeepAlive = false
      ;(req.socket as Turning)[BROKEN] = true
    }
    // Callers that carry a trace are told our part, so that they do not take it for the network.
    if (context !== null && req.headers.traceparent !== undefined && context.marks.attempts.length > 0) {
      answer = { ...answer, headers: [...answer.headers, 'server-timing', gatewayTiming(context.marks, now())] }
    }
    let delivered: Delivered
    try {
      delivered = await deliver(res, answer, req.method as string, now)
    } catch (error) {
      // A header that a middleware made and nobody can write: the client is told, and the worker lives on.
      if (isSource(answer.body)) answer.body.abort()
      this.#options.services.log('error', { error, path: req.url?.slice(0, 200) }, 'an answer could not be written')
      answer = problem(refusedBy(error), context?.id ?? newId())
      delivered = await deliver(res, answer, req.method as string, now)
    }
    this.inFlight -= 1
    if (context) {
      context.marks.endMs = performance.now()
      context.marks.firstByteMs = delivered.firstByteMs
      context.done()
    }
    const gone = delivered.failed === 'client' && delivered.firstByteMs === null
    const refusal = answer.refusal ?? (delivered.failed === null ? undefined : delivered.failed)
    this.#options.done(context, {
      req,
      startMs,
      status: gone ? null : answer.status,
      refusal: gone ? 'client' : refusal,
      error: answer.error ?? FAILED[delivered.failed ?? ''],
      delivered,
      clean: cleaned,
    })
    this.#next(req.socket)
  }

  #exchange(req: IncomingMessage, res: ServerResponse, cleaned: Clean, startMs: number): Exchange {
    const { trusted, secure } = this.#options
    const peer = plainAddress(req.socket.remoteAddress)
    const believed = trusted.has(peer)
    const passing = passRequest(req.rawHeaders, req.headers.connection, believed)
    const { headers } = passing
    const client = trusted.client(peer, passing.forwardedFor)
    headers.push(
      'x-forwarded-for',
      passing.forwardedFor === '' ? peer : `${passing.forwardedFor}, ${peer}`,
      'x-forwarded-proto',
      passing.forwardedProto === '' ? (secure ? 'https' : 'http') : passing.forwardedProto,
      'x-forwarded-host',
      passing.forwardedHost === '' ? (req.headers.host ?? '') : passing.forwardedHost,
    )
    const context = new Exchange(req, res, cleaned, { client, trace: traceOf(req), headers, startMs })
    context.id = newId()
    const asked = req.headers['holdfast-try']
    if (typeof asked === 'string') this.#probe(context, asked)
    return context
  }

  #probe(context: Exchange, asked: string): void {
    const { tryKey } = this.#options
    if (!asked.startsWith(`${tryKey}.`)) return
    const test = asked.slice(tryKey.length + 1, tryKey.length + 65)
    const probe: Tried = { test, steps: [], running: [], forwarded: null }
    context.probe = probe
    const host = context.req.headers['holdfast-try-host']
    if (typeof host === 'string' && host !== '') {
      context.host = host.toLowerCase()
      context.req.headers.host = host
    }
  }

  async #run(context: Exchange): Promise<Answer> {
    const { req, res } = context
    const matched = this.#options.table().match({
      method: context.method,
      host: context.host,
      path: context.path,
      header: (name) => context.header(name),
    })
    if (matched.route === null) {
      if (matched.methods.length > 0) {
        throw new Refused(405, 'no-route', `${context.method} is not taken here.`, {
          headers: ['allow', matched.methods.join(', ')],
        })
      }
      throw new Refused(404, 'no-route', 'No route of the gateway takes this request.')
    }
    const { route } = matched
    context.route = route
    context.params = matched.params
    context.probe?.steps.push({
      name: 'route',
      startMs: 0,
      endMs: now() - context.marks.startMs,
      did: `route "${route.id}"`,
    })
    route.stats.inFlight += 1
    context.onDone(() => {
      route.stats.inFlight -= 1
    })
    this.#faultsOf(context, route)
    // Told when the client goes before it has its answer: nobody waits for it any more.
    res.on('close', () => {
      if (!res.writableFinished) context.cancel(new Refused(499, 'client', 'The client went away.'))
    })
    void req
    return route.run(context)
  }

  #faultsOf(context: Exchange, route: CompiledRoute): void {
    const faults = this.#options.faults()
    if (faults.length === 0) return
    for (const fault of faults) {
      // A route to several services: which one it is, is known when one is chosen.
      if (!('route' in fault.target) && route.onlyService === null) {
        context.edgeFaults.push(fault)
        continue
      }
      const here =
        'route' in fault.target ? fault.target.route === route.id : isOnEdge(fault, NAME, route.onlyService ?? '')
      if (here && strikes(fault, this.#options.services.random)) context.faults.push(fault)
    }
  }

  async #upgrade(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const startMs = performance.now()
    let context: Exchange | null = null
    let cleaned: Clean | null = null
    this.inFlight += 1
    socket.setTimeout(0)
    socket.on('error', () => socket.destroy())
    const outcome: Pick<Outcome, 'status' | 'refusal' | 'error'> = {
      status: null,
      refusal: undefined,
      error: undefined,
    }
    const delivered: Delivered = { bytes: 0, firstByteMs: null, failed: null }
    try {
      cleaned = clean(req)
      context = this.#exchange(req, socket as unknown as ServerResponse, cleaned, startMs)
      Object.assign(
        outcome,
        await upgrade(context, socket, head, {
          run: (exchange) => this.#run(exchange),
          services: this.#options.services,
          delivered,
        }),
      )
    } catch (error) {
      const refused = refusedBy(error)
      outcome.status = refused.status
      outcome.refusal = refused.refusal
      outcome.error = refused.message
      writeRefusal(socket, problem(refused, context?.id ?? newId()))
    }
    this.inFlight -= 1
    if (context) {
      context.marks.endMs = performance.now()
      context.done()
    }
    this.#options.done(context, { req, startMs, ...outcome, delivered, clean: cleaned })
  }

  /** Its own: for whoever stands in front of the gateway. */
  #own(req: IncomingMessage, res: ServerResponse): void {
    const ok = !this.draining && this.#options.ready()
    const known = req.url === '/.holdfast/healthz' || req.url === '/.holdfast/readyz'
    const status = !known ? 404 : req.url === '/.holdfast/healthz' || ok ? 200 : 503
    const body = JSON.stringify(known ? { status: ok ? 'ok' : 'not ready' } : { error: 'not found' })
    res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  }
}

const FAILED: Record<string, string | undefined> = {
  upstream: 'The service broke off in the middle of its answer.',
  client: 'The client went away before it had everything.',
}

const now = () => performance.now()

function traceOf(req: IncomingMessage): Trace {
  const parent = parseTraceparent(req.headers.traceparent)
  if (!parent) return nextTrace(undefined)
  const state = req.headers.tracestate
  return nextTrace({ ...parent, state: typeof state === 'string' && state.length <= 512 ? state : undefined })
}

const CODES: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time.'],
}

/** What the parser refuses: answered once, closed, never passed on. */
function refuseSocket(
  error: Error & { code?: string },
  socket: import('node:stream').Duplex,
  malformed: ((status: number) => void) | undefined,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (socket as Turning)[BROKEN]) {
    socket.destroy()
    return
  }
  const [status, message] = CODES[error.code ?? ''] ?? [400, 'This is not a well-formed HTTP request.']
  malformed?.(status)
  writeRefusal(socket, problem(new Refused(status, 'bad-request', message), newId()))
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

function writeRefusal(socket: import('node:stream').Duplex, { status, headers, body }: Answer): void {
  if (!socket.writable) return
  let text = `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\nconnection: close\r\n`
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.end(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), Buffer.isBuffer(body) ? body : Buffer.alloc(0)]))
}
