/** What is due next, by the monotonic clock: a binary heap. What no longer holds is told by its reader when it comes up. */
export class Heap<T> {
  readonly #items: { at: number; value: T }[] = []

  get size(): number {
    return this.#items.length
  }

  push(at: number, value: T): void {
    const items = this.#items
    let i = items.push({ at, value }) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((items[parent] as { at: number }).at <= at) break
      this.#swap(i, parent)
      i = parent
    }
  }

  /** Takes out the earliest when it is due at `now`. */
  popDue(now: number): T | undefined {
    const items = this.#items
    const first = items[0]
    if (!first || first.at > now) return undefined
    const last = items.pop() as { at: number; value: T }
    if (items.length > 0) {
      items[0] = last
      this.#sink()
    }
    return first.value
  }

  #sink(): void {
    const items = this.#items
    let i = 0
    for (;;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < items.length && (items[child] as { at: number }).at < (items[least] as { at: number }).at)
          least = child
      }
      if (least === i) return
      this.#swap(i, least)
      i = least
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const held = items[a] as { at: number; value: T }
    items[a] = items[b] as { at: number; value: T }
    items[b] = held
  }
}
