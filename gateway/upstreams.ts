/** The instances behind each service and the fixed addresses, and the choice among them. */

import type { RouteSpec } from '../core/gateway/route.ts'
import type { Instance } from '../core/instance.ts'
import { Upstream, type UpstreamFacts } from './upstream.ts'

export interface Group {
  /** `service:orders` or `addresses:10.0.0.1:80,10.0.0.2:80` */
  key: string
  service: string | null
  all: Upstream[]
  /** false until the registry has been asked, or a copy of its answer has been read */
  known: boolean
}

export type Balance = RouteSpec['balance']

export interface Chooser {
  balance: Balance
  /** for `round-robin` */
  turn: number
}

export class Upstreams {
  readonly #groups = new Map<string, Group>()
  readonly #random: () => number
  readonly zone: string | null
  readonly #connectionsMax: number | undefined

  constructor(random: () => number, zone: string | null, connectionsMax?: number) {
    this.#random = random
    this.zone = zone
    this.#connectionsMax = connectionsMax
  }

  get groups(): IterableIterator<Group> {
    return this.#groups.values()
  }

  get connections(): number {
    let sum = 0
    for (const { all } of this.#groups.values()) for (const upstream of all) sum += upstream.connections
    return sum
  }

  service(name: string): Group {
    const key = `service:${name}`
    let group = this.#groups.get(key)
    if (!group) {
      group = { key, service: name, all: [], known: false }
      this.#groups.set(key, group)
    }
    return group
  }

  addresses(addresses: readonly string[]): Group {
    const key = `addresses:${addresses.join(',')}`
    let group = this.#groups.get(key)
    if (!group) {
      const all = addresses.map((address) => new Upstream(fixed(address), this.#connectionsMax))
      group = { key, service: null, all, known: true }
      this.#groups.set(key, group)
    }
    return group
  }

  /** What the registry says now; connections of instances that stay are kept. */
  set(name: string, instances: readonly Instance[]): void {
    const group = this.service(name)
    const before = new Map(group.all.map((upstream) => [upstream.facts.id, upstream]))
    group.known = true
    group.all = instances.map((instance) => {
      const facts = factsOf(instance)
      const old = before.get(instance.id)
      if (old && old.facts.address === facts.address && old.facts.secure === facts.secure) {
        before.delete(instance.id)
        old.facts = facts
        return old
      }
      return new Upstream(facts, this.#connectionsMax)
    })
    for (const gone of before.values()) gone.close()
  }

  /** Forgets groups that no route uses. */
  keep(used: ReadonlySet<string>): void {
    for (const [key, group] of this.#groups) {
      if (used.has(key)) continue
      this.#groups.delete(key)
      for (const upstream of group.all) upstream.close()
    }
  }

  /**
   * The instance for one more request; null: there is none. Those asked already and those not reachable just now are passed
   * over while there are others (panic: when all are, any will do).
   */
  choose(
    group: Group,
    chooser: Chooser,
    except: readonly Upstream[],
    hash: () => string,
    now: number,
  ): Upstream | null {
    const { all } = group
    if (all.length === 0) return null
    if (all.length === 1) return all[0] as Upstream
    let candidates = all
    if (except.length > 0)
      candidates = orAll(
        all.filter((u) => !except.includes(u)),
        all,
      )
    if (candidates.some((u) => u.avoidUntil > now))
      candidates = orAll(
        candidates.filter((u) => u.avoidUntil <= now),
        candidates,
      )
    if (chooser.balance.zoneFirst && this.zone !== null) {
      candidates = orAll(
        candidates.filter((u) => u.facts.zone === this.zone),
        candidates,
      )
    }
    if (candidates.some((u) => u.facts.weight <= 0))
      candidates = orAll(
        candidates.filter((u) => u.facts.weight > 0),
        candidates,
      )
    if (candidates.length === 1) return candidates[0] as Upstream
    switch (chooser.balance.by) {
      case 'round-robin':
        return byTurn(candidates, chooser)
      case 'hash':
        return byHash(candidates, hash())
      case 'least-in-flight':
        return twoChoices(candidates, this.#random, (u) => (u.inFlight + 1) / Math.max(u.facts.weight, 1e-9))
      default:
        return twoChoices(candidates, this.#random, (u) => u.cost(now))
    }
  }
}

function orAll(some: Upstream[], all: Upstream[]): Upstream[] {
  return some.length > 0 ? some : all
}

/** Power of two choices: M. Mitzenmacher, 2001. */
function twoChoices(candidates: readonly Upstream[], random: () => number, cost: (u: Upstream) => number): Upstream {
  const i = Math.floor(random() * candidates.length)
  let j = Math.floor(random() * (candidates.length - 1))
  if (j >= i) j += 1
  const a = candidates[i] as Upstream
  const b = candidates[j] as Upstream
  // Nearly the same is the same: one that was bad long ago would never be asked again for the last bit of it.
  return cost(b) < cost(a) * 0.98 ? b : a
}

/** Weighted, by turns that are spread: each as often as its weight says. */
function byTurn(candidates: readonly Upstream[], chooser: Chooser): Upstream {
  const total = candidates.reduce((sum, u) => sum + Math.max(0, u.facts.weight), 0)
  // The golden ratio walks through the weights without ever bunching up.
  chooser.turn = (chooser.turn + 0.618033988749895) % 1
  let left = chooser.turn * total
  for (const upstream of candidates) {
    left -= Math.max(0, upstream.facts.weight)
    if (left < 0) return upstream
  }
  return candidates.at(-1) as Upstream
}

/** Rendezvous hashing by weight (Thaler and Ravishankar 1998): one that goes moves only its own clients. */
function byHash(candidates: readonly Upstream[], key: string): Upstream {
  let best = candidates[0] as Upstream
  let bestScore = Number.NEGATIVE_INFINITY
  for (const upstream of candidates) {
    const uniform = (fnv1a(`${key}\u0000${upstream.facts.id}`) + 0.5) / 4_294_967_296
    const score = upstream.facts.weight / -Math.log(uniform)
    if (score > bestScore) {
      best = upstream
      bestScore = score
    }
  }
  return best
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  // Finished as murmur3 does: FNV alone leaves neighbours together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function factsOf(instance: Instance): UpstreamFacts {
  const { id, service, address, zone, weight, metadata } = instance
  return { id, service, address, zone: zone ?? null, weight, secure: metadata.protocol === 'https' }
}

function fixed(address: string): UpstreamFacts {
  return { id: address, service: null, address, zone: null, weight: 1, secure: false }
}
