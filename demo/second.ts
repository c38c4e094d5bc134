import type { LoadPoint } from './messages.ts'

/** What customers meet within one second. */
export class Second {
  readonly #durations: number[] = []
  #failed = 0

  add(durationMs: number, failed: boolean): void {
    this.#durations.push(durationMs)
    if (failed) this.#failed += 1
  }

  /** `at`: wall clock; `wanted`: requests per second that the wave asked for. */
  point(at: number, wanted: number): LoadPoint {
    const sorted = this.#durations.sort((a, b) => a - b)
    return {
      at,
      wanted: round(wanted),
      answered: sorted.length,
      failed: this.#failed,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
    }
  }
}

/** The smallest value that at least the share `q` does not exceed (nearest rank). */
function quantile(sorted: readonly number[], q: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)]
  return value === undefined ? null : round(value)
}

const round = (value: number) => Math.round(value * 10) / 10
