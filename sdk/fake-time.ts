import { FakeClock } from '../core/clock.ts'
import type { Time } from './time.ts'

interface Alarm {
  at: number
  wake: () => void
}

/** Time that moves only when told to, alarms included: for tests. */
export class FakeTime extends FakeClock implements Time {
  readonly #alarms = new Set<Alarm>()

  after(ms: number, wake: () => void): () => void {
    const alarm = { at: this.monotonic() + ms, wake }
    this.#alarms.add(alarm)
    return () => {
      this.#alarms.delete(alarm)
    }
  }

  /** Alarms that are set and have not gone off. */
  get waiting(): number {
    return this.#alarms.size
  }

  /** Lets `ms` pass while this process stands still: what is overdue goes off with the next `advance`. */
  stall(ms: number): void {
    super.advance(ms)
  }

  /** Lets `ms` pass; alarms go off in order, each at its own moment. */
  override advance(ms: number): void {
    const end = this.monotonic() + ms
    for (;;) {
      const next = [...this.#alarms].filter((a) => a.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#alarms.delete(next)
      super.advance(Math.max(0, next.at - this.monotonic()))
      next.wake()
    }
    super.advance(end - this.monotonic())
  }
}
