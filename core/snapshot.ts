/**
 * A copy of the registry, kept current by applying journal events in order. The server and the SDK keep the same one.
 */
import type { JournalEvent } from './event.ts'
import type { Instance, Service } from './instance.ts'

export class RegistrySnapshot {
  #appliedSeq = 0
  readonly instances = new Map<string, Instance>()
  readonly services = new Map<string, Service>()
  readonly #byService = new Map<string, Map<string, Instance>>()
  /** arrays handed out by `of`, made anew only when the service has changed */
  readonly #lists = new Map<string, readonly Instance[]>()

  get appliedSeq(): number {
    return this.#appliedSeq
  }

  /** Replaces everything. */
  reset(seq: number, instances: Iterable<Instance>, services: Iterable<Service>): void {
    this.instances.clear()
    this.services.clear()
    this.#byService.clear()
    this.#lists.clear()
    for (const service of services) this.services.set(service.name, service)
    for (const instance of instances) this.put(instance)
    this.#appliedSeq = seq
  }

  /** Applies one event; events at or before `appliedSeq` are skipped, so that a replay changes nothing. */
  apply(event: JournalEvent): boolean {
    if (event.seq <= this.#appliedSeq) return false
    this.#appliedSeq = event.seq
    if (event.key.startsWith('instance/')) {
      if (event.value === null) this.remove(event.key.slice('instance/'.length))
      else this.put(event.value as Instance)
    } else if (event.key.startsWith('service/')) {
      const name = event.key.slice('service/'.length)
      if (event.value === null) this.services.delete(name)
      else this.services.set(name, event.value as Service)
    }
    return true
  }

  put(instance: Instance): void {
    const before = this.instances.get(instance.id)
    if (before && before.service !== instance.service) this.remove(instance.id)
    this.instances.set(instance.id, instance)
    let siblings = this.#byService.get(instance.service)
    if (!siblings) {
      siblings = new Map()
      this.#byService.set(instance.service, siblings)
    }
    siblings.set(instance.id, instance)
    this.#lists.delete(instance.service)
  }

  remove(id: string): void {
    const instance = this.instances.get(id)
    if (!instance) return
    this.instances.delete(id)
    const siblings = this.#byService.get(instance.service)
    siblings?.delete(id)
    if (siblings?.size === 0) this.#byService.delete(instance.service)
    this.#lists.delete(instance.service)
  }

  /** All instances of a service, in order of registration; the same array until the service changes. */
  of(service: string): readonly Instance[] {
    let list = this.#lists.get(service)
    if (!list) {
      const siblings = this.#byService.get(service)
      if (!siblings) return []
      list = [...siblings.values()]
      this.#lists.set(service, list)
    }
    return list
  }

  serviceNames(): string[] {
    return [...new Set([...this.services.keys(), ...this.#byService.keys()])]
  }
}
