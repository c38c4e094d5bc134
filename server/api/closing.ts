/** Whether a caller is still there, and who wants to hear when it leaves. Cheaper than an AbortSignal for every call. */
export class Closing {
  #closed = false
  #listeners: Set<() => void> | null = null

  get closed(): boolean {
    return this.#closed
  }

  /** Calls back once, when the caller has left; the returned function calls it off. */
  on(listener: () => void): () => void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const listeners = this.#listeners
    this.#listeners = null
    for (const listener of listeners ?? []) listener()
  }
}
