/** A service as one line: counts by state, and the state of the whole. */
import { isRoutable } from './health.ts'
import { HEALTH_STATES, type HealthState, type Instance, type Service } from './instance.ts'
import type { ServiceView } from './topology.ts'

export function noCounts(): Record<HealthState, number> {
  return { healthy: 0, warning: 0, unhealthy: 0, unknown: 0, draining: 0, maintenance: 0 }
}

/**
 * The state of the whole: maintenance when all is; unhealthy when nothing is routable; warning when anything is less than
 * healthy, or expiry is held; else healthy. With no instances it is unknown.
 */
export function summarise(name: string, service: Service | undefined, instances: readonly Instance[]): ServiceView {
  const counts = noCounts()
  const zones = new Set<string>()
  const versions = new Set<string>()
  const tags = new Set<string>()
  let routable = 0
  let flapping = 0
  let changedAt: number | null = null
  for (const i of instances) {
    counts[i.health] += 1
    if (i.zone !== null) zones.add(i.zone)
    if (i.version !== null) versions.add(i.version)
    for (const tag of i.tags) tags.add(tag)
    if (isRoutable(i)) routable += 1
    if (i.flapping) flapping += 1
    if (changedAt === null || i.healthSince > changedAt) changedAt = i.healthSince
  }
  const hold = service?.hold ?? null
  const { health, reason } = whole(counts, instances.length, routable, hold !== null)
  return {
    name,
    health,
    reason,
    counts,
    total: instances.length,
    routable,
    flapping,
    zones: sorted(zones),
    versions: sorted(versions),
    tags: sorted(tags),
    maintenance: service?.maintenance ?? null,
    hold,
    changedAt,
  }
}

function whole(
  counts: Record<HealthState, number>,
  total: number,
  routable: number,
  held: boolean,
): { health: HealthState; reason: string } {
  if (total === 0) return { health: 'unknown', reason: 'no instances' }
  if (counts.maintenance === total) return { health: 'maintenance', reason: 'all in maintenance' }
  if (counts.draining + counts.maintenance === total) return { health: 'draining', reason: 'all draining' }
  const untouched = total - counts.maintenance - counts.draining
  if (routable === 0 && counts.unhealthy > 0) return { health: 'unhealthy', reason: 'no instance can take traffic' }
  if (held) return { health: 'warning', reason: 'a mass expiry is held' }
  if (routable === 0) return { health: 'unknown', reason: 'nothing known of its instances' }
  if (counts.unhealthy > 0) return { health: 'warning', reason: `${counts.unhealthy} of ${untouched} down` }
  if (counts.warning > 0) return { health: 'warning', reason: `${counts.warning} of ${untouched} with warnings` }
  if (counts.unknown > 0) return { health: 'warning', reason: `${counts.unknown} of ${untouched} unknown` }
  if (untouched < total)
    return { health: 'healthy', reason: `${routable} of ${total} take traffic, the rest by an operator's wish not` }
  return { health: 'healthy', reason: 'all instances can take traffic' }
}

function sorted(values: Set<string>): string[] {
  return [...values].sort().slice(0, 16)
}

export function addCounts(into: Record<HealthState, number>, from: Record<HealthState, number>): void {
  for (const state of HEALTH_STATES) into[state] += from[state]
}
