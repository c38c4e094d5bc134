import { ServiceUnavailableError, ValidationError } from '../core/errors.ts'

export interface BulkheadOptions {
  /** at a time */
  concurrencyMax: number
  /** that may wait for their turn; the next is refused at once. Default 0 */
  queueMax?: number | undefined
}

interface Waiting {
  resolve: () => void
  signal: AbortSignal | undefined
  onAbort: () => void
}

/** How many may be inside at a time; the rest wait in order, up to a bound, and whoever gives up leaves the queue. */
export class Bulkhead {
  readonly name: string
  readonly #concurrencyMax: number
  readonly #queueMax: number
  readonly #queue = new Set<Waiting>()
  #inside = 0

  /** Throws a ValidationError. */
  constructor(name: string, { concurrencyMax, queueMax = 0 }: BulkheadOptions) {
    if (!Number.isInteger(concurrencyMax) || concurrencyMax < 1) {
      throw new ValidationError(
        `Bulkhead "${name}": concurrencyMax must be a whole number from 1, not ${concurrencyMax}`,
      )
    }
    if (!Number.isInteger(queueMax) || queueMax < 0) {
      throw new ValidationError(`Bulkhead "${name}": queueMax must be a whole number from 0, not ${queueMax}`)
    }
    this.name = name
    this.#concurrencyMax = concurrencyMax
    this.#queueMax = queueMax
  }

  get inside(): number {
    return this.#inside
  }

  get waiting(): number {
    return this.#queue.size
  }

  /**
   * Runs `work` when it is its turn. Throws what it throws; ServiceUnavailableError, not to be retried at once, when too
   * many wait; the signal's reason when that comes first.
   */
  async execute<T>(work: () => PromiseLike<T> | T, signal?: AbortSignal): Promise<T> {
    if (this.#inside < this.#concurrencyMax) this.#inside++
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#queue.size >= this.#queueMax) {
      const waiting = this.#queueMax === 0 ? '' : ` and ${this.#queueMax} wait`
      return Promise.reject(
        new ServiceUnavailableError(
          `Bulkhead "${this.name}" is full: ${this.#concurrencyMax} are running${waiting}. Send less, or allow more at a time.`,
          { retryable: false, details: { bulkhead: this.name, sent: false } },
        ),
      )
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        resolve,
        signal,
        onAbort: () => {
          this.#queue.delete(waiting)
          reject(signal?.reason)
        },
      }
      this.#queue.add(waiting)
      signal?.addEventListener('abort', waiting.onAbort, { once: true })
    })
  }

  #leave(): void {
    const [next] = this.#queue
    if (!next) {
      this.#inside--
      return
    }
    this.#queue.delete(next)
    next.signal?.removeEventListener('abort', next.onAbort)
    next.resolve()
  }
}
