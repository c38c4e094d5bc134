/** WebSockets: the request goes through its route's chain like any other; then two sockets are joined. */
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { connect as connectTls } from 'node:tls'
import { formatTraceparent } from '../sdk/trace.ts'
import type { Answer } from './answer.ts'
import type { Delivered } from './deliver.ts'
import type { Exchange } from './exchange.ts'
import { ForbiddenAddress, isForbidden } from './peer.ts'
import { failure, Refused } from './problem.ts'
import type { Services } from './services.ts'
import type { CompiledRoute } from './table.ts'
import type { Upstream } from './upstream.ts'

const CONNECT_MS = 3_000
const HEAD_BYTES_MAX = 32_768
/** A connection without a byte either way for so long is closed. */
const IDLE_MS = 10 * 60_000

interface UpgradeParts {
  run: (context: Exchange) => Promise<Answer>
  services: Services
  delivered: Delivered
}

/** What an attempt of the chain hands over instead of an ordinary answer. */
export interface Upgraded {
  socket: Socket
  head: Buffer
  rest: Buffer
}

/** Joins the client with the service that the route chooses; resolves when both have ended. @throws Refused */
export async function upgrade(
  context: Exchange,
  client: Socket,
  head: Buffer,
  { run, delivered }: UpgradeParts,
): Promise<{ status: number | null; refusal: undefined; error: undefined }> {
  if (context.req.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new Refused(501, 'bad-request', 'The only upgrade taken is "websocket".')
  }
  if (context.method !== 'GET' || context.hasBody)
    throw new Refused(400, 'bad-request', 'A WebSocket begins with a bare GET.')
  context.upgrading = true
  const gone = () => context.cancel(new Refused(499, 'client', 'The client went away.'))
  client.once('close', gone)
  const answer = await run(context)
  client.off('close', gone)
  const { upgraded } = context
  if (!upgraded) {
    // The service, or a middleware, said something else than "switching protocols".
    let text = `HTTP/1.1 ${answer.status} Refused\r\nconnection: close\r\n`
    for (let i = 0; i < answer.headers.length; i += 2) text += `${answer.headers[i]}: ${answer.headers[i + 1]}\r\n`
    client.end(
      Buffer.concat([
        Buffer.from(`${text}\r\n`, 'latin1'),
        Buffer.isBuffer(answer.body) ? answer.body : Buffer.alloc(0),
      ]),
    )
    return { status: answer.status, refusal: undefined, error: undefined }
  }
  const { socket } = upgraded
  client.write(upgraded.head)
  delivered.firstByteMs = performance.now()
  if (upgraded.rest.length > 0) client.write(upgraded.rest)
  if (head.length > 0) socket.write(head)
  await join(client, socket, delivered)
  return { status: 101, refusal: undefined, error: undefined }
}

function join(client: Socket, service: Socket, delivered: Delivered): Promise<void> {
  return new Promise((resolve) => {
    let open = 2
    const end = () => {
      open -= 1
      client.destroy()
      service.destroy()
      if (open === 0) resolve()
    }
    service.on('data', (chunk: Buffer) => {
      delivered.bytes += chunk.length
    })
    for (const socket of [client, service]) {
      socket.setTimeout(IDLE_MS, () => socket.destroy())
      socket.on('error', () => socket.destroy())
      socket.once('close', end)
    }
    client.pipe(service)
    service.pipe(client)
  })
}

/** One attempt at a WebSocket: dials, sends the head, reads the answer's. */
export function dial(context: Exchange, route: CompiledRoute, upstream: Upstream): Promise<Answer> {
  const { address, secure } = upstream.facts
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
  const port = Number(address.slice(colon + 1))
  return new Promise((resolve, reject) => {
    if (isForbidden(host)) {
      reject(failure(new ForbiddenAddress(host), upstream, false))
      return
    }
    const socket: Socket = secure ? connectTls({ host, port, servername: host }) : connect({ host, port })
    let sent = false
    let chunks = Buffer.alloc(0)
    const timer = setTimeout(
      () => fail(new Refused(504, 'timeout', 'The service did not answer in time.', { unsent: !sent })),
      CONNECT_MS,
    )
    const off = context.onCancel((why) => fail(why))
    const over = () => {
      clearTimeout(timer)
      off()
      socket.removeAllListeners()
    }
    const fail = (why: Error) => {
      over()
      socket.on('error', () => {})
      socket.destroy()
      reject(why instanceof Refused ? why : failure(why, upstream, sent))
    }
    socket.once('error', fail)
    socket.once('close', () => fail(new Error('closed')))
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      if (isForbidden(socket.remoteAddress)) {
        fail(new ForbiddenAddress(socket.remoteAddress as string))
        return
      }
      sent = true
      timer.refresh()
      socket.setNoDelay(true)
      socket.write(headOf(context, route, upstream), 'latin1')
    })
    socket.on('data', (chunk: Buffer) => {
      chunks = Buffer.concat([chunks, chunk])
      const end = chunks.indexOf('\r\n\r\n')
      if (end < 0) {
        if (chunks.length > HEAD_BYTES_MAX)
          fail(new Refused(502, 'upstream', 'The service answered with too many headers.'))
        return
      }
      const head = chunks.subarray(0, end + 4)
      const rest = chunks.subarray(end + 4)
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1] ?? Number.NaN)
      over()
      if (status === 101) {
        context.upgraded = { socket, head, rest }
        resolve({ status, headers: [], body: null })
        return
      }
      socket.on('error', () => {})
      socket.destroy()
      if (!(status >= 200)) {
        reject(new Refused(502, 'upstream', 'The service did not answer in HTTP.'))
        return
      }
      const body = Buffer.from(JSON.stringify({ title: 'The service refused the WebSocket', status, part: 'upstream' }))
      resolve({
        status,
        headers: ['content-type', 'application/problem+json', 'content-length', String(body.length)],
        body,
      })
    })
  })
}

function headOf(context: Exchange, route: CompiledRoute, upstream: Upstream): string {
  const host = (route.keepHost ? context.req.headers.host : undefined) ?? upstream.facts.address
  const lines = [`GET ${route.rewrite(context.path)}${context.query} HTTP/1.1`, `host: ${host}`]
  for (let i = 0; i < context.headers.length; i += 2) lines.push(`${context.headers[i]}: ${context.headers[i + 1]}`)
  lines.push('connection: Upgrade', 'upgrade: websocket', `traceparent: ${formatTraceparent(context.trace)}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
