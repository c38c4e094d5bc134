/** The registry at two moments, side by side. Pure. */
import type { HealthState, Instance, Service } from '@/core/instance'

export interface Registry {
  services: readonly Service[]
  instances: readonly Instance[]
}

export interface InstanceChange {
  id: string
  before: Instance | null
  after: Instance | null
  /** in words, most telling first; empty: as it was */
  changes: string[]
}

export interface ServiceChange {
  name: string
  before: Service | null
  after: Service | null
  changes: string[]
  instances: InstanceChange[]
  different: boolean
}

/** Every service of either moment by name, with its instances by id. */
export function compare(then: Registry, now: Registry): ServiceChange[] {
  const oldServices = new Map(then.services.map((service) => [service.name, service]))
  const newServices = new Map(now.services.map((service) => [service.name, service]))
  const oldInstances = byService(then.instances)
  const newInstances = byService(now.instances)
  const names = new Set([...oldServices.keys(), ...newServices.keys(), ...oldInstances.keys(), ...newInstances.keys()])
  return [...names].sort().map((name) => {
    const before = oldServices.get(name) ?? null
    const after = newServices.get(name) ?? null
    const instances = compareInstances(oldInstances.get(name) ?? new Map(), newInstances.get(name) ?? new Map())
    const changes = serviceChanges(before, after)
    return {
      name,
      before,
      after,
      changes,
      instances,
      different: changes.length > 0 || instances.some((instance) => instance.changes.length > 0),
    }
  })
}

function byService(instances: readonly Instance[]): Map<string, Map<string, Instance>> {
  const services = new Map<string, Map<string, Instance>>()
  for (const instance of instances) {
    const siblings = services.get(instance.service) ?? new Map<string, Instance>()
    services.set(instance.service, siblings.set(instance.id, instance))
  }
  return services
}

function compareInstances(then: Map<string, Instance>, now: Map<string, Instance>): InstanceChange[] {
  const ids = new Set([...then.keys(), ...now.keys()])
  return [...ids].sort().map((id) => {
    const before = then.get(id) ?? null
    const after = now.get(id) ?? null
    return { id, before, after, changes: instanceChanges(before, after) }
  })
}

function serviceChanges(then: Service | null, now: Service | null): string[] {
  if (then === null) return now === null ? [] : ['not registered then']
  if (now === null) return ['gone now']
  return [
    ...toggled('in maintenance', then.maintenance, now.maintenance),
    ...toggled('held against a mass expiry', then.hold, now.hold),
  ]
}

/** What somebody comparing two moments looks for. Heartbeats and check output change all the time and tell nothing here. */
function instanceChanges(then: Instance | null, now: Instance | null): string[] {
  if (then === null) return now === null ? [] : ['not registered then']
  if (now === null) return ['gone now']
  return [
    ...(then.health === now.health ? [] : [`${word(then.health)} then, ${word(now.health)} now`]),
    ...became('version', then.version, now.version),
    ...became('address', then.address, now.address),
    ...became('weight', then.weight, now.weight),
    ...became('zone', then.zone, now.zone),
    ...became('tags', then.tags.join(', '), now.tags.join(', ')),
    ...toggled('in maintenance', then.maintenance, now.maintenance),
    ...toggled('drained', then.drain, now.drain),
    ...toggled('flapping', then.flapping, now.flapping),
    ...(then.generation === now.generation
      ? []
      : [
          `registered again${now.generation - then.generation > 1 ? ` ${now.generation - then.generation} times` : ''}`,
        ]),
  ]
}

const word = (health: HealthState) => (health === 'unhealthy' ? 'down' : health)

function became(what: string, then: string | number | null, now: string | number | null): string[] {
  if (then === now) return []
  const shown = (value: string | number | null) => (value === null || value === '' ? 'none' : String(value))
  return [`${what} ${shown(then)} → ${shown(now)}`]
}

function toggled(what: string, then: unknown, now: unknown): string[] {
  if (Boolean(then) === Boolean(now)) return []
  return [then ? `${what} then, not now` : `${what} now, not then`]
}
