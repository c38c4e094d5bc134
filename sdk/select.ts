import { selectRoutable } from '../core/health.ts'
import type { Instance } from '../core/instance.ts'
import type { DiscoverFilter } from './api.ts'

export interface Selected {
  instances: readonly Instance[]
  lastResort: boolean
  /** how many matched, whatever their state */
  total: number
}

/** What the server's `discover` does, on the local copy: narrow first, then take what is routable. */
export function select(all: readonly Instance[], filter: DiscoverFilter): Selected {
  const narrowed = isPlain(filter) ? all : all.filter((instance) => matches(instance, filter))
  const total = narrowed.length
  const found = filter.health === 'all' ? { instances: narrowed, lastResort: false } : selectRoutable(narrowed)
  const { limit = total } = filter
  return {
    ...found,
    instances: found.instances.length > limit ? found.instances.slice(0, limit) : found.instances,
    total,
  }
}

function isPlain({ tags, metadata, zone }: DiscoverFilter): boolean {
  return !tags && !metadata && zone === undefined
}

function matches(instance: Instance, { tags, metadata, zone }: DiscoverFilter): boolean {
  if (zone !== undefined && instance.zone !== zone) return false
  if (tags && !tags.every((tag) => instance.tags.includes(tag))) return false
  return !metadata || Object.entries(metadata).every(([key, value]) => instance.metadata[key] === value)
}

/**
 * Do two lists differ in anything that a caller of these instances would act on? Texts, times and counters are not
 * that.
 */
export function differsMaterially(before: readonly Instance[], after: readonly Instance[]): boolean {
  if (before === after) return false
  if (before.length !== after.length) return true
  return after.some((instance, i) => instance !== before[i] && material(instance) !== material(before[i] as Instance))
}

function material(i: Instance): string {
  return JSON.stringify([i.id, i.generation, i.address, i.health, i.weight, i.zone, i.version, i.tags, i.metadata])
}
