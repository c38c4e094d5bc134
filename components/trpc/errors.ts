/** What went wrong, in the product's own terms, whatever was thrown. */
import { type ErrorJson, isErrorJson } from '@/core/errors'

/** The error of a call as the server described it; a broken connection and a defect of the page get words of their own. */
export function holdfastError(error: unknown): ErrorJson {
  if (isErrorJson(error)) return error
  const described = (error as { data?: { holdfast?: unknown } | null } | null)?.data?.holdfast
  if (isErrorJson(described)) return described
  if (isBrokenConnection(error)) {
    return {
      code: 'NETWORK',
      message:
        'The connection to the control plane broke. It is being restored; if you were changing something, look whether it took effect.',
      retryable: true,
    }
  }
  return {
    code: 'INTERNAL',
    message: error instanceof Error && error.message !== '' ? error.message : 'Something went wrong on this page.',
    retryable: false,
  }
}

/** A tRPC client error without a shape never got an answer. */
function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'TRPCWebSocketClosedError') return true
  return error.name === 'TRPCClientError' && !(error as { shape?: unknown }).shape
}

const RETRIES_MAX = 3

/** May a call be made again by itself? Writes too: the id of their operation makes a repetition harmless. */
export function mayRetry(failures: number, error: unknown): boolean {
  return failures < RETRIES_MAX && holdfastError(error).retryable
}

/** Milliseconds until the next attempt: what the server asked for, else doubling from 400 ms. */
export function retryDelay(failures: number, error: unknown): number {
  return holdfastError(error).retryAfterMs ?? Math.min(400 * 2 ** failures, 5_000)
}
