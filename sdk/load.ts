import { fullJitter } from '../core/backoff.ts'
import { powerOfTwoChoices } from '../core/balance.ts'
import type { Instance } from '../core/instance.ts'
import type { Random } from '../core/random.ts'
import type { Time } from './time.ts'

interface Peer {
  inFlight: number
  /** connect failures in a row */
  refusals: number
  /** not chosen before this moment, unless nobody else is left */
  avoidUntil: number
}

/** Past so many, those that are idle and not avoided are forgotten. */
const PEERS_MAX = 1_000
const AVOID = { initialDelayMs: 1_000, maxDelayMs: 10_000, multiplier: 2 }

/**
 * What this process itself sees of each instance: calls in flight, and connections refused. A dead instance answers
 * fastest of all (with a refusal), so by load alone it would attract everything until the registry notices.
 */
export class Load {
  readonly #peers = new Map<string, Peer>()
  readonly #time: Time
  readonly #random: Random

  constructor(time: Time, random: Random) {
    this.#time = time
    this.#random = random
  }

  inFlight(id: string): number {
    return this.#peers.get(id)?.inFlight ?? 0
  }

  /** Power of two choices by calls in flight and weight, among those not avoided just now; `except`: tried already. */
  choose(instances: readonly Instance[], except: ReadonlySet<string>): Instance | undefined {
    const now = this.#time.monotonic()
    const left = except.size === 0 ? instances : instances.filter((i) => !except.has(i.id))
    const wanted = this.#peers.size === 0 ? left : left.filter((i) => (this.#peers.get(i.id)?.avoidUntil ?? 0) <= now)
    return powerOfTwoChoices(wanted.length > 0 ? wanted : left, weightOf, (i) => this.inFlight(i.id), this.#random)
  }

  began(id: string): void {
    const peer = this.#peers.get(id)
    if (peer) {
      peer.inFlight++
      return
    }
    if (this.#peers.size >= PEERS_MAX) this.#forget()
    this.#peers.set(id, { inFlight: 1, refusals: 0, avoidUntil: 0 })
  }

  /** `reached`: a connection could be made. */
  ended(id: string, reached: boolean): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    peer.inFlight--
    if (reached) {
      if (peer.inFlight <= 0) this.#peers.delete(id)
      else Object.assign(peer, { refusals: 0, avoidUntil: 0 })
      return
    }
    // Jittered between half and the whole, so that it is never tried again at once.
    const span = fullJitter(AVOID, peer.refusals++, () => 0.5 + this.#random() / 2)
    peer.avoidUntil = this.#time.monotonic() + span
  }

  /** Refusals of instances that are long gone must not pile up. */
  #forget(): void {
    const now = this.#time.monotonic()
    for (const [id, peer] of this.#peers) if (peer.inFlight <= 0 && peer.avoidUntil <= now) this.#peers.delete(id)
  }
}

const weightOf = (instance: Instance) => instance.weight
