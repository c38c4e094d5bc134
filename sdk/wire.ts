/** The messages of tRPC 11 over a WebSocket, and its errors turned back into ours. */
import {
  errorFromJson,
  ForbiddenError,
  type HoldfastError,
  InternalError,
  isErrorJson,
  NetworkError,
  NotFoundError,
  RateLimitedError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthenticatedError,
  ValidationError,
} from '../core/errors.ts'

export type OperationKind = 'query' | 'mutation' | 'subscription'

export type Outgoing =
  | { id: number; method: OperationKind; params: { path: string; input: unknown; lastEventId?: string } }
  | { id: number; method: 'subscription.stop' }

export interface WireError {
  message: string
  code?: number
  data?: { code?: string; httpStatus?: number; holdfast?: unknown }
}

export type Incoming =
  | { id: number; result: { type: 'data'; data: unknown } | { type: 'started' } | { type: 'stopped' } }
  | { id: number | null; error: WireError }
  | { id: null; method: 'reconnect' }

/** Parses one frame, a message or an array of them; what is neither an answer nor a notification is left out. */
export function parseFrame(text: string): Incoming[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  return (Array.isArray(value) ? value : [value]).filter(isIncoming)
}

function isIncoming(value: unknown): value is Incoming {
  return typeof value === 'object' && value !== null && ('result' in value || 'error' in value || 'method' in value)
}

const BY_TRPC_CODE: Record<string, new (message: string) => HoldfastError> = {
  PARSE_ERROR: ValidationError,
  BAD_REQUEST: ValidationError,
  UNPROCESSABLE_CONTENT: ValidationError,
  PAYLOAD_TOO_LARGE: ValidationError,
  METHOD_NOT_SUPPORTED: ValidationError,
  UNAUTHORIZED: UnauthenticatedError,
  FORBIDDEN: ForbiddenError,
  NOT_FOUND: NotFoundError,
  TIMEOUT: TimeoutError,
  CLIENT_CLOSED_REQUEST: NetworkError,
  TOO_MANY_REQUESTS: RateLimitedError,
  SERVICE_UNAVAILABLE: ServiceUnavailableError,
  BAD_GATEWAY: ServiceUnavailableError,
  GATEWAY_TIMEOUT: TimeoutError,
}

/** The class that was thrown on the server, or the nearest one to a plain tRPC error. */
export function errorFromWire(error: WireError): HoldfastError {
  const carried = error.data?.holdfast
  if (isErrorJson(carried)) return errorFromJson(carried)
  const Class = BY_TRPC_CODE[error.data?.code ?? ''] ?? InternalError
  return new Class(error.message)
}

/** `http(s)://host:port[/path]` → the WebSocket address of its tRPC API. Throws a ValidationError on anything else. */
export function trpcSocketUrl(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new ValidationError(`"${url}" is not a URL; expected something like "http://127.0.0.1:3000"`)
  }
  const protocol = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[parsed.protocol]
  if (!protocol) throw new ValidationError(`The URL must begin with http:// or https://, not "${parsed.protocol}//"`)
  const path = parsed.pathname.replace(/\/+$/, '')
  return `${protocol}//${parsed.host}${path.endsWith('/api/trpc') ? path : `${path}/api/trpc`}`
}
