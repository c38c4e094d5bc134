import type { Clock } from '../core/clock.ts'

/** A clock that can also wake someone up, so that tests move time by hand. */
export interface Time extends Clock {
  /**
   * Runs `wake` once after `ms`; the returned function calls it off.
   * `hold`: the process stays alive for it. Everything periodic does without, so that a finished program ends.
   */
  after(ms: number, wake: () => void, hold?: boolean): () => void
}

export const systemTime: Time = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, wake, hold = false) {
    const timer = setTimeout(wake, ms)
    if (!hold) timer.unref()
    return () => clearTimeout(timer)
  },
}
