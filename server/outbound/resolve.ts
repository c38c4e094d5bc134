/** From a name to addresses that may be called, all of them checked before any is connected to. */
import { promises as dns } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { NetworkError, ValidationError } from '../../core/errors.ts'
import { networkError, OutboundRefused } from './failure.ts'
import { canonical, formatIp, hostForUrl, parseIp } from './networks.ts'
import type { AddressPolicy } from './policy.ts'

/** Every address of a name. Rejects with a system error (`code`). */
export type Lookup = (host: string) => Promise<readonly string[]>

export interface Endpoint {
  host: string
  port: number
}

/** Tried one after the other when connecting. */
const ADDRESSES_MAX = 8

/** The system's own resolution, /etc/hosts included. */
export const systemLookup: Lookup = async (host) => {
  const found = await dns.lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

/**
 * `host:port`, with an IPv6 address in brackets.
 * @throws ValidationError
 */
export function parseEndpoint(address: string): Endpoint {
  const match = /^(?:\[([^[\]]{2,64})\]|([^[\]:/@?#\s\\]{1,253})):(\d{1,5})$/.exec(address)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || port < 1 || port > 65_535 || (match?.[1] !== undefined && !parseIp(host))) {
    throw new ValidationError(
      `"${address.slice(0, 100)}" is not an address. Use host:port, such as 10.0.0.7:8080 or [fd12::7]:8080.`,
    )
  }
  return { host, port }
}

export const endpointText = ({ host, port }: Endpoint) => `${hostForUrl(host)}:${port}`

/** A name that took longer than this to resolve, or failed for want of an answer, is slow until it does better. */
const SLOW_MS = 1_000
const SLOW_NAMES_MAX = 10_000

/**
 * Resolves names, one look-up a name at once. libuv gives the system's resolution two threads of its four, so names whose
 * servers do not answer get one turn at a time among themselves and leave the other to the rest.
 */
export class Resolver {
  readonly #lookup: Lookup
  readonly #policy: AddressPolicy
  readonly #clock: Clock
  readonly #pending = new Map<string, Promise<readonly string[]>>()
  readonly #slowNames = new Set<string>()
  readonly #turns = { fast: new Turns(2), slow: new Turns(1) }

  constructor(options: { lookup?: Lookup; policy: AddressPolicy; clock: Clock }) {
    this.#lookup = options.lookup ?? systemLookup
    this.#policy = options.policy
    this.#clock = options.clock
  }

  /**
   * The addresses of an endpoint. One that may not be called refuses the whole name, so that a mixed answer tells nothing.
   * @throws OutboundRefused, NetworkError
   */
  async resolve(endpoint: Endpoint): Promise<string[]> {
    const target = endpointText(endpoint)
    const literal = parseIp(endpoint.host)
    if (!literal && endpoint.host.includes('%'))
      throw new OutboundRefused(target, 'addresses with a zone are not called')
    const texts = literal ? [endpoint.host] : await this.#find(endpoint)
    const checked = new Set<string>()
    for (const text of texts) {
      const ip = parseIp(text)
      const why = ip ? this.#policy.refusal(ip) : 'its name resolves to something that is not a plain address'
      if (why !== null) throw new OutboundRefused(target, why)
      // What is connected to is the very value that was judged, not another spelling of it.
      if (ip) checked.add(formatIp(canonical(ip)))
    }
    return [...checked].slice(0, ADDRESSES_MAX)
  }

  async #find(endpoint: Endpoint): Promise<readonly string[]> {
    const target = endpointText(endpoint)
    try {
      const found = await this.#share(endpoint.host.toLowerCase())
      if (found.length > 0) return found
    } catch (error) {
      throw networkError(target, 'resolve', error)
    }
    throw new NetworkError(`${target}: the name has no address.`, {
      details: { cause: 'ENODATA', phase: 'resolve', local: false },
    })
  }

  #share(host: string): Promise<readonly string[]> {
    let pending = this.#pending.get(host)
    if (!pending) {
      pending = this.#inTurn(host).finally(() => this.#pending.delete(host))
      this.#pending.set(host, pending)
    }
    return pending
  }

  async #inTurn(host: string): Promise<readonly string[]> {
    const done = await this.#turns[this.#slowNames.has(host) ? 'slow' : 'fast'].take()
    const begun = this.#clock.monotonic()
    let answered = false
    try {
      const found = await this.#lookup(host)
      answered = true
      return found
    } catch (error) {
      answered = (error as { code?: unknown }).code === 'ENOTFOUND'
      throw error
    } finally {
      if (answered && this.#clock.monotonic() - begun < SLOW_MS) this.#slowNames.delete(host)
      else if (this.#slowNames.size < SLOW_NAMES_MAX) this.#slowNames.add(host)
      done()
    }
  }
}

/** Lets so many in at once; the rest wait in order. */
class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((go) => this.#waiting.push(go))
    return () => {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

/** Options for `net.connect` that lead to these addresses and nowhere else; the name is not resolved again. */
export function pinned(addresses: readonly string[]): { host: string; lookup?: LookupFunction } {
  const [first] = addresses
  if (first === undefined) throw new Error('no address to connect to')
  if (addresses.length === 1) return { host: first }
  const all = addresses.map((address) => ({ address, family: parseIp(address)?.version ?? 4 }))
  return {
    host: 'pinned.invalid',
    lookup: (_host, options, done) => {
      if (options.all) done(null, all)
      else done(null, first, all[0]?.family)
    },
  }
}
