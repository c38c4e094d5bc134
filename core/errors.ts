/**
 * The one hierarchy of errors. The server throws these, tRPC carries them whole, the SDK throws the same classes again.
 * `message` says what happened and what to do; internal causes (SQL, stacks) never travel.
 */
export type ErrorCode =
  | 'NETWORK'
  | 'TIMEOUT'
  | 'CONSISTENCY'
  | 'SERVICE_UNAVAILABLE'
  | 'CONFLICT'
  | 'NOT_FOUND'
  | 'VALIDATION'
  | 'BREAKER_OPEN'
  | 'LOCK'
  | 'BUDGET_EXHAUSTED'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'INTERNAL'

export type ErrorDetails = Record<string, string | number | boolean | null>

export interface ErrorOptions {
  retryable?: boolean
  /** milliseconds after which a retry may succeed */
  retryAfterMs?: number
  /** small facts a program may act on; never secrets */
  details?: ErrorDetails
}

/** What travels over the wire in `error.data.holdfast`. */
export interface ErrorJson {
  code: ErrorCode
  message: string
  retryable: boolean
  retryAfterMs?: number
  details?: ErrorDetails
}

export class HoldfastError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly details: ErrorDetails | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message)
    this.code = code
    this.name = NAMES[code]
    this.retryable = options.retryable ?? RETRYABLE.has(code)
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details
  }

  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.details === undefined ? {} : { details: this.details }),
    }
  }
}

const NAMES: Record<ErrorCode, string> = {
  NETWORK: 'NetworkError',
  TIMEOUT: 'TimeoutError',
  CONSISTENCY: 'ConsistencyError',
  SERVICE_UNAVAILABLE: 'ServiceUnavailableError',
  CONFLICT: 'ConflictError',
  NOT_FOUND: 'NotFoundError',
  VALIDATION: 'ValidationError',
  BREAKER_OPEN: 'BreakerOpenError',
  LOCK: 'LockError',
  BUDGET_EXHAUSTED: 'BudgetExhaustedError',
  UNAUTHENTICATED: 'UnauthenticatedError',
  FORBIDDEN: 'ForbiddenError',
  RATE_LIMITED: 'RateLimitedError',
  INTERNAL: 'InternalError',
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED'])

function errorClass(code: ErrorCode) {
  return class extends HoldfastError {
    constructor(message: string, options?: ErrorOptions) {
      super(code, message, options)
    }
  }
}

/** The peer could not be reached or the connection broke; the outcome of a write is unknown. */
export class NetworkError extends errorClass('NETWORK') {}
/** No answer in time; the outcome of a write is unknown. */
export class TimeoutError extends errorClass('TIMEOUT') {}
/** The asked consistency level cannot be met now; an old answer is not given in its place. */
export class ConsistencyError extends errorClass('CONSISTENCY') {}
/** Nobody can serve this now. */
export class ServiceUnavailableError extends errorClass('SERVICE_UNAVAILABLE') {}
/** A lost race or a second owner; the message names what stands in the way. */
export class ConflictError extends errorClass('CONFLICT') {}
export class NotFoundError extends errorClass('NOT_FOUND') {}
export class ValidationError extends errorClass('VALIDATION') {}
export class BreakerOpenError extends errorClass('BREAKER_OPEN') {}
export class LockError extends errorClass('LOCK') {}
/** The retry or time budget of a call is spent. */
export class BudgetExhaustedError extends errorClass('BUDGET_EXHAUSTED') {}
export class UnauthenticatedError extends errorClass('UNAUTHENTICATED') {}
export class ForbiddenError extends errorClass('FORBIDDEN') {}
export class RateLimitedError extends errorClass('RATE_LIMITED') {}
/** A defect on the server; the message carries a reference to its log and nothing else. */
export class InternalError extends errorClass('INTERNAL') {}

const CLASSES: Record<ErrorCode, new (message: string, options?: ErrorOptions) => HoldfastError> = {
  NETWORK: NetworkError,
  TIMEOUT: TimeoutError,
  CONSISTENCY: ConsistencyError,
  SERVICE_UNAVAILABLE: ServiceUnavailableError,
  CONFLICT: ConflictError,
  NOT_FOUND: NotFoundError,
  VALIDATION: ValidationError,
  BREAKER_OPEN: BreakerOpenError,
  LOCK: LockError,
  BUDGET_EXHAUSTED: BudgetExhaustedError,
  UNAUTHENTICATED: UnauthenticatedError,
  FORBIDDEN: ForbiddenError,
  RATE_LIMITED: RateLimitedError,
  INTERNAL: InternalError,
}

export function isErrorJson(value: unknown): value is ErrorJson {
  if (typeof value !== 'object' || value === null) return false
  const { code, message } = value as Partial<ErrorJson>
  return typeof code === 'string' && code in CLASSES && typeof message === 'string'
}

/** The error of the same class that was thrown on the other side. */
export function errorFromJson(json: ErrorJson): HoldfastError {
  const { code, message, ...options } = json
  return new CLASSES[code](message, options)
}
