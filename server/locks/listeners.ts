/** Who wants to hear of what: a client of leases it lost, an observer of who holds a resource. */
import type { LockRecord } from '../../core/lock.ts'
import type { Loss } from '../../core/lock-view.ts'

export class Listeners {
  readonly #losses = new Map<string, Set<(loss: Loss) => void>>()
  readonly #changes = new Map<string, Set<(record: LockRecord) => void>>()

  onLoss(client: string, push: (loss: Loss) => void): () => void {
    return subscribe(this.#losses, client, push)
  }

  onChange(resource: string, push: (record: LockRecord) => void): () => void {
    return subscribe(this.#changes, resource, push)
  }

  lost(client: string, loss: Loss): void {
    for (const push of this.#losses.get(client) ?? []) push(loss)
  }

  changed(resource: string, record: LockRecord): void {
    for (const push of this.#changes.get(resource) ?? []) push(record)
  }
}

function subscribe<T>(map: Map<string, Set<T>>, key: string, push: T): () => void {
  const set = map.get(key) ?? new Set<T>()
  set.add(push)
  map.set(key, set)
  return () => {
    set.delete(push)
    if (set.size === 0) map.delete(key)
  }
}
