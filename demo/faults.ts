/** What a mode does to the answers of a process. The work behind them stays as it is. */
import { setTimeout as wait } from 'node:timers/promises'
import type { HealthReport } from '@holdfast/sdk'
import type { Mode } from './messages.ts'

const SLOW_MIN_MS = 400
const SLOW_SPREAD_MS = 500
const FAILING_SHARE = 0.6

/** Own errors are looked at over so many seconds, and reported from so large a share of so many answers on. */
const WINDOW_S = 10
const WARN_SHARE = 0.2
const WARN_FROM = 5

export class Faults {
  readonly #random: () => number
  readonly #now: () => number
  #mode: Mode = 'normal'
  #wake: (() => void)[] = []
  /** one slot a second, a ring over the window */
  readonly #slots = Array.from({ length: WINDOW_S }, () => ({ second: -1, answers: 0, errors: 0 }))

  /** `now`: milliseconds that never run backwards; `random`: [0, 1). */
  constructor(now: () => number, random: () => number) {
    this.#now = now
    this.#random = random
  }

  get mode(): Mode {
    return this.#mode
  }

  set mode(mode: Mode) {
    this.#mode = mode
    const wake = this.#wake
    this.#wake = []
    for (const go of wake) go()
  }

  /** To be awaited before answering: at once, late, or, while hung, not before the mode changes. */
  async hold(): Promise<void> {
    while (this.#mode === 'hung') await new Promise<void>((resolve) => this.#wake.push(resolve))
    if (this.#mode === 'slow') await wait(SLOW_MIN_MS + this.#random() * SLOW_SPREAD_MS)
  }

  /** Is this request to be answered with an error? */
  fails(): boolean {
    return this.#mode === 'failing' && this.#random() < FAILING_SHARE
  }

  answered(status: number): void {
    const second = Math.floor(this.#now() / 1000)
    const slot = this.#slots[second % WINDOW_S]
    if (!slot) return
    if (slot.second !== second) Object.assign(slot, { second, answers: 0, errors: 0 })
    slot.answers += 1
    if (status >= 500) slot.errors += 1
  }

  /** What the process says of itself when it is checked. It knows nothing of its mode, only of its answers. */
  async health(): Promise<HealthReport> {
    await this.hold()
    const oldest = Math.floor(this.#now() / 1000) - WINDOW_S
    let answers = 0
    let errors = 0
    for (const slot of this.#slots) {
      if (slot.second <= oldest) continue
      answers += slot.answers
      errors += slot.errors
    }
    if (answers < WARN_FROM || errors / answers < WARN_SHARE) return { status: 'ok' }
    return { status: 'warning', note: `${errors} of ${answers} answers in the last ${WINDOW_S} s were errors` }
  }
}
