/**
 * Every outgoing call of the control plane: checks, steps, upstreams. Networks are allowed by list, names are resolved once
 * and pinned, redirects are not followed, and time, size and number are bounded.
 */
import { connect } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { ValidationError } from '../core/errors.ts'
import type { Log } from './log.ts'
import { type Scheduler, TIMERS } from './loops.ts'
import { Deadline } from './outbound/deadline.ts'
import { networkError, OutboundRefused } from './outbound/failure.ts'
import { exchange, type HttpRequest, type HttpResponse, planRequest } from './outbound/http.ts'
import { type Network, parseNetwork } from './outbound/networks.ts'
import { AddressPolicy } from './outbound/policy.ts'
import { endpointText, type Lookup, parseEndpoint, pinned, Resolver } from './outbound/resolve.ts'
import { Slots } from './outbound/slots.ts'

export type { HttpRequest, HttpResponse, Lookup }
export { OutboundRefused }

export interface OutboundOptions {
  /** networks in CIDR notation that may be called besides the private ones */
  allow: readonly string[]
  /** true while the control plane itself listens on loopback only */
  loopbackAllowed: boolean
  clock: Clock
  log: Log
  lookup?: Lookup
  scheduler?: Scheduler
  /** calls under way at once */
  totalMax?: number
  perTargetMax?: number
}

export interface TcpRequest {
  /** host:port */
  address: string
  timeoutMs: number
  signal?: AbortSignal
}

export interface TcpResponse {
  durationMs: number
  /** the address that accepted */
  remote: string
}

export interface OutboundStats {
  inFlight: number
  calls: number
  refused: number
}

export interface Outbound {
  /**
   * One HTTP exchange; any status is an answer.
   * @throws ValidationError, OutboundRefused, NetworkError (details.cause, phase, local), TimeoutError (details.phase),
   * ServiceUnavailableError when too many calls are under way
   */
  http(request: HttpRequest): Promise<HttpResponse>
  /** Connects and closes again. @throws as `http` does */
  tcp(request: TcpRequest): Promise<TcpResponse>
  stats(): OutboundStats
}

const TIMEOUT_MAX_MS = 10 * 60_000

/** @throws ValidationError when `allow` holds something that is not a network */
export function createOutbound(options: OutboundOptions): Outbound {
  const { clock, log, scheduler = TIMERS } = options
  const policy = new AddressPolicy({ allow: options.allow.map(readNetwork), loopbackAllowed: options.loopbackAllowed })
  const resolver = new Resolver({ policy, clock, ...(options.lookup ? { lookup: options.lookup } : {}) })
  const slots = new Slots(options.totalMax ?? 4_096, options.perTargetMax ?? 32)
  const counts = { calls: 0, refused: 0 }

  async function within<T>(
    target: string,
    request: { timeoutMs: number; signal?: AbortSignal },
    work: (deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, signal } = request
    if (!(timeoutMs > 0 && timeoutMs <= TIMEOUT_MAX_MS)) {
      throw new ValidationError(`timeoutMs must be above 0 and at most ${TIMEOUT_MAX_MS}.`)
    }
    const giveBack = slots.take(target)
    const deadline = new Deadline(scheduler, target, timeoutMs, signal)
    counts.calls += 1
    try {
      return await work(deadline)
    } catch (error) {
      if (error instanceof OutboundRefused) {
        counts.refused += 1
        log.debug({ target, why: error.message }, 'outgoing call refused')
      }
      throw error
    } finally {
      deadline.release()
      giveBack()
    }
  }

  return {
    async http(request) {
      const plan = planRequest(request)
      const begun = clock.monotonic()
      return within(endpointText(plan.endpoint), request, async (deadline) => {
        const addresses = await deadline.race(resolver.resolve(plan.endpoint))
        const answer = await exchange(plan, addresses, deadline)
        return { ...answer, durationMs: clock.monotonic() - begun }
      })
    },

    async tcp(request) {
      const endpoint = parseEndpoint(request.address)
      const begun = clock.monotonic()
      return within(endpointText(endpoint), request, async (deadline) => {
        const addresses = await deadline.race(resolver.resolve(endpoint))
        const remote = await knock(addresses, endpoint.port, endpointText(endpoint), deadline)
        return { remote, durationMs: clock.monotonic() - begun }
      })
    },

    stats: () => ({ inFlight: slots.inFlight, ...counts }),
  }
}

function readNetwork(text: string): Network {
  const network = parseNetwork(text)
  if (!network) throw new ValidationError(`"${text}" is not a network. Use CIDR notation, such as 203.0.113.0/24.`)
  return network
}

function knock(addresses: readonly string[], port: number, target: string, deadline: Deadline): Promise<string> {
  deadline.phase = 'connect'
  return new Promise((resolve, reject) => {
    const socket = connect({ ...pinned(addresses), port })
    deadline.onEnd((reason) => {
      socket.destroy()
      reject(reason)
    })
    socket.once('connect', () => {
      resolve(socket.remoteAddress ?? '')
      socket.destroy()
    })
    socket.on('error', (error) => reject(networkError(target, 'connect', error)))
  })
}
