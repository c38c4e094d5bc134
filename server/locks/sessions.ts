/** Who holds what and who waits for what, by session and by instance. */
import type { Holder } from '../../core/lock.ts'
import type { Wait } from '../../core/wait-for.ts'
import type { Entry, Waiter } from './entry.ts'

interface Bound {
  entry: Entry
  holder: Holder
}

export class Sessions {
  readonly #waiting = new Map<string, Set<Waiter>>()
  /** leases by session */
  readonly #holding = new Map<string, number>()
  readonly #bound = new Map<string, Map<string, Bound>>()
  readonly #awaiting = new Map<string, Set<Waiter>>()

  holds(holder: Holder, entry: Entry): void {
    this.#holding.set(holder.session, (this.#holding.get(holder.session) ?? 0) + 1)
    if (!holder.instance) return
    const bound = this.#bound.get(holder.instance.id) ?? new Map<string, Bound>()
    bound.set(holder.lockId, { entry, holder })
    this.#bound.set(holder.instance.id, bound)
  }

  left(holder: Holder): void {
    const left = (this.#holding.get(holder.session) ?? 0) - 1
    if (left > 0) this.#holding.set(holder.session, left)
    else this.#holding.delete(holder.session)
    if (!holder.instance) return
    const bound = this.#bound.get(holder.instance.id)
    bound?.delete(holder.lockId)
    if (bound?.size === 0) this.#bound.delete(holder.instance.id)
  }

  waits(waiter: Waiter): void {
    add(this.#waiting, waiter.request.session, waiter)
    if (waiter.request.instance) add(this.#awaiting, waiter.request.instance.id, waiter)
  }

  settled(waiter: Waiter): void {
    remove(this.#waiting, waiter.request.session, waiter)
    if (waiter.request.instance) remove(this.#awaiting, waiter.request.instance.id, waiter)
  }

  isHolding(session: string): boolean {
    return this.#holding.has(session)
  }

  waitsOf(session: string): Wait[] {
    const waits: Wait[] = []
    for (const waiter of this.#waiting.get(session) ?? []) {
      if (waiter.entry.queue.includes(waiter)) waits.push(waiter.entry.waitOf(waiter))
    }
    return waits
  }

  /** sessions that wait for something */
  waitingSessions(): IterableIterator<string> {
    return this.#waiting.keys()
  }

  boundTo(instanceId: string): Bound[] {
    return [...(this.#bound.get(instanceId)?.values() ?? [])]
  }

  awaitedBy(instanceId: string): Waiter[] {
    return [...(this.#awaiting.get(instanceId) ?? [])]
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

function remove<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  set?.delete(value)
  if (set?.size === 0) map.delete(key)
}
