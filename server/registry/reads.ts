/** Reads of the registry at the four consistency levels. */
import type { ConsistencyLevel, Freshness } from '../../core/consistency.ts'
import { ConsistencyError } from '../../core/errors.ts'
import { selectRoutable } from '../../core/health.ts'
import type { HealthState, Instance } from '../../core/instance.ts'
import type { RegistrySnapshot } from '../../core/snapshot.ts'
import { addCounts, noCounts, summarise } from '../../core/summary.ts'
import type { ServiceView } from '../../core/topology.ts'
import type { Store } from '../../db/store.ts'
import type { Pulses } from './pulse.ts'

export interface Discovery {
  name: string
  tags?: string[] | undefined
  metadata?: Record<string, string> | undefined
  zone?: string | undefined
  health: 'routable' | 'all'
  limit: number
}

export interface Discovered {
  instances: readonly Instance[]
  lastResort: boolean
  total: number
}

/** Filters first, then health: last resort is about what the caller asked for, not about the whole service. */
export function discover(all: readonly Instance[], d: Discovery): Discovered {
  const matching = d.tags || d.metadata || d.zone !== undefined ? all.filter((i) => matches(i, d)) : all
  const found = d.health === 'all' ? { instances: matching as Instance[], lastResort: false } : selectRoutable(matching)
  const instances = found.instances.length > d.limit ? found.instances.slice(0, d.limit) : found.instances
  return { instances, lastResort: found.lastResort, total: matching.length }
}

function matches(i: Instance, d: Discovery): boolean {
  if (d.zone !== undefined && i.zone !== d.zone) return false
  if (d.tags && !d.tags.every((tag) => i.tags.includes(tag))) return false
  return !d.metadata || Object.entries(d.metadata).every(([key, value]) => i.metadata[key] === value)
}

/** What the local copy can vouch for, and waiting until it holds what the store holds. */
export interface Copy {
  snapshot: RegistrySnapshot
  store: Store
  pulses: Pulses
  /** since when the copy lags behind the store, in milliseconds; 0 when it does not */
  staleMs(): number
}

/** @throws ConsistencyError when `strong` cannot be met */
export async function freshness(copy: Copy, level: ConsistencyLevel): Promise<Freshness> {
  const { snapshot } = copy
  if (level !== 'strong') {
    const appliedSeq = snapshot.appliedSeq
    return { level, appliedSeq, headSeq: appliedSeq, staleMs: copy.staleMs() }
  }
  let headSeq: number
  try {
    headSeq = await copy.store.journal.head()
  } catch {
    throw new ConsistencyError(
      'The database cannot be reached, so a strong answer is not possible. Ask with level "eventual" for the last known one.',
      { retryable: true, retryAfterMs: 1_000 },
    )
  }
  // Commits are applied before their callers are answered, so with one process this holds; a replica would wait here.
  if (snapshot.appliedSeq < headSeq) {
    throw new ConsistencyError(
      `This copy is at ${snapshot.appliedSeq} of ${headSeq}. Try again, or ask with level "eventual".`,
      { retryable: true, retryAfterMs: 100 },
    )
  }
  return { level, appliedSeq: snapshot.appliedSeq, headSeq, staleMs: 0 }
}

/** Instances of a service as a level sees them, with what the answer may claim. */
export async function instancesAt(
  copy: Copy,
  name: string,
  level: ConsistencyLevel,
): Promise<{ instances: readonly Instance[]; fresh: Freshness }> {
  if (level === 'readCommitted') {
    return copy.store.read(async (tx) => {
      const head = await tx.head()
      const instances = await tx.q.registry.instancesOf(name)
      return { instances, fresh: { level, appliedSeq: head, headSeq: head, staleMs: 0 } }
    })
  }
  const fresh = await freshness(copy, level)
  const instances = copy.snapshot.of(name)
  return { instances: level === 'readUncommitted' ? instances.map((i) => withBeat(copy, i)) : instances, fresh }
}

function withBeat(copy: Copy, i: Instance): Instance {
  const pulse = copy.pulses.get(i.id)
  return pulse && pulse.wallAt !== i.lastHeartbeatAt ? { ...i, lastHeartbeatAt: pulse.wallAt } : i
}

export interface ServiceFilter {
  q?: string | undefined
  health?: HealthState | undefined
  zone?: string | undefined
  tag?: string | undefined
  after?: string | undefined
  limit: number
}

export interface ServiceList {
  services: ServiceView[]
  next: string | null
  totals: {
    services: number
    instances: number
    byHealth: Record<HealthState, number>
    instancesByHealth: Record<HealthState, number>
  }
}

/** A page of services by name, and the totals of all that match. */
export function listServices(views: Iterable<ServiceView>, f: ServiceFilter): ServiceList {
  const q = f.q?.toLowerCase()
  const matching: ServiceView[] = []
  const byHealth = noCounts()
  const instancesByHealth = noCounts()
  let instances = 0
  for (const view of views) {
    if (q && !view.name.toLowerCase().includes(q) && !view.tags.some((tag) => tag.toLowerCase().includes(q))) continue
    if (f.health && view.health !== f.health && view.counts[f.health] === 0) continue
    if (f.zone && !view.zones.includes(f.zone)) continue
    if (f.tag && !view.tags.includes(f.tag)) continue
    matching.push(view)
    byHealth[view.health] += 1
    addCounts(instancesByHealth, view.counts)
    instances += view.total
  }
  matching.sort((a, b) => (a.name < b.name ? -1 : 1))
  const start = f.after === undefined ? 0 : matching.findIndex((view) => view.name > (f.after as string))
  const page = start < 0 ? [] : matching.slice(start, start + f.limit)
  const last = page.at(-1)
  const more = last !== undefined && start + page.length < matching.length
  return {
    services: page,
    next: more ? last.name : null,
    totals: { services: matching.length, instances, byHealth, instancesByHealth },
  }
}

/** Views of all services, each made anew only when something of the service has changed. */
export class Views {
  readonly #snapshot: RegistrySnapshot
  readonly #views = new Map<string, ServiceView>()
  #dirty = new Set<string>()
  #all = true

  constructor(snapshot: RegistrySnapshot) {
    this.#snapshot = snapshot
  }

  touch(service: string): void {
    this.#dirty.add(service)
  }

  touchAll(): void {
    this.#all = true
  }

  get(name: string): ServiceView | undefined {
    this.#refresh()
    return this.#views.get(name)
  }

  all(): Iterable<ServiceView> {
    this.#refresh()
    return this.#views.values()
  }

  get size(): number {
    this.#refresh()
    return this.#views.size
  }

  #refresh(): void {
    if (this.#all) {
      this.#views.clear()
      for (const name of this.#snapshot.serviceNames()) this.#make(name)
      this.#all = false
      this.#dirty = new Set()
      return
    }
    if (this.#dirty.size === 0) return
    for (const name of this.#dirty) this.#make(name)
    this.#dirty = new Set()
  }

  #make(name: string): void {
    const service = this.#snapshot.services.get(name)
    const instances = this.#snapshot.of(name)
    if (!service && instances.length === 0) this.#views.delete(name)
    else this.#views.set(name, summarise(name, service, instances))
  }
}
