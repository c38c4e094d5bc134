import { InternalError, NetworkError, ServiceUnavailableError, TimeoutError, ValidationError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { DiscoverFilter } from './api.ts'
import { type Agents, AttemptError, type AttemptResult, attempt } from './attempt.ts'
import { CallResponse } from './call-response.ts'
import { Deadline } from './deadline.ts'
import type { Discovery } from './discover.ts'
import type { Load } from './load.ts'
import { parseServerTiming, splitTiming } from './server-timing.ts'
import type { Observation } from './telemetry.ts'
import { currentTrace, formatTraceparent, nextTrace, type Trace } from './trace.ts'

export interface CallOptions extends Pick<DiscoverFilter, 'tags' | 'metadata' | 'zone'> {
  /** default `GET`, with a body `POST` */
  method?: string | undefined
  headers?: Record<string, string> | undefined
  /** text and bytes go as they are, anything else as JSON */
  body?: unknown
  /** for the whole call, a second attempt included; default 5,000 */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** may be repeated without harm; default: by the method (GET, HEAD, OPTIONS, PUT, DELETE) */
  idempotent?: boolean | undefined
  /** default: the instance's `metadata.protocol`, else `http` */
  protocol?: 'http' | 'https' | undefined
  /** longest answer; default 16 MiB */
  bytesMax?: number | undefined
}

const TIMEOUT_MS = 5_000
const BYTES_MAX = 16 * 1024 * 1024
const ATTEMPTS_MAX = 2
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

export interface CallParts {
  discovery: Discovery
  load: Load
  agents: Agents
  record: (observation: Observation) => void
}

/**
 * Discover, choose, call, measure: one call. A second attempt, on another instance, is made only when the first was
 * certainly not seen, or may be repeated without harm.
 * Throws ServiceUnavailableError (no instance), TimeoutError, NetworkError (`details.sent`: it may have had its
 * effect), ValidationError (bad arguments).
 */
export async function call(
  parts: CallParts,
  service: string,
  path: string,
  options: CallOptions,
): Promise<CallResponse> {
  if (!path.startsWith('/')) throw new ValidationError(`The path must begin with "/": "${path}"`)
  const begun = performance.now()
  const { timeoutMs = TIMEOUT_MS, tags, metadata, zone } = options
  const body = encode(options.body)
  const method = (options.method ?? (body.data === undefined ? 'GET' : 'POST')).toUpperCase()
  const idempotent = options.idempotent ?? IDEMPOTENT.has(method)
  const trace = nextTrace(currentTrace())
  const headers = { ...body.headers, ...lowerCased(options.headers), ...traceHeaders(trace) }
  const deadline = new Deadline(timeoutMs, options.signal)
  const tried = new Set<string>()
  try {
    const filter = tags || metadata || zone !== undefined ? { tags, metadata, zone } : undefined
    const candidates =
      parts.discovery.local(service, filter) ?? (await parts.discovery.discover(service, { ...filter, timeoutMs }))
    for (;;) {
      const instance = parts.load.choose(candidates, tried)
      if (!instance)
        throw new ServiceUnavailableError(`There is no instance of "${service}" to call${narrowed(filter)}`)
      const startedMs = performance.now() - begun
      try {
        const result = await once(
          parts,
          instance,
          { ...options, method, path, headers, body: body.data },
          deadline.signal,
        )
        const timing = splitTiming(
          startedMs + result.totalMs,
          startedMs + result.waitedMs,
          parseServerTiming(result.headers['server-timing']),
        )
        return new CallResponse(result, { timing, traceId: trace.traceId, instance, attempts: tried.size + 1 })
      } catch (error) {
        tried.add(instance.id)
        if (!(error instanceof AttemptError)) throw error
        const again = (!error.sent || (idempotent && isBroken(error))) && tried.size < ATTEMPTS_MAX
        if (again && !deadline.signal.aborted && candidates.length > 1) continue
        throw failure(error, service, instance, deadline, timeoutMs)
      }
    }
  } finally {
    deadline.clear()
  }
}

interface Prepared extends CallOptions {
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array | string | undefined
}

async function once(parts: CallParts, instance: Instance, r: Prepared, signal: AbortSignal): Promise<AttemptResult> {
  const protocol = r.protocol ?? (instance.metadata.protocol === 'https' ? 'https' : 'http')
  const { method, path, headers, body, bytesMax = BYTES_MAX } = r
  parts.load.began(instance.id)
  let reached = true
  let durationMs = 0
  let failed = true
  try {
    const request = { protocol, address: instance.address, method, path, headers, body, signal, bytesMax } as const
    const result = await attempt(parts.agents, request)
    durationMs = result.totalMs
    failed = result.status >= 500
    return result
  } catch (error) {
    if (error instanceof AttemptError) {
      durationMs = error.totalMs
      // Running out of time while connecting says nothing against an instance that was given too little of it.
      reached = error.sent || signal.aborted
    }
    throw error
  } finally {
    parts.load.ended(instance.id, reached)
    parts.record({ callee: instance.service, protocol, durationMs, failed })
  }
}

/** The connection broke, as opposed to an answer that cannot be taken. */
function isBroken(error: AttemptError): boolean {
  return error.errno !== 'ERR_ANSWER_TOO_LARGE'
}

function failure(error: AttemptError, service: string, at: Instance, deadline: Deadline, timeoutMs: number): unknown {
  const where = `"${service}" (${at.id} at ${at.address})`
  const details = { service, instance: at.id, address: at.address, sent: error.sent, errno: error.errno }
  if (deadline.expired) {
    const what = error.sent ? 'did not answer' : 'could not be reached'
    return new TimeoutError(`${where} ${what} within ${timeoutMs} ms`, { details })
  }
  if (deadline.signal.aborted) return deadline.signal.reason
  if (error.errno === 'ERR_ANSWER_TOO_LARGE') {
    return new InternalError(`${where}: ${error.message}`, { details })
  }
  return error.sent
    ? new NetworkError(`The connection to ${where} broke before it answered: ${error.message}`, { details })
    : new NetworkError(`${where} cannot be reached: ${error.message}`, { details })
}

function encode(body: unknown): { data: Uint8Array | string | undefined; headers: Record<string, string> } {
  if (body === undefined) return { data: undefined, headers: {} }
  if (body instanceof Uint8Array) return { data: body, headers: { 'content-length': String(body.byteLength) } }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  return { data: text, headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) } }
}

function lowerCased(headers: Record<string, string> | undefined): Record<string, string> {
  if (!headers) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function traceHeaders(trace: Trace): Record<string, string> {
  const traceparent = formatTraceparent(trace)
  return trace.state === undefined ? { traceparent } : { traceparent, tracestate: trace.state }
}

function narrowed(filter: object | undefined): string {
  return filter ? ' that matches the filter' : ''
}
