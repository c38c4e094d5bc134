/** How a handler says what became of its attempt. What it does not say is taken for "nobody knows". */
import { HoldfastError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'

export interface StepErrorOptions {
  /** shown with the run */
  details?: Json | undefined
  /** milliseconds after which another attempt may succeed */
  retryAfterMs?: number | undefined
  cause?: unknown
}

/** `code`: short and stable, such as `CARD_DECLINED`; `message`: for the person who looks at the run. */
export abstract class StepError extends Error {
  readonly code: string
  readonly details: Json | undefined
  readonly retryAfterMs: number | undefined
  abstract readonly outcome: 'failed' | 'unknown'
  abstract readonly retryable: boolean

  constructor(code: string, message: string, options: StepErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
  }
}

/** It certainly did not happen, and trying again is no use: the run turns round. */
export class StepRefusedError extends StepError {
  override readonly outcome = 'failed'
  override readonly retryable = false
}

/** It certainly did not happen this time; another attempt may succeed. */
export class StepFailedError extends StepError {
  override readonly outcome = 'failed'
  override readonly retryable = true
}

/** It may have happened: tried again, and when that does not help, asked for by the probe or undone. */
export class StepUnknownError extends StepError {
  override readonly outcome = 'unknown'
  override readonly retryable = true
}

/** Why `ctx.signal` is aborted: what the attempt does from now on is no longer waited for. */
export class StepAbortedError extends Error {
  readonly why: 'lease-lost' | 'timeout' | 'undoing' | 'closing'

  constructor(why: StepAbortedError['why'], message: string) {
    super(message)
    this.name = 'StepAbortedError'
    this.why = why
  }
}

export interface StepFailure {
  error: { code: string; message: string; details?: Json }
  outcome: 'failed' | 'unknown'
  retryable: boolean
  retryAfterMs: number | null
}

const CODE_MAX = 100
const MESSAGE_MAX = 4_000
const DETAILS_MAX = 4_000
const DAY_MS = 86_400_000

/** What is reported for what a handler has thrown. */
export function failureOf(thrown: unknown): StepFailure {
  if (thrown instanceof StepError) {
    const { code, message, details, outcome, retryable, retryAfterMs } = thrown
    return failure(code, message, outcome, retryable, retryAfterMs, details)
  }
  if (thrown instanceof StepAbortedError) {
    return failure(thrown.why.toUpperCase().replace('-', '_'), thrown.message, 'unknown', true, undefined)
  }
  if (thrown instanceof HoldfastError) {
    const { code, message, retryable, retryAfterMs, details } = thrown
    // What a breaker refused, and what was never sent, has not happened; about anything else the error says nothing.
    const neverSent = code === 'BREAKER_OPEN' || details?.sent === false
    return failure(code, message, neverSent ? 'failed' : 'unknown', neverSent || retryable, retryAfterMs)
  }
  if (thrown instanceof Error) {
    const { code } = thrown as { code?: unknown }
    return failure(typeof code === 'string' ? code : thrown.name, thrown.message, 'unknown', true, undefined)
  }
  return failure('ERROR', String(thrown), 'unknown', true, undefined)
}

/** What is longer is left out, rather than the failure refused and the lease left to run out. */
function isShort(details: Json): boolean {
  try {
    return JSON.stringify(details).length <= DETAILS_MAX
  } catch {
    return false
  }
}

function failure(
  code: string,
  message: string,
  outcome: StepFailure['outcome'],
  retryable: boolean,
  retryAfterMs: number | undefined,
  details?: Json,
): StepFailure {
  return {
    error: {
      code: code.slice(0, CODE_MAX) || 'ERROR',
      message: message.slice(0, MESSAGE_MAX),
      ...(details === undefined || !isShort(details) ? {} : { details }),
    },
    outcome,
    retryable,
    retryAfterMs: retryAfterMs === undefined ? null : Math.round(Math.min(Math.max(0, retryAfterMs), DAY_MS)),
  }
}
