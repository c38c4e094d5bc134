/** When this process itself was held up: a probe that timed out meanwhile tells nothing of its target. */
interface Stall {
  from: number
  to: number
}

const KEPT = 32

export class Stalls {
  readonly #tickMs: number
  readonly #stalls: Stall[] = []
  #lastTick: number | null = null

  /** `tickMs`: how often `tick` is meant to be called; only what is longer counts. */
  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  tick(now: number): void {
    const gap = this.#gap(now)
    if (gap > this.#tickMs && this.#lastTick !== null) {
      this.#stalls.push({ from: this.#lastTick, to: now })
      if (this.#stalls.length > KEPT) this.#stalls.shift()
    }
    this.#lastTick = now
  }

  #gap(now: number): number {
    return this.#lastTick === null ? 0 : Math.max(0, now - this.#lastTick - this.#tickMs)
  }

  /** The longest hold-up that overlaps `since` to `now`, milliseconds. */
  worst(since: number, now: number): number {
    let worst = this.#gap(now)
    for (const { from, to } of this.#stalls) {
      if (to > since && from < now) worst = Math.max(worst, to - from - this.#tickMs)
    }
    return worst
  }
}
