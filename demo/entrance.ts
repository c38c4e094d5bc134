/** The way in for those outside the fleet: through the gateway where there is one, else straight to the service. */
import { type Holdfast, TimeoutError } from '@holdfast/sdk'
import type { ServiceName } from './roster.ts'

export interface Answered {
  status: number
  body: unknown
  /** the service itself answered, be it with an error of its own */
  served: boolean
}

export interface Asked {
  body?: unknown
  timeoutMs: number
  /** may be repeated without harm */
  idempotent: boolean
}

export type Entrance = (path: string, asked: Asked) => Promise<Answered>

/** As other services call it. */
export function direct(holdfast: Holdfast, service: ServiceName): Entrance {
  return async (path, { body, timeoutMs, idempotent }) => {
    const response = await holdfast.call(service, path, { body, timeoutMs, idempotent })
    return { status: response.status, body: response.json(), served: true }
  }
}

/** As browsers do: without the SDK, by HTTP. `client` tells the kinds of clients apart in the gateway's log. */
export function through(gateway: string, client: string): Entrance {
  return async (path, { body, timeoutMs }) => {
    const response = await fetch(new URL(path, gateway), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'user-agent': client, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      throw error.name === 'TimeoutError' ? new TimeoutError(`no answer within ${timeoutMs} ms`) : error
    })
    // What the gateway says itself, in the service's place, is a problem by RFC 9457.
    const served = response.headers.get('content-type') !== 'application/problem+json'
    return { status: response.status, body: (await response.json()) as unknown, served }
  }
}
