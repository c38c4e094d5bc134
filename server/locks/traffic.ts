import { Sketch } from '../../core/sketch.ts'

export interface Distribution {
  count: number
  p50Ms: number | null
  p99Ms: number | null
  maxMs: number | null
}

/** How long a resource was held and waited for, since this process started. */
export class Traffic {
  readonly held = new Sketch()
  readonly waited = new Sketch()
  acquired = 0
  /** acquisitions that had to wait */
  contended = 0
  timedOut = 0
  /** when it was used last, on the clock of leases */
  usedAt = 0

  distributions(): { held: Distribution; waited: Distribution } {
    return { held: distribution(this.held), waited: distribution(this.waited) }
  }

  /** What somebody at place `ahead` (0: next) can expect to wait; null when nothing is known. */
  expectedMs(ahead: number): number | null {
    const [median] = this.held.quantiles(0.5)
    return median === undefined || median === null ? null : Math.round(median * (ahead + 1))
  }
}

function distribution(sketch: Sketch): Distribution {
  const [p50Ms = null, p99Ms = null, maxMs = null] = sketch.count === 0 ? [] : sketch.quantiles(0.5, 0.99, 1)
  return { count: sketch.count, p50Ms, p99Ms, maxMs }
}

/** Distributions are kept for so many resources: those used last. */
const KEPT_MAX = 1_000

export class Traffics {
  readonly #kept = new Map<string, Traffic>()

  of(resource: string): Traffic {
    let traffic = this.#kept.get(resource)
    if (traffic) return traffic
    traffic = new Traffic()
    this.#kept.set(resource, traffic)
    if (this.#kept.size > KEPT_MAX) {
      // Not quite the oldest, but one of the oldest: looking at all of them for every new name would cost.
      let oldest: string | null = null
      let looked = 0
      for (const [name, { usedAt }] of this.#kept) {
        if (name !== resource && (oldest === null || usedAt < (this.#kept.get(oldest) as Traffic).usedAt)) oldest = name
        if (++looked === 16) break
      }
      if (oldest !== null) this.#kept.delete(oldest)
    }
    return traffic
  }

  peek(resource: string): Traffic | null {
    return this.#kept.get(resource) ?? null
  }
}
