/** Who reports, and what each of them saw last. In memory only: after a restart every caller tells its window again. */
import type { BreakerStateName } from '../../core/breaker.ts'
import type { FleetBreaker } from './fleet-breaker.ts'

/** Callers and their figures kept at most; further ones are told so. */
export const CALLERS_MAX = 5_000
export const CONTRIBUTIONS_MAX = 250_000
/** A caller says something at least every 5 s while it uses breakers; after three times as long it is gone. */
export const CALLER_GONE_MS = 15_000

/** What one caller saw of one breaker: its whole window, not what is new, so that a lost or repeated report is harmless. */
export interface Contribution {
  readonly breaker: FleetBreaker
  readonly caller: Caller
  calls: number
  failures: number
  slow: number
  local: BreakerStateName
  ratePerSec: number
  refusedPerSec: number
  /** it has calls in its window, or stopped calling by itself */
  voting: boolean
  /** it sees the target failing */
  failing: boolean
  /** monotonic time of the report */
  at: number
  /** what its code says, as JSON; null: not told yet */
  defaults: string | null
}

export interface Caller {
  /** unique: who reports, and as what */
  readonly key: string
  readonly name: string
  readonly owner: string
  service: string | null
  /** one connection of one process; a new one has told nothing yet */
  session: string
  appliedSeq: number
  at: number
  readonly contributions: Map<string, Contribution>
}

export class Callers {
  readonly #byKey = new Map<string, Caller>()
  #contributions = 0

  get size(): number {
    return this.#byKey.size
  }

  get contributions(): number {
    return this.#contributions
  }

  all(): Iterable<Caller> {
    return this.#byKey.values()
  }

  /** null: there is no room for another one */
  seen(owner: string, name: string, session: string, service: string | null, now: number): Caller | null {
    const key = `${owner}\n${name}`
    let caller = this.#byKey.get(key)
    if (!caller) {
      if (this.#byKey.size >= CALLERS_MAX) return null
      caller = { key, name, owner, service, session, appliedSeq: 0, at: now, contributions: new Map() }
      this.#byKey.set(key, caller)
    }
    if (caller.session !== session) {
      caller.session = session
      caller.appliedSeq = 0
    }
    caller.service = service ?? caller.service
    caller.at = now
    return caller
  }

  /** The place for what `caller` sees of `breaker`; null: there is no room for another one. */
  place(caller: Caller, breaker: FleetBreaker): Contribution | null {
    const known = caller.contributions.get(breaker.name)
    if (known) return known
    if (this.#contributions >= CONTRIBUTIONS_MAX) return null
    const contribution: Contribution = {
      breaker,
      caller,
      calls: 0,
      failures: 0,
      slow: 0,
      local: 'closed',
      ratePerSec: 0,
      refusedPerSec: 0,
      voting: false,
      failing: false,
      at: caller.at,
      defaults: null,
    }
    caller.contributions.set(breaker.name, contribution)
    breaker.contributions.add(contribution)
    this.#contributions += 1
    return contribution
  }

  remove(caller: Caller): void {
    this.#byKey.delete(caller.key)
    for (const contribution of caller.contributions.values()) contribution.breaker.remove(contribution)
    this.#contributions -= caller.contributions.size
    caller.contributions.clear()
  }

  /** Forgets what was told about a breaker that is gone. */
  removeBreaker(breaker: FleetBreaker): void {
    for (const contribution of breaker.contributions) {
      if (contribution.caller.contributions.delete(breaker.name)) this.#contributions -= 1
    }
    breaker.contributions.clear()
  }
}
