/** A binary heap by due time: adding and taking the earliest cost O(log n), whatever the number of targets. */
export interface Due {
  dueAt: number
}

export class DueHeap<T extends Due> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  /** `dueAt` must not change while the item is in the heap. */
  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as T
      if (above.dueAt <= item.dueAt) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const right = items[child + 1]
      if (right && right.dueAt < (items[child] as T).dueAt) child += 1
      const below = items[child] as T
      if (below.dueAt >= last.dueAt) break
      items[at] = below
      at = child
    }
    items[at] = last
    return first
  }
}
