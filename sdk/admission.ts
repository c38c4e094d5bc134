/** How many may be inside at a time; the rest wait in order, up to a bound. */
export class Admission {
  readonly #concurrencyMax: number
  readonly #queueMax: number
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(concurrencyMax: number, queueMax: number) {
    this.#concurrencyMax = concurrencyMax
    this.#queueMax = queueMax
  }

  get inside(): number {
    return this.#inside
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves when it is this one's turn, at once while there is room; null when too many wait. */
  enter(): Promise<void> | null {
    if (this.#inside < this.#concurrencyMax) {
      this.#inside++
      return Promise.resolve()
    }
    if (this.#waiting.length >= this.#queueMax) return null
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** To be called exactly once for every one that has entered. */
  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#inside--
  }
}
