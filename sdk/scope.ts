import type { Time } from './time.ts'

/**
 * A stretch of work with an end of its own: after so long, or when the outer signal ends it. What runs in it hears by
 * `signal`; whoever waits for it is let go at once, whether what runs listens or not.
 */
export class Scope {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #cancel: (() => void) | null
  #reject: ((reason: unknown) => void) | null = null

  /** `late` makes the reason when `timeoutMs` is over; null: no bound of its own. */
  constructor(time: Time, timeoutMs: number | null, outer: AbortSignal | undefined, late: () => Error) {
    this.#outer = outer
    this.#cancel = timeoutMs === null ? null : time.after(timeoutMs, () => this.end(late()), true)
    if (outer?.aborted) this.#onOuter()
    else outer?.addEventListener('abort', this.#onOuter, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Ends it now, with a reason. */
  end(reason: unknown): void {
    if (this.#controller.signal.aborted) return
    this.#controller.abort(reason)
    this.#reject?.(reason)
  }

  /** What `work` becomes, or the reason of the end when that is first. One at a time. */
  race<T>(work: () => PromiseLike<T> | T): Promise<T> {
    const { signal } = this.#controller
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject
      // Started in here: what it throws at once is its failure too.
      Promise.resolve(work()).then(resolve, reject)
    })
  }

  /** Resolves after `ms`, or rejects at once with the reason of the end. */
  wait(time: Time, ms: number): Promise<void> {
    let cancel = () => {}
    return this.race(
      () =>
        new Promise<void>((resolve) => {
          cancel = time.after(ms, resolve, true)
        }),
    ).finally(() => cancel())
  }

  /** To be called when the work is over; the signal stays as it is. */
  close(): void {
    this.#cancel?.()
    this.#outer?.removeEventListener('abort', this.#onOuter)
    this.#reject = null
  }

  readonly #onOuter = (): void => this.end(this.#outer?.reason)
}
