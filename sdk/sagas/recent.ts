/**
 * What was put in lately: the newest `keep` entries at least, twice as many at most. In two halves, of which the older one is
 * dropped whole: a Map whose oldest entry is deleted again and again walks over what it has deleted.
 */
export class Recent<V> {
  readonly #keep: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor(keep: number) {
    this.#keep = keep
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: V): void {
    this.#young.set(key, value)
    if (this.#young.size < this.#keep) return
    this.#old = this.#young
    this.#young = new Map()
  }
}
