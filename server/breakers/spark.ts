/** Figures of the last minute, one point a second, in fixed memory. */
export const SPARK_POINTS = 60

export class Spark {
  readonly #calls = new Float32Array(SPARK_POINTS)
  /** NaN: no calls */
  readonly #failureRate = new Float32Array(SPARK_POINTS).fill(Number.NaN)
  #next = 0
  #length = 0
  /** points in a row without a call */
  #quiet = SPARK_POINTS

  /** True when the picture changed. */
  add(calls: number, failures: number): boolean {
    this.#quiet = calls === 0 ? this.#quiet + 1 : 0
    if (this.#quiet > SPARK_POINTS) return false
    this.#calls[this.#next] = calls
    this.#failureRate[this.#next] = calls === 0 ? Number.NaN : failures / calls
    this.#next = (this.#next + 1) % SPARK_POINTS
    this.#length = Math.min(SPARK_POINTS, this.#length + 1)
    return true
  }

  view(): { calls: number[]; failureRate: (number | null)[] } {
    const calls: number[] = []
    const failureRate: (number | null)[] = []
    for (let i = 0; i < this.#length; i++) {
      const at = (this.#next - this.#length + i + SPARK_POINTS) % SPARK_POINTS
      calls.push(this.#calls[at] as number)
      const rate = this.#failureRate[at] as number
      failureRate.push(Number.isNaN(rate) ? null : Math.round(rate * 1_000) / 1_000)
    }
    return { calls, failureRate }
  }
}
