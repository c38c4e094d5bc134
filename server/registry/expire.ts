/** Executes what is overdue: late, expired or held, forgotten. Decides per service whether an expiry is believable. */
import { isGone, isMassExpiry } from '../../core/health.ts'
import type { Tx } from '../../db/store.ts'
import { changeInstance, changeService } from './change.ts'
import type { Overdue, Pulse } from './pulse.ts'
import { deregister } from './register.ts'

export interface Fleet {
  /** monotonic milliseconds */
  now: number
  /** does a beat contradict this by now? */
  isSilent(pulse: Pulse): boolean
  /** instances of the service with heartbeats, and how many of them expired within their last TTL */
  census(service: string): { total: number; recentlyExpired: number }
}

export async function executeOverdue(tx: Tx, overdue: Overdue, fleet: Fleet): Promise<void> {
  for (const pulse of overdue.late) {
    const instance = await current(tx, pulse)
    if (instance?.heartbeat === 'live') {
      await changeInstance(tx, instance, { heartbeat: 'late' }, { kind: 'instance.health' })
    }
  }
  for (const [service, pulses] of overdue.expired) await expire(tx, service, pulses, fleet)
  for (const pulse of overdue.forgotten) {
    const instance = await current(tx, pulse)
    if (!instance || !isGone(instance)) continue
    await deregister(
      tx,
      pulse.id,
      'expired',
      `${instance.drain ? 'drained and silent' : 'unhealthy'} for ${Math.round(pulse.deregisterAfterMs / 1000)} s`,
    )
  }
}

async function current(tx: Tx, pulse: Pulse) {
  const instance = await tx.q.registry.instance(pulse.id)
  return instance?.generation === pulse.generation ? instance : null
}

async function expire(tx: Tx, service: string, pulses: readonly Pulse[], fleet: Fleet): Promise<void> {
  const silent = pulses.filter((pulse) => fleet.isSilent(pulse))
  if (silent.length === 0) return
  const { total, recentlyExpired } = fleet.census(service)
  const held = isMassExpiry(total, recentlyExpired + silent.length)
  const ids: string[] = []
  for (const pulse of silent) {
    const instance = await current(tx, pulse)
    if (!instance) continue
    ids.push(pulse.id)
    await changeInstance(tx, instance, { heartbeat: held ? 'held' : 'expired' }, { kind: 'instance.health' })
  }
  if (!held || ids.length === 0) return
  const row = await tx.q.registry.service(service)
  if (!row) return
  const all = [...new Set([...(row.hold?.instanceIds ?? []), ...ids])]
  await changeService(
    tx,
    row,
    { hold: { since: row.hold?.since ?? tx.now, instanceIds: all, total } },
    {
      kind: 'service.hold-started',
      summary: `${all.length} of ${total} heartbeats of ${service} stopped at once: held, nobody is taken out`,
    },
  )
}
