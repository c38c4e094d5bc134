/** The one HTTP server: API, auth, health, metrics, and everything else to the pages. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { type WebSocket, WebSocketServer } from 'ws'
import { Closing } from './api/closing.ts'
import type { Context, Flow } from './api/context.ts'
import { appRouter } from './api/root.ts'
import type { ClientAddress } from './client-address.ts'
import type { Engines } from './engines.ts'
import { socketServer } from './socket.ts'

/** One message over the WebSocket, and one HTTP body, in bytes. */
const BODY_MAX = 1024 * 1024
const SOCKETS_MAX = 10_000
/** Of any kind, asked for by anybody. */
const CONNECTIONS_MAX = 2 * SOCKETS_MAX
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

export interface PageServer {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface HttpOptions {
  engines: Engines
  pages: () => PageServer | null
  /** Prometheus text */
  metrics: () => Promise<{ contentType: string; body: string }>
  ready: () => boolean
  /** headers for every response; returns the nonce of this one's scripts */
  secure: (req: IncomingMessage, res: ServerResponse) => void
  /** refuses foreign origins; true when the request was answered */
  refuseOrigin: (req: IncomingMessage, res: ServerResponse) => boolean
  isOriginAllowed: (req: IncomingMessage) => boolean
  handleAuth: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>
  clientAddress: ClientAddress
}

export interface Http {
  server: Server
  sockets: () => number
  /** Stops taking connections, tells everybody to go, and closes what is left at the deadline (milliseconds). */
  close(deadlineMs: number): Promise<void>
}

export function createHttp(options: HttpOptions): Http {
  const { engines } = options
  const context = async (
    req: IncomingMessage,
    token: string | undefined,
    socket: WebSocket | null,
    flow: Flow | null,
  ): Promise<Context> => {
    const remoteAddress = options.clientAddress(req)
    const principal = await engines.auth.authenticate({
      authorization: req.headers.authorization,
      cookie: req.headers.cookie,
      connectionToken: token,
      remoteAddress,
    })
    if (principal && socket) engines.auth.onRevoked(principal, () => socket.close(4401, 'revoked'), socket)
    return {
      principal,
      engines,
      remoteAddress,
      flow,
      closing: flow?.closing ?? new Closing(),
      subscriptions: { open: 0 },
    }
  }

  const trpc = createHTTPHandler({
    router: appRouter,
    basePath: '/api/trpc/',
    maxBodySize: BODY_MAX,
    createContext: async ({ req, res }) => {
      const ctx = await context(req, undefined, null, null)
      res.on('close', () => ctx.closing.close())
      if (ctx.principal) engines.auth.onRevoked(ctx.principal, () => endStream(res), res)
      return ctx
    },
  })

  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 10_000 },
    (req, res) => {
      serve(req, res).catch((error: unknown) => {
        engines.log.error({ error, url: req.url }, 'a request failed unexpectedly')
        if (!res.headersSent) plain(res, 500, 'Something went wrong; the log has the details.\n')
        else res.destroy()
      })
    },
  )

  server.maxConnections = CONNECTIONS_MAX

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '/').split('?', 1)[0] as string
    if (path === '/healthz') return plain(res, 200, 'ok\n')
    if (path === '/readyz') {
      return options.ready() ? plain(res, 200, 'ready\n') : plain(res, 503, 'not ready: starting or stopping\n')
    }
    options.secure(req, res)
    if (path === '/metrics') {
      if (!(await mayReadMetrics(req))) return plain(res, 401, 'Metrics need a token: Authorization: Bearer …\n')
      const { contentType, body } = await options.metrics()
      res.setHeader('content-type', contentType)
      res.end(body)
      return
    }
    if (path.startsWith('/api/')) {
      res.setHeader('cache-control', 'no-store')
      if (options.refuseOrigin(req, res)) return
      if (path.startsWith('/api/auth/') && (await options.handleAuth(req, res))) return
      if (path.startsWith('/api/trpc/')) return trpc(req, res)
      return plain(res, 404, 'There is nothing here. The API is at /api/trpc.\n')
    }
    const pages = options.pages()
    if (!pages) return plain(res, 503, 'The pages are still starting.\n')
    return pages.handle(req, res)
  }

  /** From this machine freely, as usual for scrapers; from elsewhere with any valid token. */
  async function mayReadMetrics(req: IncomingMessage): Promise<boolean> {
    // By a name of loopback only: a page that points its own name at this machine (DNS rebinding) arrives with that name,
    // and what a reverse proxy passes on with the public one.
    const name = (req.headers.host ?? '').replace(/:\d+$/, '')
    const forwarded = req.headers['x-forwarded-for'] !== undefined || req.headers.forwarded !== undefined
    if (engines.config.loopback && !forwarded && LOOPBACK_NAMES.has(name)) return true
    const { authorization, cookie } = req.headers
    const remoteAddress = options.clientAddress(req)
    return (await engines.auth.authenticate({ authorization, cookie, remoteAddress })) !== null
  }

  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: BODY_MAX,
    // Compression costs more processor than it saves on the networks a control plane lives in.
    perMessageDeflate: false,
  })
  const serveSocket = socketServer(context)

  server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy())
    const path = (req.url ?? '').split('?', 1)[0]
    if (path === '/api/trpc') {
      if (!options.isOriginAllowed(req)) return refuseUpgrade(socket, 403, 'this origin may not connect')
      if (wss.clients.size >= SOCKETS_MAX) return refuseUpgrade(socket, 503, 'too many connections')
      wss.handleUpgrade(req, socket, head, (ws) => serveSocket(ws, req))
      return
    }
    const pages = options.pages()
    if (!engines.config.dev || !pages) return refuseUpgrade(socket, 404, 'nothing to upgrade here')
    pages.upgrade(req, socket, head)
  })

  return {
    server,
    sockets: () => wss.clients.size,
    async close(deadlineMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const client of wss.clients) client.close(1012, 'the control plane is stopping')
      server.closeIdleConnections()
      const deadline = setTimeout(() => {
        for (const client of wss.clients) client.terminate()
        server.closeAllConnections()
      }, deadlineMs)
      await closed
      clearTimeout(deadline)
      for (const client of wss.clients) client.terminate()
      wss.close()
    },
  }
}

/** A subscription over HTTP goes on for as long as its reader likes, but for one who was revoked. Other answers are nearly done. */
function endStream(res: ServerResponse): void {
  if (String(res.getHeader('content-type')).startsWith('text/event-stream')) res.destroy()
}

function plain(res: ServerResponse, status: number, body: string): void {
  res.statusCode = status
  res.setHeader('content-type', 'text/plain; charset=utf-8')
  res.end(body)
}

function refuseUpgrade(socket: Duplex, status: number, why: string): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${why}\n`)
}
