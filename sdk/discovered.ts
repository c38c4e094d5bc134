import type { ConsistencyLevel, Freshness } from '../core/consistency.ts'
import type { Instance } from '../core/instance.ts'

/** Where a list gets what it says of its own freshness. */
export interface FreshnessSource {
  readonly appliedSeq: number
  readonly headSeq: number
  readonly staleMs: number
}

/**
 * The instances of a service, and how fresh this list is. Lists from the local copy are shared between callers and
 * frozen; their `staleMs` is the age at the moment it is read.
 */
export class Discovered extends Array<Instance> implements Freshness {
  /** `filter`, `map` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  readonly level: ConsistencyLevel
  /** nothing is routable and these are returned for want of better */
  readonly lastResort: boolean
  /** instances that match the filter, in any state */
  readonly total: number
  readonly #source: FreshnessSource

  private constructor(level: ConsistencyLevel, lastResort: boolean, total: number, source: FreshnessSource) {
    super()
    this.level = level
    this.lastResort = lastResort
    this.total = total
    this.#source = source
  }

  static list(
    instances: readonly Instance[],
    facts: { level: ConsistencyLevel; lastResort: boolean; total: number },
    source: FreshnessSource,
  ): Discovered {
    const list = new Discovered(facts.level, facts.lastResort, facts.total, source)
    for (const instance of instances) list.push(instance)
    Object.freeze(list)
    return list
  }

  /** the last journal entry this list includes */
  get appliedSeq(): number {
    return this.#source.appliedSeq
  }

  /** the last journal entry known to exist */
  get headSeq(): number {
    return this.#source.headSeq
  }

  /** milliseconds since the list was last known to be complete; 0 while it is followed live */
  get staleMs(): number {
    return this.#source.staleMs
  }
}
