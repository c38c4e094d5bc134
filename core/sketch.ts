/**
 * A mergeable sketch of latencies with relative error at most 1%: DDSketch with a sparse store.
 * Source: Masson, Rim, Lee, "DDSketch: A fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019.
 * Values are milliseconds. Below 0.001 ms counts as zero; above 10^7 ms (2.8 h) as 10^7. At most 1,153 bins therefore.
 *
 * Own code, because the maintained packages either need a protocol buffer runtime in every service or decode what a
 * stranger sends into arrays of the stranger's size.
 */
export const RELATIVE_ERROR = 0.01
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
const LOG_GAMMA = Math.log(GAMMA)
const VALUE_MIN = 0.001
const VALUE_MAX = 1e7
export const INDEX_MIN = Math.ceil(Math.log(VALUE_MIN) / LOG_GAMMA)
export const INDEX_MAX = Math.ceil(Math.log(VALUE_MAX) / LOG_GAMMA)

/** How a sketch travels and is stored: the count of zeroes, then pairs of bin index and count. */
export type SketchWire = number[]

export class Sketch {
  #zeroes = 0
  #count = 0
  readonly #bins = new Map<number, number>()

  get count(): number {
    return this.#count
  }

  add(valueMs: number, count = 1): void {
    this.#count += count
    if (!(valueMs >= VALUE_MIN)) {
      this.#zeroes += count
      return
    }
    const index = Math.ceil(Math.log(Math.min(valueMs, VALUE_MAX)) / LOG_GAMMA)
    this.#bins.set(index, (this.#bins.get(index) ?? 0) + count)
  }

  /** Adds all of `other`; the result is the sketch of both streams. */
  merge(other: Sketch): void {
    this.#count += other.#count
    this.#zeroes += other.#zeroes
    for (const [index, count] of other.#bins) this.#bins.set(index, (this.#bins.get(index) ?? 0) + count)
  }

  /** Values at `quantiles` (ascending, 0 to 1), in milliseconds; null for each when empty. */
  quantiles(...quantiles: number[]): (number | null)[] {
    if (this.#count === 0) return quantiles.map(() => null)
    const bins = [...this.#bins].sort((a, b) => a[0] - b[0])
    let seen = this.#zeroes
    let at = -1
    return quantiles.map((quantile) => {
      const rank = quantile * (this.#count - 1)
      while (seen <= rank && at + 1 < bins.length) {
        at += 1
        seen += (bins[at] as [number, number])[1]
      }
      return at < 0 ? 0 : (2 * GAMMA ** (bins[at] as [number, number])[0]) / (GAMMA + 1)
    })
  }

  /** Values per bin, in order: upper edge in milliseconds and count; for histograms and heatmaps. */
  bins(): { upToMs: number; count: number }[] {
    const bins = [...this.#bins].sort((a, b) => a[0] - b[0]).map(([i, count]) => ({ upToMs: GAMMA ** i, count }))
    return this.#zeroes > 0 ? [{ upToMs: VALUE_MIN, count: this.#zeroes }, ...bins] : bins
  }

  clear(): void {
    this.#zeroes = 0
    this.#count = 0
    this.#bins.clear()
  }

  toWire(): SketchWire {
    const wire: SketchWire = [this.#zeroes]
    for (const [index, count] of this.#bins) wire.push(index, count)
    return wire
  }

  /** Returns null for what is not a sketch: odd length, indices out of range, counts that are no natural numbers. */
  static fromWire(wire: readonly number[]): Sketch | null {
    if (wire.length % 2 !== 1 || wire.length > 2 * (INDEX_MAX - INDEX_MIN + 1) + 1) return null
    const sketch = new Sketch()
    const zeroes = wire[0] as number
    if (!isCount(zeroes)) return null
    sketch.#zeroes = zeroes
    sketch.#count = zeroes
    for (let i = 1; i < wire.length; i += 2) {
      const index = wire[i] as number
      const count = wire[i + 1] as number
      if (!Number.isInteger(index) || index < INDEX_MIN || index > INDEX_MAX || !isCount(count)) return null
      sketch.#bins.set(index, (sketch.#bins.get(index) ?? 0) + count)
      sketch.#count += count
    }
    return sketch
  }
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0 && n < 1e12
}
