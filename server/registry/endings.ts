import { intentExpired } from '../../core/health.ts'
import type { Instance, Service } from '../../core/instance.ts'
import type { RegistrySnapshot } from '../../core/snapshot.ts'

/** What operators asked for with an end: looked at by the sweep, so that it need not look at everything. */
export class Endings {
  readonly #instances = new Set<string>()
  readonly #services = new Set<string>()

  follow(instance: Instance): void {
    if (instance.maintenance?.until || instance.drain?.until) this.#instances.add(instance.id)
  }

  followService(service: Service): void {
    if (service.maintenance?.until) this.#services.add(service.name)
  }

  /** Whose time is over at `now`, by the store's clock. */
  due(snapshot: RegistrySnapshot, now: number): { instances: string[]; services: string[] } {
    const instances: string[] = []
    const services: string[] = []
    for (const id of this.#instances) {
      const instance = snapshot.instances.get(id)
      if (!instance?.maintenance?.until && !instance?.drain?.until) this.#instances.delete(id)
      else if (intentExpired(instance.maintenance, now) || intentExpired(instance.drain, now)) instances.push(id)
    }
    for (const name of this.#services) {
      const service = snapshot.services.get(name)
      if (!service?.maintenance?.until) this.#services.delete(name)
      else if (intentExpired(service.maintenance, now)) services.push(name)
    }
    return { instances, services }
  }
}
