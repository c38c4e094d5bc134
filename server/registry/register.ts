/** Registration and deregistration: who may hold an id, and how a process that comes back gets its place again. */
import { randomUUID } from 'node:crypto'
import { ConflictError, NotFoundError, ServiceUnavailableError } from '../../core/errors.ts'
import { judge } from '../../core/health.ts'
import { type Instance, instanceKey, type Service, serviceKey } from '../../core/instance.ts'
import type { Tombstone } from '../../db/queries.ts'
import type { Tx } from '../../db/store.ts'
import type { Registration } from '../api/schemas.ts'
import { changeService } from './change.ts'

/** Bounds of the whole registry: past them a registration is refused, so that one client cannot fill the memory. */
export const INSTANCES_MAX = 100_000
export const SERVICES_MAX = 20_000

export function defaultId(data: Registration): string {
  return `${data.name}-${data.address.replace(/[[\]]/g, '')}`
}

export interface Presence {
  /** does the holder of this id still send heartbeats? */
  isAlive(id: string): boolean
  /** instances now registered */
  size: number
  /** services now known */
  services: number
}

/**
 * @throws ConflictError when the id belongs to another owner or to another living process, or an operator took it out
 */
export async function register(tx: Tx, data: Registration, owner: string, presence: Presence): Promise<Instance> {
  const id = data.id ?? defaultId(data)
  const incarnation = data.incarnation ?? randomUUID()
  const before = await tx.q.registry.instance(id)
  const tombstone = before ? null : await tx.q.registry.tombstone(id)
  if (before) assertMayReplace(before, data, incarnation, owner, presence)
  if (tombstone) assertMayReturn(tombstone, id, incarnation)
  if (!before && presence.size >= INSTANCES_MAX) {
    throw new ServiceUnavailableError(`The registry is full (${INSTANCES_MAX} instances). Deregister some first.`)
  }
  const service = await ensureService(tx, data.name, presence)
  const evidence = {
    ttlMs: data.ttlMs,
    heartbeat: data.ttlMs === 0 ? ('none' as const) : ('live' as const),
    reported: { status: 'ok' as const, note: '' },
    checkState: data.check ? ('pending' as const) : null,
    checkOutput: '',
    // What an operator wanted outlives the process that it was wanted of.
    maintenance: before?.maintenance ?? tombstone?.maintenance ?? null,
    drain: before?.drain ?? tombstone?.drain ?? null,
    serviceMaintenance: service.maintenance,
  }
  const verdict = judge(evidence)
  const instance: Instance = {
    id,
    service: data.name,
    address: data.address,
    zone: data.zone ?? null,
    version: data.version ?? null,
    tags: [...new Set(data.tags)].sort(),
    weight: data.weight,
    metadata: data.metadata,
    check: data.check ?? null,
    deregisterAfterMs: data.deregisterAfterMs,
    generation: Math.max(before?.generation ?? 0, tombstone?.generation ?? 0) + 1,
    incarnation,
    owner,
    registeredAt: tx.now,
    lastHeartbeatAt: tx.now,
    ...evidence,
    ...verdict,
    healthSince: before && before.health === verdict.health ? before.healthSince : tx.now,
    flapping: before?.flapping ?? false,
    revision: (before?.revision ?? 0) + 1,
  }
  await tx.q.registry.putInstance(instance)
  if (tombstone) await tx.q.registry.deleteTombstone(id)
  if (before && before.service !== instance.service) await forget(tx, before, `${id} moved to ${instance.service}`)
  await tx.emit({
    kind: 'instance.registered',
    key: instanceKey(id),
    service: instance.service,
    summary: `${id} ${before || tombstone ? 'registered again' : 'registered'} at ${instance.address}`,
    value: instance,
  })
  // A process that comes back is heard again, so its silence need not be held any longer.
  if (before) await leaveHold(tx, before.service, [id])
  return instance
}

/** Tells the readers of the old service that an id has left it. */
async function forget(tx: Tx, before: Instance, summary: string): Promise<void> {
  await tx.emit({
    kind: 'instance.moved',
    key: instanceKey(before.id),
    service: before.service,
    summary,
    value: null,
  })
}

function assertMayReplace(
  before: Instance,
  data: Registration,
  incarnation: string,
  owner: string,
  presence: Presence,
): void {
  if (before.owner !== owner) {
    throw new ConflictError(
      `The id "${before.id}" belongs to ${before.owner} (service ${before.service} at ${before.address}). Choose another id, or let its owner or an operator deregister it.`,
      { details: { cause: 'owner', holder: before.owner } },
    )
  }
  const same = before.incarnation === incarnation || before.address === data.address
  if (!same && presence.isAlive(before.id)) {
    throw new ConflictError(
      `The id "${before.id}" is in use by a living instance at ${before.address}. Give every instance an id of its own, or leave the id out.`,
      { details: { cause: 'alive', holder: before.address } },
    )
  }
}

function assertMayReturn(tombstone: Tombstone, id: string, incarnation: string): void {
  if (tombstone.cause === 'operator' && tombstone.incarnation === incarnation) {
    throw new ConflictError(
      `"${id}" was deregistered by ${tombstone.actor} and stays out. Restart its process to register it again.`,
      { details: { cause: 'deregistered', by: tombstone.actor } },
    )
  }
}

async function ensureService(tx: Tx, name: string, presence: Presence): Promise<Service> {
  const existing = await tx.q.registry.service(name)
  if (existing) return existing
  if (presence.services >= SERVICES_MAX) {
    throw new ServiceUnavailableError(
      `The registry knows ${SERVICES_MAX} services, and no more. Forget those without instances first (registry.forget).`,
    )
  }
  const service: Service = { name, maintenance: null, hold: null, createdAt: tx.now, revision: 1 }
  await tx.q.registry.putService(service)
  await tx.emit({
    kind: 'service.created',
    key: serviceKey(name),
    service: name,
    summary: `${name} has its first instance`,
    value: service,
  })
  return service
}

/**
 * Takes an instance out. `generation`: only if it is still that registration (a late goodbye of an older one changes nothing).
 * @throws NotFoundError, ConflictError
 */
export async function deregister(
  tx: Tx,
  id: string,
  cause: Tombstone['cause'],
  why: string,
  generation?: number,
): Promise<Instance> {
  const before = await tx.q.registry.instance(id)
  if (!before) throw new NotFoundError(`There is no instance "${id}".`)
  if (generation !== undefined && before.generation !== generation) {
    throw new ConflictError(
      `"${id}" was registered again (generation ${before.generation}, not ${generation}); nothing was deregistered.`,
      { details: { cause: 'superseded' } },
    )
  }
  await tx.q.registry.deleteInstance(id)
  await tx.q.checks.deleteRunsOf(id)
  await tx.q.registry.putTombstone({
    id,
    generation: before.generation,
    incarnation: before.incarnation,
    cause,
    actor: tx.origin.actor,
    at: tx.now,
    maintenance: before.maintenance,
    drain: before.drain,
  })
  await tx.emit({
    kind: 'instance.deregistered',
    key: instanceKey(id),
    service: before.service,
    summary: `${id} deregistered: ${why}`,
    value: null,
  })
  await leaveHold(tx, before.service, [id])
  return before
}

/** Takes instances out of their service's held expiry; the hold ends with its last one. */
export async function leaveHold(tx: Tx, name: string, ids: readonly string[]): Promise<void> {
  const service = await tx.q.registry.service(name)
  if (!service?.hold) return
  const left = service.hold.instanceIds.filter((id) => !ids.includes(id))
  if (left.length === service.hold.instanceIds.length) return
  await changeService(
    tx,
    service,
    { hold: left.length === 0 ? null : { ...service.hold, instanceIds: left } },
    {
      kind: left.length === 0 ? 'service.hold-ended' : 'service.hold-changed',
      summary: left.length === 0 ? `The held expiry of ${name} is over` : `${left.length} of ${name} still held`,
    },
  )
}
