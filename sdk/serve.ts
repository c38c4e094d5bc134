/** A small HTTP server for a service: health, timing, tracing, bounded concurrency and an orderly end. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Admission } from './admission.ts'
import { formatServerTiming } from './server-timing.ts'
import { incomingTrace, withTrace } from './trace.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

export interface HealthReport {
  status: 'ok' | 'warning' | 'failing'
  note?: string
}

export interface ServeOptions {
  /** default 0: any free one */
  port?: number | undefined
  /** default 127.0.0.1 */
  host?: string | undefined
  /** what others call it by, in `address`; default: the host */
  advertise?: string | undefined
  /** default `/healthz` */
  healthPath?: string | undefined
  /** asked at every check; 200 for `ok`, 429 for `warning`, 503 for `failing` and while draining */
  health?: (() => HealthReport | Promise<HealthReport>) | undefined
  /**
   * requests handled at the same time; the rest wait in a queue and are told of it in `Server-Timing`; default: no
   * bound
   */
  concurrencyMax?: number | undefined
  /** requests that may wait; past it 503 with `Retry-After`; default 1,000 */
  queueMax?: number | undefined
  /** signals that end the service in order; default SIGTERM and SIGINT, `false`: none */
  signals?: readonly NodeJS.Signals[] | false | undefined
  /** how long requests in flight may take at the end, before their connections are cut; default 10,000 */
  drainTimeoutMs?: number | undefined
}

/** A listening service. */
export class HttpService {
  readonly server: Server
  /** `host:port`, to be registered */
  readonly address: string
  readonly port: number
  /** requests handled at the same time; infinite without a bound */
  readonly concurrencyMax: number
  readonly #drainTimeoutMs: number
  readonly #admission: Admission
  #handling = 0
  #draining = false
  #ended: Promise<void> | null = null
  #idle: (() => void) | null = null
  /** what `end` does instead of only closing the server: set by `connect`, which also deregisters */
  onEnd: (() => Promise<void>) | null = null
  readonly #offSignals: () => void

  private constructor(server: Server, options: ServeOptions, advertise: string) {
    this.server = server
    this.port = (server.address() as AddressInfo).port
    this.address = `${advertise.includes(':') ? `[${advertise}]` : advertise}:${this.port}`
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 10_000
    this.concurrencyMax = options.concurrencyMax ?? Number.POSITIVE_INFINITY
    this.#admission = new Admission(this.concurrencyMax, options.queueMax ?? 1_000)
    this.#offSignals = options.signals === false ? () => {} : this.#onSignals(options.signals ?? ['SIGTERM', 'SIGINT'])
  }

  /** Listens, then resolves. Throws what listening throws, such as EADDRINUSE. */
  static async listen(handler: Handler, options: ServeOptions): Promise<HttpService> {
    const { port = 0, host = '127.0.0.1' } = options
    const server = createServer()
    // Longer than any client of ours keeps an idle socket, so that it is the client who closes it.
    server.keepAliveTimeout = 65_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    const service = new HttpService(server, options, options.advertise ?? host)
    server.on('request', (request, response) => void service.#handle(handler, options, request, response))
    return service
  }

  /** requests being handled or waiting */
  get inFlight(): number {
    return this.#handling
  }

  /** Answers health checks with 503 from now on; requests are still taken. */
  startDraining(): void {
    this.#draining = true
  }

  /** Ends in order: with a registration, through `holdfast.close()`; else as `stop`. */
  end(): Promise<void> {
    this.#ended ??= this.onEnd ? this.onEnd() : this.stop()
    return this.#ended
  }

  /** Takes no new connections, waits for requests in flight for at most the drain time, then closes what is left. */
  async stop(): Promise<void> {
    this.startDraining()
    this.#offSignals()
    if (!this.server.listening) return
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeIdleConnections()
    if (this.#handling > 0) {
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#idle = resolve
        }),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, this.#drainTimeoutMs)
        }),
      ])
      clearTimeout(timer)
    }
    // The last answers may still be on their way out of the socket's buffer.
    await new Promise((resolve) => setImmediate(resolve))
    this.server.closeAllConnections()
    await closed
  }

  async #handle(
    handler: Handler,
    options: ServeOptions,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (pathOf(request) === (options.healthPath ?? '/healthz')) return await this.#answerHealth(options, response)
    const arrived = performance.now()
    this.#handling++
    // Clients of a keep-alive connection learn that it ends with this answer.
    if (this.#draining) response.setHeader('connection', 'close')
    let release: (() => void) | null = null
    const done = () => {
      response.off('close', done)
      release?.()
      release = null
      if (--this.#handling === 0) this.#idle?.()
    }
    response.once('close', done)
    const slot = this.#admission.enter()
    if (slot === null) return refuse(response)
    await slot
    // Gone while it waited: its slot goes to the next one.
    if (response.closed || response.destroyed) return this.#admission.leave()
    release = () => this.#admission.leave()
    stampTiming(response, arrived, performance.now())
    try {
      await withTrace(incomingTrace(request.headers), () => handler(request, response))
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : new Error(String(error)))
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: 'The service failed to handle this request.' })
    }
  }

  async #answerHealth(options: ServeOptions, response: ServerResponse): Promise<void> {
    if (this.#draining) return sendJson(response, 503, { status: 'draining' })
    try {
      const report = (await options.health?.()) ?? { status: 'ok' as const }
      sendJson(response, { ok: 200, warning: 429, failing: 503 }[report.status], report)
    } catch (error) {
      sendJson(response, 503, { status: 'failing', note: error instanceof Error ? error.message : String(error) })
    }
  }

  #onSignals(signals: readonly NodeJS.Signals[]): () => void {
    const off = () => {
      for (const signal of signals) process.off(signal, onSignal)
    }
    const onSignal = () => {
      // A second signal then has its usual effect, for who cannot wait.
      off()
      this.end().catch((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)))
    }
    for (const signal of signals) process.on(signal, onSignal)
    return off
  }
}

/**
 * Serves `handler` over HTTP: answers health checks, emits `Server-Timing`, continues the caller's trace, and on
 * SIGTERM ends in order. Hand it to `connect({ server })` so that it is drained and deregistered first.
 */
export function serve(handler: Handler, options: ServeOptions = {}): Promise<HttpService> {
  return HttpService.listen(handler, options)
}

/** `app` ends with the headers: that is when they must be written. */
function stampTiming(response: ServerResponse, arrived: number, begun: number): void {
  const writeHead = response.writeHead
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    response.writeHead = writeHead
    if (!response.headersSent) {
      const own = formatServerTiming(performance.now() - begun, begun - arrived)
      const other = response.getHeader('server-timing')
      response.setHeader('server-timing', other === undefined ? own : `${own}, ${String(other)}`)
    }
    return (writeHead as (...args: unknown[]) => ServerResponse).apply(this, args)
  } as typeof response.writeHead
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/'
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

function refuse(response: ServerResponse): void {
  response.setHeader('retry-after', '1')
  sendJson(response, 503, { error: 'The service has too many requests waiting.' })
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
