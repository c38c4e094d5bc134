/** One HTTP exchange over a fresh connection to checked addresses: no redirects, no proxies, bounded headers and body. */
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { ValidationError } from '../../core/errors.ts'
import type { Deadline } from './deadline.ts'
import { networkError, OutboundRefused } from './failure.ts'
import { canonical, formatIp, parseIp } from './networks.ts'
import { type Endpoint, endpointText, parseEndpoint, pinned } from './resolve.ts'

interface RequestParts {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** for the whole call, name resolution included */
  timeoutMs: number
  /** of the answer's body; the rest is not read */
  maxBytes: number
  signal?: AbortSignal
}

/** Either a whole `url` (http or https), or an `address` (host:port) and a `path`. */
export type HttpRequest = RequestParts & ({ url: string } | { address: string; path: string })

export interface HttpResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: Buffer
  /** true when the body was longer than `maxBytes` */
  truncated: boolean
  durationMs: number
  /** the address that answered */
  remote: string
}

export interface Plan {
  secure: boolean
  endpoint: Endpoint
  path: string
  method: string
  headers: Record<string, string>
  body: Buffer | null
  maxBytes: number
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Set by us, or with a meaning for one connection only. */
const RESERVED: ReadonlySet<string> = new Set(
  'host connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding content-length upgrade expect'.split(
    ' ',
  ),
)
const PATH_MAX = 8_192
const HEADERS_MAX = 64
const HEADER_BYTES_MAX = 16_384
const BODY_BYTES_MAX = 4 * 1_048_576

/** A request that is safe to send as it is. @throws ValidationError */
export function planRequest(request: HttpRequest): Plan {
  const { secure, endpoint, path } =
    'url' in request ? fromUrl(request.url) : fromAddress(request.address, request.path)
  const method = (request.method ?? 'GET').toUpperCase()
  if (!METHODS.has(method))
    throw new ValidationError(`"${method.slice(0, 20)}" is not a method that is called. Use GET, POST or the like.`)
  if (path.length > PATH_MAX) throw new ValidationError(`The path is longer than ${PATH_MAX} characters.`)
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new ValidationError('The path must begin with "/" and hold no spaces or control characters.')
  const body = request.body === undefined ? null : Buffer.from(request.body)
  if (body && body.length > BODY_BYTES_MAX)
    throw new ValidationError(`The body is larger than ${BODY_BYTES_MAX} bytes.`)
  return {
    secure,
    endpoint,
    path,
    method,
    headers: planHeaders(request, endpoint, secure, body),
    body,
    maxBytes: request.maxBytes,
  }
}

function fromAddress(address: string, path: string) {
  return { secure: false, endpoint: parseEndpoint(address), path }
}

function fromUrl(text: string) {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ValidationError(`"${text.slice(0, 100)}" is not an http or https URL.`)
  }
  if (url.username !== '' || url.password !== '')
    throw new ValidationError('A URL with a user name or password in it is not called.')
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return { secure, endpoint: parseEndpoint(`${url.hostname}:${port}`), path: `${url.pathname}${url.search}` }
}

function planHeaders(
  request: HttpRequest,
  endpoint: Endpoint,
  secure: boolean,
  body: Buffer | null,
): Record<string, string> {
  const entries = Object.entries(request.headers ?? {})
  let bytes = 0
  const headers: Record<string, string> = { 'user-agent': 'holdfast', 'accept-encoding': 'identity' }
  for (const [name, value] of entries) {
    const lower = name.toLowerCase()
    if (RESERVED.has(lower)) throw new ValidationError(`The header "${lower}" is set by Holdfast and cannot be given.`)
    try {
      http.validateHeaderName(lower)
      http.validateHeaderValue(lower, value)
    } catch {
      throw new ValidationError(`The header "${lower.slice(0, 100)}" has a name or value that HTTP does not allow.`)
    }
    bytes += lower.length + value.length + 4
    headers[lower] = value
  }
  if (entries.length > HEADERS_MAX || bytes > HEADER_BYTES_MAX) {
    throw new ValidationError(`The headers are more than ${HEADERS_MAX}, or larger than ${HEADER_BYTES_MAX} bytes.`)
  }
  const usual = endpoint.port === (secure ? 443 : 80)
  headers.host = usual ? endpointText(endpoint).replace(/:\d+$/, '') : endpointText(endpoint)
  if (body) headers['content-length'] = String(body.length)
  return headers
}

// Agents of our own: the global ones may be told by the environment to use a proxy.
const plainAgent = new http.Agent({ keepAlive: false })
const secureAgent = new https.Agent({ keepAlive: false, maxCachedSessions: 0 })

/** Sends a request to checked addresses. @throws NetworkError, TimeoutError, OutboundRefused */
export function exchange(
  plan: Plan,
  addresses: readonly string[],
  deadline: Deadline,
): Promise<Omit<HttpResponse, 'durationMs'>> {
  const target = endpointText(plan.endpoint)
  deadline.phase = 'connect'
  return new Promise((resolve, reject) => {
    const options: https.RequestOptions = {
      ...pinned(addresses),
      port: plan.endpoint.port,
      path: plan.path,
      method: plan.method,
      headers: plan.headers,
      setHost: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      agent: plan.secure ? secureAgent : plainAgent,
    }
    // The certificate is checked against the name that was asked for, not the address behind it.
    if (plan.secure) options.servername = isIP(plan.endpoint.host) ? '' : plan.endpoint.host
    const request = (plan.secure ? https : http).request(options)
    let remote: string | null = null
    const fail = (error: unknown) => {
      request.destroy()
      reject(error)
    }
    deadline.onEnd(fail)
    request.once('socket', (socket) => {
      socket.once(plan.secure ? 'secureConnect' : 'connect', () => {
        deadline.phase = 'answer'
        // Unknown when the other side has closed already; its error follows.
        remote = canonicalText(socket.remoteAddress)
        if (remote !== null && !addresses.includes(remote))
          fail(new OutboundRefused(target, `the connection led to ${remote}`))
      })
    })
    // Errors after the promise is settled have nobody to tell, but must not end the process.
    request.on('error', (error) => fail(networkError(target, deadline.phase, error)))
    request.once('upgrade', (_answer, socket) => {
      socket.destroy()
      fail(networkError(target, 'answer', { code: 'HPE_UNEXPECTED_UPGRADE' }))
    })
    request.once('response', (answer) => {
      deadline.phase = 'body'
      readBody(answer, plan.maxBytes).then(
        ({ body, truncated }) => {
          if (truncated) request.destroy()
          resolve({
            status: answer.statusCode ?? 0,
            headers: plainHeaders(answer.headers),
            body,
            truncated,
            remote: remote ?? '',
          })
        },
        (error) => fail(networkError(target, 'body', error)),
      )
    })
    request.end(plan.body ?? undefined)
  })
}

function readBody(answer: http.IncomingMessage, maxBytes: number): Promise<{ body: Buffer; truncated: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxBytes) return
      answer.removeAllListeners('data')
      resolve({ body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: true })
      answer.destroy()
    })
    answer.on('end', () => resolve({ body: Buffer.concat(chunks), truncated: false }))
    answer.on('error', reject)
  })
}

function canonicalText(address: string | undefined): string | null {
  const ip = parseIp(address ?? '')
  return ip ? formatIp(canonical(ip)) : null
}

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}
