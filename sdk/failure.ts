/** What kind of failure an error is, whoever threw it. */
import { HoldfastError } from '../core/errors.ts'
import type { Failure } from '../core/policy.ts'
import { parseRetryAfter } from '../core/retry.ts'

export interface Seen {
  failure: Failure
  /** false when the other side certainly did nothing, so that even what is not idempotent may be repeated */
  sent: boolean
  retryAfterMs: number | undefined
  /** the error itself says that trying again is no use */
  final: boolean
}

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET'])
const LATE = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const BY_STATUS: Record<number, Failure> = {
  408: 'TIMEOUT',
  409: 'CONFLICT',
  429: 'RATE_LIMITED',
  500: 'INTERNAL',
  502: 'SERVICE_UNAVAILABLE',
  503: 'SERVICE_UNAVAILABLE',
  504: 'TIMEOUT',
}
const RETRYABLE_BY_NATURE = new Set<Failure>(['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED'])

interface Loose {
  code?: unknown
  name?: unknown
  status?: unknown
  statusCode?: unknown
  headers?: unknown
  response?: { status?: unknown; headers?: unknown }
  cause?: unknown
}

/** Errors of ours by their code, those of Node and fetch by their errno, those of HTTP clients by their status. */
export function look(error: unknown): Seen {
  if (error instanceof HoldfastError) {
    const { code, retryable, retryAfterMs, details } = error
    const final = !retryable && RETRYABLE_BY_NATURE.has(code)
    return { failure: code, sent: details?.sent !== false, retryAfterMs, final }
  }
  const seen = (failure: Failure, sent = true, retryAfterMs?: number): Seen => ({
    failure,
    sent,
    retryAfterMs,
    final: false,
  })
  if (typeof error !== 'object' || error === null) return seen('OTHER')
  const e = error as Loose
  const cause = (typeof e.cause === 'object' && e.cause !== null ? e.cause : {}) as Loose
  for (const code of [e.code, cause.code]) {
    if (typeof code !== 'string') continue
    if (NOT_SENT.has(code)) return seen('NETWORK', false)
    if (BROKEN.has(code)) return seen('NETWORK')
    if (LATE.has(code)) return seen('TIMEOUT')
  }
  if (e.name === 'TimeoutError') return seen('TIMEOUT')
  const status = Number(e.status ?? e.statusCode ?? e.response?.status)
  const failure = BY_STATUS[status]
  if (!failure) return seen('OTHER')
  const asked = headerOf(e.headers ?? e.response?.headers, 'retry-after')
  // "Too many requests" is said instead of doing anything.
  return seen(failure, status !== 429, parseRetryAfter(asked, Date.now()))
}

function headerOf(headers: unknown, name: string): string | null {
  if (typeof headers !== 'object' || headers === null) return null
  if ('get' in headers && typeof headers.get === 'function') return String(headers.get(name) ?? '') || null
  const value = (headers as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : null
}
