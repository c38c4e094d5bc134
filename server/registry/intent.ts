/** What operators want: maintenance, drain, release of a held expiry. Each lands in the audit trail with its change. */
import { NotFoundError, ValidationError } from '../../core/errors.ts'
import type { Instance, OperatorIntent } from '../../core/instance.ts'
import type { Tx } from '../../db/store.ts'
import { changeInstance, changeService } from './change.ts'
import { leaveHold } from './register.ts'

export type Target = { service: string } | { instance: string }

export interface Wish {
  on: boolean
  reason: string
  /** milliseconds from now; null: until lifted */
  forMs: number | null
}

function intent(tx: Tx, wish: Wish): OperatorIntent | null {
  if (!wish.on) return null
  return {
    reason: wish.reason,
    by: tx.origin.actor,
    since: tx.now,
    until: wish.forMs === null ? null : tx.now + wish.forMs,
  }
}

async function existing(tx: Tx, id: string): Promise<Instance> {
  const instance = await tx.q.registry.instance(id)
  if (!instance) throw new NotFoundError(`There is no instance "${id}". It may have been deregistered meanwhile.`)
  return instance
}

/** @throws NotFoundError when the target is not registered */
export async function setMaintenance(tx: Tx, target: Target, wish: Wish): Promise<void> {
  const maintenance = intent(tx, wish)
  const verb = wish.on ? 'in maintenance' : 'out of maintenance'
  const kind = wish.on ? 'maintenance.started' : 'maintenance.ended'
  if ('instance' in target) {
    const before = await existing(tx, target.instance)
    const summary = `${before.id} ${verb}: ${wish.reason}`
    await changeInstance(tx, before, { maintenance }, { kind: `instance.${kind}`, summary })
    await tx.audit({
      action: wish.on ? 'maintenance.start' : 'maintenance.end',
      target: `instance/${before.id}`,
      reason: wish.reason,
      before: before.maintenance,
      after: maintenance,
    })
    return
  }
  const before = await tx.q.registry.service(target.service)
  if (!before) throw new NotFoundError(`There is no service "${target.service}".`)
  const summary = `${before.name} ${verb}: ${wish.reason}`
  await changeService(tx, before, { maintenance }, { kind: `service.${kind}`, summary })
  await tx.audit({
    action: wish.on ? 'maintenance.start' : 'maintenance.end',
    target: `service/${before.name}`,
    reason: wish.reason,
    before: before.maintenance,
    after: maintenance,
  })
  for (const instance of await tx.q.registry.instancesOf(before.name)) {
    await changeInstance(tx, instance, { serviceMaintenance: maintenance }, { kind: `instance.${kind}` })
  }
}

/** @throws NotFoundError */
export async function setDrain(tx: Tx, id: string, wish: Wish): Promise<Instance> {
  const before = await existing(tx, id)
  const drain = intent(tx, wish)
  const after = await changeInstance(
    tx,
    before,
    { drain },
    {
      kind: wish.on ? 'instance.drain.started' : 'instance.drain.ended',
      summary: `${id} ${wish.on ? 'draining' : 'no longer draining'}: ${wish.reason}`,
    },
  )
  await tx.audit({
    action: wish.on ? 'drain.start' : 'drain.end',
    target: `instance/${id}`,
    reason: wish.reason,
    before: before.drain,
    after: drain,
  })
  return after
}

/**
 * Executes a held expiry: what is still silent is believed to be down. Returns how many.
 * @throws NotFoundError, ValidationError when nothing is held
 */
export async function releaseHold(tx: Tx, name: string, reason: string): Promise<number> {
  const service = await tx.q.registry.service(name)
  if (!service) throw new NotFoundError(`There is no service "${name}".`)
  if (!service.hold) throw new ValidationError(`No expiry of "${name}" is held; its heartbeats may have come back.`)
  let expired = 0
  for (const id of service.hold.instanceIds) {
    const instance = await tx.q.registry.instance(id)
    if (instance?.heartbeat !== 'held') continue
    await changeInstance(tx, instance, { heartbeat: 'expired' }, { kind: 'instance.health' })
    expired += 1
  }
  await leaveHold(tx, name, service.hold.instanceIds)
  await tx.audit({
    action: 'hold.release',
    target: `service/${name}`,
    reason,
    before: service.hold,
    after: { expired },
  })
  return expired
}

/** Lifts intents whose time is over; `now` is the transaction's. */
export async function liftExpired(tx: Tx, ids: readonly string[], services: readonly string[]): Promise<void> {
  for (const name of services) {
    const service = await tx.q.registry.service(name)
    const until = service?.maintenance?.until ?? null
    if (service && until !== null && tx.now >= until) {
      await changeService(
        tx,
        service,
        { maintenance: null },
        { kind: 'service.maintenance.ended', summary: `Maintenance of ${name} ran out` },
      )
      for (const instance of await tx.q.registry.instancesOf(name)) {
        await changeInstance(tx, instance, { serviceMaintenance: null }, { kind: 'instance.maintenance.ended' })
      }
    }
  }
  for (const id of ids) {
    const instance = await tx.q.registry.instance(id)
    if (!instance) continue
    const over = (i: OperatorIntent | null) => i !== null && i.until !== null && tx.now >= i.until
    if (over(instance.maintenance) || over(instance.drain)) {
      await changeInstance(
        tx,
        instance,
        {
          maintenance: over(instance.maintenance) ? null : instance.maintenance,
          drain: over(instance.drain) ? null : instance.drain,
        },
        { kind: 'instance.intent.expired', summary: `What an operator asked of ${id} has run out` },
      )
    }
  }
}
