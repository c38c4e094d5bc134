/** Who is known right now: a bounded cache of principals that forgets one the moment it is revoked. */
import type { Principal } from '../principal.ts'

export interface Known {
  readonly principal: Principal
  /** the journal keys whose end ends this principal: `user/…` and `session/…`, or `token/…` */
  readonly keys: readonly string[]
  readonly sessionId: string | null
  /** after this it is over, whatever happens; milliseconds since the epoch */
  readonly endsAt: number | null
  /** over when not seen for so long; null: never */
  readonly idleMs: number | null
  /** last seen, and what of it is stored */
  seenAt: number
  storedAt: number
}

interface Entry {
  readonly hash: string
  readonly known: Known
  /** told when it ends; while there are any, the entry is not evicted */
  readonly listeners: Set<() => void>
}

export class Principals {
  readonly #max: number
  /** the longest unused first */
  readonly #living = new Set<Entry>()
  readonly #byHash = new Map<string, Entry>()
  readonly #byKey = new Map<string, Set<Entry>>()
  readonly #entries = new WeakMap<Principal, Entry>()
  #pinned = 0

  constructor(max = 10_000) {
    this.#max = max
  }

  get size(): number {
    return this.#living.size
  }

  get(hash: string): Known | null {
    const entry = this.#byHash.get(hash)
    if (!entry) return null
    this.#living.delete(entry)
    this.#living.add(entry)
    return entry.known
  }

  of(principal: Principal): Known | null {
    return this.#entries.get(principal)?.known ?? null
  }

  add(hash: string, known: Known): void {
    const entry: Entry = { hash, known, listeners: new Set() }
    this.#entries.set(known.principal, entry)
    this.#insert(entry)
    if (this.#living.size - this.#pinned <= this.#max) return
    for (const candidate of this.#living) {
      if (candidate.listeners.size > 0) continue
      this.#remove(candidate)
      return
    }
  }

  /** Calls `listener` once when `principal` ends, soon if it has ended already. Returns how to stop listening. */
  listen(principal: Principal, listener: () => void): () => void {
    if (!principal.active) setImmediate(listener)
    const entry = this.#entries.get(principal)
    if (!entry || !principal.active) return () => {}
    if (entry.listeners.size === 0) this.#pinned += 1
    entry.listeners.add(listener)
    // Evicted between its sign-in and now: it must be found again when it is revoked.
    if (!this.#living.has(entry)) this.#insert(entry)
    return () => {
      if (entry.listeners.delete(listener) && entry.listeners.size === 0) this.#pinned -= 1
    }
  }

  /** Ends every principal that depends on `key`: refused from now on, their listeners told. */
  end(key: string): void {
    for (const entry of [...(this.#byKey.get(key) ?? [])]) this.#end(entry)
  }

  /** Lets `change` adjust the principals that depend on `key`. */
  update(key: string, change: (principal: Principal) => void): void {
    for (const entry of this.#byKey.get(key) ?? []) change(entry.known.principal)
  }

  isOver(known: Known, now: number): boolean {
    if (known.endsAt !== null && now >= known.endsAt) return true
    return known.idleMs !== null && now - known.seenAt >= known.idleMs
  }

  /** Ends what is over at `now`; who is connected counts as seen. Returns those seen since `storedAt` by `afterMs`. */
  sweep(now: number, afterMs: number): Known[] {
    const unstored: Known[] = []
    for (const entry of [...this.#living]) {
      const { known } = entry
      if (entry.listeners.size > 0) known.seenAt = Math.max(known.seenAt, now)
      if (this.isOver(known, now)) this.#end(entry)
      else if (known.seenAt - known.storedAt >= afterMs) unstored.push(known)
    }
    return unstored
  }

  #insert(entry: Entry): void {
    this.#living.add(entry)
    this.#byHash.set(entry.hash, entry)
    for (const key of entry.known.keys) {
      const entries = this.#byKey.get(key)
      if (entries) entries.add(entry)
      else this.#byKey.set(key, new Set([entry]))
    }
  }

  #remove(entry: Entry): void {
    this.#living.delete(entry)
    if (this.#byHash.get(entry.hash) === entry) this.#byHash.delete(entry.hash)
    for (const key of entry.known.keys) {
      const entries = this.#byKey.get(key)
      entries?.delete(entry)
      if (entries?.size === 0) this.#byKey.delete(key)
    }
  }

  #end(entry: Entry): void {
    entry.known.principal.active = false
    this.#remove(entry)
    if (entry.listeners.size === 0) return
    this.#pinned -= 1
    const listeners = [...entry.listeners]
    entry.listeners.clear()
    // A turn later: who ends themself over their own connection still gets the answer.
    setImmediate(() => {
      for (const listener of listeners) listener()
    })
  }
}
