/** What a client hears when the gateway answers in the service's place: RFC 9457 problem details. */

import type { Refusal } from '../core/gateway/view.ts'
import type { Answer } from './answer.ts'
import { ForbiddenAddress } from './peer.ts'
import type { Upstream } from './upstream.ts'

const TITLES: Record<Refusal, string> = {
  'no-route': 'No route',
  'bad-request': 'Bad request',
  'no-instance': 'No instance',
  breaker: 'Breaker open',
  limit: 'Limit reached',
  timeout: 'Timeout',
  upstream: 'The service failed',
  auth: 'Not authorised',
  fault: 'Fault on purpose',
  client: 'The client went away',
  gateway: 'The gateway failed',
}

/** Ends a request in the middle of its chain. */
export class Refused extends Error {
  readonly status: number
  readonly refusal: Refusal
  /** for `Retry-After`; null: no word of it */
  readonly retryAfterMs: number | null
  readonly headers: readonly string[]
  /** of `upstream`: certainly not seen by the service, so that it may be tried elsewhere */
  readonly unsent: boolean

  constructor(
    status: number,
    refusal: Refusal,
    message: string,
    more: { retryAfterMs?: number | null; headers?: readonly string[]; unsent?: boolean; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.status = status
    this.refusal = refusal
    this.retryAfterMs = more.retryAfterMs ?? null
    this.headers = more.headers ?? []
    this.unsent = more.unsent ?? false
  }
}

export function problem(refused: Refused, requestId: string): Answer {
  const { status, refusal, message } = refused
  const body = Buffer.from(
    JSON.stringify({
      type: `urn:holdfast:gateway:${refusal}`,
      title: TITLES[refusal],
      status,
      detail: message,
      part: refusal,
      requestId,
    }),
  )
  const headers = [
    'content-type',
    'application/problem+json',
    'content-length',
    String(body.length),
    ...refused.headers,
  ]
  headers.push('cache-control', 'no-store')
  if (refused.retryAfterMs !== null)
    headers.push('retry-after', String(Math.max(1, Math.ceil(refused.retryAfterMs / 1000))))
  return { status, headers, body, refusal, error: message }
}

/** Whatever was thrown, as something that can be answered. */
export function refusedBy(error: unknown): Refused {
  if (error instanceof Refused) return error
  const message = 'The gateway could not handle this request. Its log says why.'
  return new Refused(500, 'gateway', message, { cause: error })
}

/** Why an attempt failed, in words for the client, without what only concerns us. */
export function failure(error: Error & { code?: string }, upstream: Upstream, sent: boolean): Refused {
  const { service, id } = upstream.facts
  const who = service === null ? id : `"${service}" (${id})`
  const { code } = error
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new Refused(504, 'upstream', `${who} could not be connected to in time.`, { unsent: true, cause: error })
  }
  if (error instanceof ForbiddenAddress) {
    return new Refused(502, 'upstream', `${who} is at an address that nothing is sent to.`, { cause: error })
  }
  if (!sent) return new Refused(502, 'upstream', `${who} could not be reached.`, { unsent: true, cause: error })
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new Refused(502, 'upstream', `${who} answered with too many headers.`, { cause: error })
  }
  if (code?.startsWith('HPE_') || error.name === 'HTTPParserError')
    return new Refused(502, 'upstream', `${who} did not answer in HTTP.`, { cause: error })
  return new Refused(502, 'upstream', `${who} closed the connection before it answered.`, { cause: error })
}
