/** One instance that requests are sent to: its connections, and how it does. */
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { buildConnector, Client } from 'undici'
import { ForbiddenAddress, isForbidden } from './peer.ts'
import { Refused } from './problem.ts'

/** Connections to one instance, of one worker. Past it requests wait. */
export const CONNECTIONS_MAX = 4_096
const WAITING_MAX = 1_024
const CONNECT_TIMEOUT_MS = 3_000
/** Read ahead of a client that takes its time: one read of the socket, where undici's 64 kB lets it be two. */
const READ_AHEAD = 16_384
const KEEP_ALIVE_MS = 30_000
const HEADERS_BYTES_MAX = 65_536
/** Half-life of what is remembered of its latency. */
const DECAY_MS = 5_000
/** What a fast failure counts as, or a broken instance would look like the fastest of all. */
const FAILURE_MS = 1_000
const AVOID_MS = 1_000
const AVOID_MAX_MS = 15_000

export interface UpstreamFacts {
  /** of the registry, or the address */
  id: string
  /** null: a fixed address */
  service: string | null
  address: string
  zone: string | null
  weight: number
  secure: boolean
}

/** A connection, one request at a time. */
export interface Link {
  /** reads no further for now: a chunk in hand is enough for a client that takes its time */
  hold(): void
  unhold(): void
  client: Client
  connectBeganMs: number
  connectEndedMs: number
  open: boolean
}

type Waiter = { give: (link: Link) => void; fail: (why: Refused) => void }
/** Calls back when the request is cancelled; the returned function ends that. */
type OnCancel = (hook: (why: Refused) => void) => () => void

export class Upstream {
  facts: UpstreamFacts
  inFlight = 0
  /** peak-sensitive moving average of what a request takes, decayed to now; milliseconds */
  #ewmaMs = 0
  #ewmaAt = 0
  #strikes = 0
  /** not chosen before, while there are others */
  avoidUntil = 0
  /** the smallest connect round trip of the last minute or two; null: none yet */
  #floors: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  #floorAt = 0
  readonly #idle: Link[] = []
  readonly #waiting: Waiter[] = []
  #links = 0
  #closed = false
  readonly #connectionsMax: number

  constructor(facts: UpstreamFacts, connectionsMax: number = CONNECTIONS_MAX) {
    this.facts = facts
    this.#connectionsMax = connectionsMax
  }

  get connections(): number {
    return this.#links
  }

  /** What it would cost to send one more: latency times requests, by weight. */
  cost(now: number): number {
    const { weight } = this.facts
    const ewma = this.#ewmaMs * 2 ** (-(now - this.#ewmaAt) / DECAY_MS)
    return ((ewma + 1) * (this.inFlight + 1)) / Math.max(weight, 1e-9)
  }

  /** A request has ended: `failed` without an answer or with one that speaks against the instance. */
  seen(durationMs: number, failed: boolean, now: number): void {
    const old = this.#ewmaMs * 2 ** (-(now - this.#ewmaAt) / DECAY_MS)
    const sample = failed ? Math.max(durationMs, FAILURE_MS) : durationMs
    // A peak counts at once, calm is believed slowly (Finagle's Peak EWMA).
    this.#ewmaMs = sample > old ? sample * 0.5 + old * 0.5 : old + (sample - old) * 0.1
    this.#ewmaAt = now
    if (!failed && this.#strikes > 0) this.#strikes = 0
  }

  /** It could not be reached: passed over for a while, longer each time. */
  unreachable(now: number, random: number): void {
    const span = Math.min(AVOID_MAX_MS, AVOID_MS * 2 ** Math.min(this.#strikes++, 10))
    this.avoidUntil = now + span * (0.5 + random / 2)
  }

  /** A free connection, a new one, or the next that becomes free. @throws Refused when too many wait */
  take(onCancel: OnCancel): Link | Promise<Link> {
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#links < this.#connectionsMax) return this.#open()
    if (this.#waiting.length >= WAITING_MAX) {
      throw new Refused(503, 'limit', `Too many requests wait for "${this.facts.id}".`, {
        retryAfterMs: 1_000,
        unsent: true,
      })
    }
    return new Promise((give, fail) => {
      const waiter: Waiter = {
        give: (link) => {
          off()
          give(link)
        },
        fail,
      }
      this.#waiting.push(waiter)
      const off = onCancel((why) => {
        const i = this.#waiting.indexOf(waiter)
        if (i >= 0) this.#waiting.splice(i, 1)
        fail(why)
      })
    })
  }

  /** The request on it is over. `reusable`: nothing of it is left on the wire. */
  release(link: Link, reusable: boolean): void {
    if (!reusable || this.#closed) {
      this.#drop(link)
      const next = this.#waiting.shift()
      if (next) next.give(this.#open())
      return
    }
    const next = this.#waiting.shift()
    if (next) next.give(link)
    else this.#idle.push(link)
  }

  #open(): Link {
    const { address, secure } = this.facts
    this.#links += 1
    // What its types leave out is passed on to the socket.
    const options = { timeout: CONNECT_TIMEOUT_MS, allowH2: false, highWaterMark: READ_AHEAD }
    const connector = buildConnector(options)
    const holding = new Holding()
    const link: Link = {
      client: null as unknown as Client,
      connectBeganMs: 0,
      connectEndedMs: 0,
      open: false,
      hold: () => holding.hold(),
      unhold: () => holding.unhold(),
    }
    link.client = new Client(`${secure ? 'https' : 'http'}://${address}`, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
      connect: (options, callback) => {
        link.connectBeganMs = performance.now()
        link.connectEndedMs = 0
        const refuse = (at: string) => (callback as (...r: unknown[]) => void)(new ForbiddenAddress(at), null)
        if (isForbidden(options.hostname.replace(/^\[|\]$/g, ''))) return refuse(options.hostname)
        connector(options, (...result) => {
          link.connectEndedMs = performance.now()
          if (result[0] === null) {
            // A name may stand for anything, and for something else than a moment ago.
            if (isForbidden(result[1].remoteAddress)) {
              result[1].destroy()
              return refuse(result[1].remoteAddress as string)
            }
            holding.socket = secure ? null : (result[1] as Handled)
            this.#connected(link.connectEndedMs - link.connectBeganMs, link.connectEndedMs)
          }
          ;(callback as (...r: unknown[]) => void)(...result)
        })
      },
    })
    link.client.on('connect', () => {
      link.open = true
    })
    link.client.on('disconnect', () => {
      link.open = false
      // The service has closed an idle connection: nothing to keep.
      const i = this.#idle.indexOf(link)
      if (i >= 0) {
        this.#idle.splice(i, 1)
        this.#drop(link)
      }
    })
    return link
  }

  #drop(link: Link): void {
    this.#links -= 1
    link.client.destroy().catch(() => undefined)
  }

  #connected(ms: number, now: number): void {
    if (now - this.#floorAt > 60_000) {
      this.#floors = [this.#floors[1], Number.POSITIVE_INFINITY]
      this.#floorAt = now
    }
    this.#floors[1] = Math.min(this.#floors[1], ms)
  }

  /** The windowed minimum of connect round trips, milliseconds; null: none yet. */
  get connectFloorMs(): number | null {
    const floor = Math.min(...this.#floors)
    return Number.isFinite(floor) ? floor : null
  }

  /** Takes no more; what is under way ends by itself. */
  close(): void {
    this.#closed = true
    for (const link of this.#idle.splice(0)) this.#drop(link)
    for (const { fail } of this.#waiting.splice(0)) {
      fail(new Refused(503, 'no-instance', `"${this.facts.id}" is gone.`, { unsent: true }))
    }
  }
}

type Handled = Socket & { _handle?: { reading: boolean; readStop(): number; readStart(): number } | null }

/**
 * A stream of Node reads one chunk of up to 64 kB ahead of whoever has stopped reading, and cannot be told not to. For a
 * thousand slow readers those are half of the memory they take: so the socket below is stopped by hand. Where Node has
 * nothing to stop it by, it is only the memory that is not spared.
 */
class Holding {
  socket: Handled | null = null
  #held = false

  hold(): void {
    const handle = this.socket?._handle
    if (!handle?.reading || typeof handle.readStop !== 'function') return
    this.#held = true
    handle.reading = false
    handle.readStop()
  }

  unhold(): void {
    if (!this.#held) return
    this.#held = false
    const handle = this.socket?._handle
    if (!handle || handle.reading) return
    handle.reading = true
    handle.readStart()
  }
}
