/**
 * What calls an attempt off: an AbortController that is made when its signal is first asked for. Most handlers never do, and
 * making one was 5% of the processor time of a worker whose steps do little.
 */
export class CallOff {
  #controller: AbortController | null = null
  #reason: unknown
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  /** as given to `abort` first */
  get reason(): unknown {
    return this.#reason
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  abort(reason: Error): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
