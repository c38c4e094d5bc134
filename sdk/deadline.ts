/** One timer and one signal for a whole call, the caller's own signal included. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal | undefined
  expired = false

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.#timer = setTimeout(() => {
      this.expired = true
      this.#controller.abort()
    }, timeoutMs)
    this.#outer = outer
    if (outer?.aborted) this.#onOuter()
    else outer?.addEventListener('abort', this.#onOuter, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#onOuter)
  }

  readonly #onOuter = (): void => this.#controller.abort(this.#outer?.reason)
}
