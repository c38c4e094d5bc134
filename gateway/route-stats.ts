/** What a worker counts of a route between two reports. */
import type { Refusal, RouteCounts } from '../core/gateway/view.ts'

export class RouteStats {
  readonly id: string
  inFlight = 0
  #requests = 0
  #errors = 0
  #retries = 0
  #byClass: [number, number, number, number, number] = [0, 0, 0, 0, 0]
  #refusals: Partial<Record<Refusal, number>> = {}

  constructor(id: string) {
    this.id = id
  }

  add(status: number | null, refusal: Refusal | undefined, retries: number): void {
    this.#requests += 1
    this.#retries += retries
    if (status === null || status >= 500) this.#errors += 1
    // A service may answer with anything up to 999.
    if (status !== null) this.#byClass[Math.min(4, Math.max(0, Math.floor(status / 100) - 1)) as 0] += 1
    if (refusal !== undefined) this.#refusals[refusal] = (this.#refusals[refusal] ?? 0) + 1
  }

  take(): RouteCounts {
    const counts: RouteCounts = {
      id: this.id,
      requests: this.#requests,
      errors: this.#errors,
      byClass: this.#byClass,
      refusals: this.#refusals,
      inFlight: this.inFlight,
      retries: this.#retries,
    }
    this.#requests = 0
    this.#errors = 0
    this.#retries = 0
    this.#byClass = [0, 0, 0, 0, 0]
    this.#refusals = {}
    return counts
  }
}
