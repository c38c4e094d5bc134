/**
 * The least value of the last `windowMs`, in fixed memory: two halves, the older one dropped as a whole, so that a value
 * counts for between one half and the whole of the window.
 */
export class WindowedMin {
  readonly #halfMs: number
  #begun: number
  #current = Number.POSITIVE_INFINITY
  #before = Number.POSITIVE_INFINITY

  constructor(windowMs: number, now: number) {
    this.#halfMs = windowMs / 2
    this.#begun = now
  }

  add(value: number, now: number): void {
    this.#turn(now)
    if (value < this.#current) this.#current = value
  }

  /** null: nothing in the window. */
  get(now: number): number | null {
    this.#turn(now)
    const least = Math.min(this.#current, this.#before)
    return least === Number.POSITIVE_INFINITY ? null : least
  }

  #turn(now: number): void {
    const passed = now - this.#begun
    if (passed < this.#halfMs) return
    this.#before = passed < 2 * this.#halfMs ? this.#current : Number.POSITIVE_INFINITY
    this.#current = Number.POSITIVE_INFINITY
    this.#begun = passed < 2 * this.#halfMs ? this.#begun + this.#halfMs : now
  }
}
