/** Windows of callers that only tell outcomes, one by one or in portions: kept here, in the caller's place. */
import { FAILED, SLOW, type Window, windowFor } from '../../core/breaker-window.ts'
import type { Contribution } from './callers.ts'
import type { Told } from './fleet-breaker.ts'

interface Kept {
  window: Window
  generation: number
}

export class Outside {
  readonly #windows = new WeakMap<Contribution, Kept>()

  add(c: Contribution, seen: { successes: number; failures: number; slow: number }, now: number): Told {
    const { generation } = c.breaker.state
    let kept = this.#windows.get(c)
    if (!kept || kept.generation !== generation) {
      kept = { window: windowFor(c.breaker.config, now), generation }
      this.#windows.set(c, kept)
    }
    const { window } = kept
    for (let i = 0; i < seen.successes; i++) window.add(i < seen.slow ? SLOW : 0, now)
    for (let i = 0; i < seen.failures; i++) window.add(FAILED, now)
    return this.#told(c, window)
  }

  /** What is left of the window by now; null: the caller keeps its own. */
  age(c: Contribution, now: number): Told | null {
    const kept = this.#windows.get(c)
    if (!kept) return null
    if (kept.generation !== c.breaker.state.generation) kept.window.clear(now)
    else kept.window.advance(now)
    return this.#told(c, kept.window)
  }

  #told(c: Contribution, { calls, failures, slow }: Window): Told {
    const { windowType, windowMs } = c.breaker.config
    const ratePerSec = windowType === 'time' ? (calls * 1_000) / windowMs : 0
    return { calls, failures, slow, local: 'closed', ratePerSec, refusedPerSec: 0 }
  }
}
