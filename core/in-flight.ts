/**
 * Calls in flight by age, in fixed memory: how many began in which slice of time. A call older than `hungMs` is found at
 * most an eighth of that late.
 */
const SLICES = 10
const PER_HUNG = 8

export class InFlight {
  readonly #counts: Int32Array | null
  readonly #sliceMs: number
  #slice = 0
  #until: number
  /** slices up to this one have been given up */
  #gone = -1

  constructor(hungMs: number | null, now: number) {
    this.#counts = hungMs === null ? null : new Int32Array(SLICES)
    this.#sliceMs = hungMs === null ? Number.POSITIVE_INFINITY : hungMs / PER_HUNG
    this.#until = now + this.#sliceMs
  }

  begin(): number {
    const slice = this.#slice
    if (this.#counts !== null) this.#counts[slice % SLICES] = (this.#counts[slice % SLICES] as number) + 1
    return slice
  }

  /** False when the call was given up before. */
  end(slice: number): boolean {
    if (slice <= this.#gone) return false
    if (this.#counts !== null) this.#counts[slice % SLICES] = (this.#counts[slice % SLICES] as number) - 1
    return true
  }

  /** Gives up what is too old; returns how many calls that were. */
  advance(now: number): number {
    if (this.#counts === null || now < this.#until) return 0
    const passed = Math.floor((now - this.#until) / this.#sliceMs) + 1
    this.#until += passed * this.#sliceMs
    let hung = 0
    const last = this.#slice + passed
    // A call that began in slice s is at least hungMs old once slice s + PER_HUNG + 1 has begun.
    const upTo = last - PER_HUNG - 1
    // At most PER_HUNG + 2 of them, however long it was not looked: later slices hold nothing yet.
    for (let slice = this.#gone + 1; slice <= Math.min(upTo, this.#slice); slice++) {
      hung += this.#counts[slice % SLICES] as number
      this.#counts[slice % SLICES] = 0
    }
    this.#gone = Math.max(this.#gone, upTo)
    this.#slice = last
    return hung
  }

  /** Everything that is in flight stops to count. */
  clear(): void {
    this.#counts?.fill(0)
  }
}
