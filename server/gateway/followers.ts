/** Who hears of the configuration, whole, each time it changes; a follower that lags behind gets the newest only. */
export class Followers {
  readonly #waiting = new Map<object, { pending: boolean; wake: () => void }>()
  #stopped = false

  get size(): number {
    return this.#waiting.size
  }

  changed(): void {
    for (const follower of this.#waiting.values()) {
      follower.pending = true
      follower.wake()
    }
  }

  stop(): void {
    this.#stopped = true
    this.changed()
  }

  async *follow<T>(
    read: () => T,
    { signal, ready }: { signal: AbortSignal; ready?: (() => Promise<void>) | undefined },
  ): AsyncGenerator<T, void, undefined> {
    const follower = { pending: true, wake: () => {} }
    const abort = () => follower.wake()
    this.#waiting.set(follower, follower)
    signal.addEventListener('abort', abort)
    try {
      while (!signal.aborted && !this.#stopped) {
        if (!follower.pending) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve
          })
          continue
        }
        if (ready) await ready()
        if (signal.aborted) return
        follower.pending = false
        yield read()
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#waiting.delete(follower)
    }
  }
}
