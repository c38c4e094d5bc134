/** What the workers see of each route: sums over a short window, of all workers together. */
import type { Clock } from '../../core/clock.ts'
import type { Refusal, RouteCounts, RouteObserved } from '../../core/gateway/view.ts'

export const WINDOW_MS = 10_000
const BUCKET_MS = 1_000
const BUCKETS = WINDOW_MS / BUCKET_MS

interface Bucket {
  second: number
  requests: number
  errors: number
  byClass: [number, number, number, number, number]
  refusals: Partial<Record<Refusal, number>>
  retries: number
}

interface Seen {
  /** since the start of this process */
  total: Bucket
  buckets: Bucket[]
  since: number
  /** requests under way by worker, as each told last */
  inFlight: Map<string, { count: number; at: number }>
  reportedAt: number
}

export type Sums = Omit<RouteObserved, 'routable' | 'instances' | 'concerns'>

export class Observed {
  readonly #clock: Clock
  readonly #routes = new Map<string, Seen>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(worker: string, counts: RouteCounts): void {
    const now = this.#clock.monotonic()
    const seen = this.#seen(counts.id, now)
    seen.reportedAt = now
    seen.inFlight.set(worker, { count: counts.inFlight, at: now })
    if (counts.requests === 0 && counts.retries === 0 && Object.keys(counts.refusals).length === 0) return
    const second = Math.floor(now / BUCKET_MS)
    const i = second % BUCKETS
    if (seen.buckets[i]?.second !== second) seen.buckets[i] = empty(second)
    sumUp(seen.buckets[i] as Bucket, counts)
    sumUp(seen.total, counts)
  }

  /** Of every route that there is, and of what none took (`route` empty), since the start of this process. */
  totals(): {
    route: string
    byClass: readonly number[]
    refusals: Partial<Record<Refusal, number>>
    retries: number
  }[] {
    return [...this.#routes].map(([route, { total }]) => ({ ...total, route }))
  }

  of(id: string): Sums {
    const now = this.#clock.monotonic()
    const seen = this.#routes.get(id)
    const sum = empty(0)
    const first = Math.floor((now - WINDOW_MS) / BUCKET_MS) + 1
    for (const bucket of seen?.buckets ?? []) {
      if (!bucket || bucket.second < first) continue
      sumUp(sum, bucket)
    }
    let inFlight = 0
    for (const { count, at } of seen?.inFlight.values() ?? []) if (now - at < WINDOW_MS) inFlight += count
    const { second: _second, ...sums } = sum
    const lifeMs = seen ? Math.min(WINDOW_MS, Math.max(BUCKET_MS, now - seen.since)) : WINDOW_MS
    return {
      ...sums,
      windowMs: WINDOW_MS,
      ratePerSec: sum.requests / (lifeMs / 1000),
      inFlight,
      ageMs: seen ? Math.round(now - seen.reportedAt) : null,
    }
  }

  /** Forgets routes that are no more, and workers that have gone. */
  forget(known: ReadonlySet<string>): void {
    const now = this.#clock.monotonic()
    for (const [id, seen] of this.#routes) {
      if (id !== '' && !known.has(id)) this.#routes.delete(id)
      for (const [worker, { at }] of seen.inFlight) if (now - at > WINDOW_MS) seen.inFlight.delete(worker)
    }
  }

  #seen(id: string, now: number): Seen {
    let seen = this.#routes.get(id)
    if (!seen) {
      seen = { total: empty(0), buckets: [], since: now, inFlight: new Map(), reportedAt: now }
      this.#routes.set(id, seen)
    }
    return seen
  }
}

function sumUp(into: Bucket, counts: Omit<Bucket, 'second'>): void {
  into.requests += counts.requests
  into.errors += counts.errors
  into.retries += counts.retries
  for (const [j, n] of counts.byClass.entries()) into.byClass[j as 0] += n
  for (const [refusal, n] of Object.entries(counts.refusals) as [Refusal, number][]) {
    into.refusals[refusal] = (into.refusals[refusal] ?? 0) + n
  }
}

function empty(second: number): Bucket {
  return { second, requests: 0, errors: 0, byClass: [0, 0, 0, 0, 0], refusals: {}, retries: 0 }
}
