/**
 * How many probes may be under way. Targets that were silent last time have a lane of their own: a black-holed one occupies
 * its slot for the whole timeout, and must not keep the others waiting (H3).
 *
 * Sizes follow from the load: a target that never answers occupies timeout / interval of a slot. The main lane has room for
 * 30% of its targets falling silent in the same interval, the slow one for all of its own.
 */
const MAIN = { share: 0.3, spare: 32, min: 64, max: 1_536 }
const SLOW = { share: 1.25, spare: 8, min: 16, max: 512 }

class Lane<T> {
  readonly queue: T[] = []
  #head = 0
  inFlight = 0
  load = 0

  constructor(readonly size: { share: number; spare: number; min: number; max: number }) {}

  get limit(): number {
    const { share, spare, min, max } = this.size
    return Math.min(max, Math.max(min, Math.ceil(this.load * share) + spare))
  }

  get waiting(): number {
    return this.queue.length - this.#head
  }

  take(): T | undefined {
    if (this.inFlight >= this.limit) return undefined
    const item = this.queue[this.#head]
    if (item === undefined) return undefined
    this.#head += 1
    // Shifting an array costs its length; dropping what was taken once half of it is gone costs O(1) an item.
    if (this.#head > 64 && this.#head * 2 > this.queue.length) {
      this.queue.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }
}

export class Lanes<T> {
  readonly #main = new Lane<T>(MAIN)
  readonly #slow = new Lane<T>(SLOW)

  #of(slow: boolean): Lane<T> {
    return slow ? this.#slow : this.#main
  }

  /** `load`: timeout / interval of a target. */
  addLoad(slow: boolean, load: number): void {
    this.#of(slow).load += load
  }

  queue(slow: boolean, item: T): void {
    this.#of(slow).queue.push(item)
  }

  /** The next one that may start; the main lane goes first. */
  take(): T | undefined {
    return this.#main.take() ?? this.#slow.take()
  }

  /** Occupies a slot and returns what gives it back. */
  occupy(slow: boolean): () => void {
    const lane = this.#of(slow)
    lane.inFlight += 1
    return () => {
      lane.inFlight -= 1
    }
  }

  stats() {
    const of = (lane: Lane<T>) => ({ inFlight: lane.inFlight, waiting: lane.waiting, limit: lane.limit })
    return { main: of(this.#main), slow: of(this.#slow) }
  }
}
