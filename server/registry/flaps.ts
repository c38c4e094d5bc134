import { FLAP_WINDOW_MS, isFlapping } from '../../core/health.ts'
import type { RegistrySnapshot } from '../../core/snapshot.ts'

/** Changes remembered of one instance: more than enough to tell that it flaps. */
const CHANGES_MAX = 32

/** When instances changed their health lately, and which of them flap. */
export class Flaps {
  /** monotonic milliseconds, oldest first */
  readonly #changes = new Map<string, number[]>()

  note(id: string, now: number): void {
    const changes = this.#changes.get(id) ?? []
    changes.push(now)
    if (changes.length > CHANGES_MAX) changes.shift()
    this.#changes.set(id, changes)
  }

  /** An instance that was loaded with the mark: its changes are forgotten, so the mark goes unless new ones come. */
  follow(id: string): void {
    this.#changes.set(id, [])
  }

  delete(id: string): void {
    this.#changes.delete(id)
  }

  /** Instances whose mark no longer fits what they do. */
  due(snapshot: RegistrySnapshot, now: number): { id: string; value: boolean }[] {
    const found: { id: string; value: boolean }[] = []
    for (const [id, changes] of this.#changes) {
      const instance = snapshot.instances.get(id)
      if (!instance) continue
      const value = isFlapping(instance.flapping, changes, now)
      if (value !== instance.flapping) found.push({ id, value })
      else if (!value && now - (changes.at(-1) ?? 0) > FLAP_WINDOW_MS) this.#changes.delete(id)
    }
    return found
  }
}
