/** A failed attempt as an error that names whom it concerned. */
import { InternalError, NetworkError, TimeoutError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { AttemptError } from './attempt.ts'
import type { Deadline } from './deadline.ts'

/** The connection broke, as opposed to an answer that cannot be taken. */
export function isBroken(error: AttemptError): boolean {
  return error.errno !== 'ERR_ANSWER_TOO_LARGE'
}

export function failure(
  error: AttemptError,
  service: string,
  at: Instance,
  deadline: Deadline,
  timeoutMs: number,
): unknown {
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
