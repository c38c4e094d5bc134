/** How many calls may go on at once: in total, and to one target. Nothing waits here; who comes too many is told so. */
import { ServiceUnavailableError } from '../../core/errors.ts'

export class Slots {
  readonly #totalMax: number
  readonly #perTargetMax: number
  readonly #byTarget = new Map<string, number>()
  #total = 0

  constructor(totalMax: number, perTargetMax: number) {
    this.#totalMax = totalMax
    this.#perTargetMax = perTargetMax
  }

  get inFlight(): number {
    return this.#total
  }

  /** Takes a slot and returns what gives it back. @throws ServiceUnavailableError with details.cause `outbound-busy` */
  take(target: string): () => void {
    const mine = this.#byTarget.get(target) ?? 0
    if (this.#total >= this.#totalMax || mine >= this.#perTargetMax) {
      const what = mine >= this.#perTargetMax ? `${mine} calls to ${target}` : `${this.#total} outgoing calls`
      throw new ServiceUnavailableError(`There are ${what} under way already, which is the limit. Try again shortly.`, {
        retryAfterMs: 1_000,
        details: { cause: 'outbound-busy' },
      })
    }
    this.#total += 1
    this.#byTarget.set(target, mine + 1)
    return () => {
      this.#total -= 1
      const left = (this.#byTarget.get(target) ?? 1) - 1
      if (left === 0) this.#byTarget.delete(target)
      else this.#byTarget.set(target, left)
    }
  }
}
