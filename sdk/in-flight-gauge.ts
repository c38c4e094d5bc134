/** How many calls are in flight, averaged over time; by beginnings and endings alone, so that Little's law can be checked. */
export class InFlightGauge {
  #now = 0
  #max = 0
  #area = 0
  #at: number
  #since: number

  constructor(now: number) {
    this.#at = now
    this.#since = now
  }

  get current(): number {
    return this.#now
  }

  change(by: 1 | -1, now: number): void {
    this.set(this.#now + by, now)
  }

  set(count: number, now: number): void {
    this.#area += this.#now * (now - this.#at)
    this.#at = now
    this.#now = Math.max(0, count)
    if (this.#now > this.#max) this.#max = this.#now
  }

  /** The time since the last call of this, which begins anew. */
  take(now: number): { mean: number; max: number } {
    this.#area += this.#now * (now - this.#at)
    const span = now - this.#since
    const taken = { mean: span > 0 ? this.#area / span : this.#now, max: this.#max }
    this.#area = 0
    this.#at = now
    this.#since = now
    this.#max = this.#now
    return taken
  }
}
