/** How one instance changes: evidence in, verdict drawn anew, row replaced only if nobody was faster, event written. */
import { ConflictError } from '../../core/errors.ts'
import { judge } from '../../core/health.ts'
import { type Instance, instanceKey, type Service, serviceKey } from '../../core/instance.ts'
import type { Tx } from '../../db/store.ts'

export type Patch = Partial<
  Pick<
    Instance,
    | 'heartbeat'
    | 'reported'
    | 'checkState'
    | 'checkOutput'
    | 'maintenance'
    | 'serviceMaintenance'
    | 'drain'
    | 'flapping'
    | 'lastHeartbeatAt'
  >
>

export interface Why {
  kind: string
  /** default: the verdict in words */
  summary?: string
}

/** @throws ConflictError when the instance changed since `before` was read */
export async function changeInstance(tx: Tx, before: Instance, patch: Patch, why: Why): Promise<Instance> {
  const evidence = { ...before, ...patch }
  const verdict = judge(evidence)
  const changed = verdict.health !== before.health
  const after: Instance = {
    ...evidence,
    ...verdict,
    healthSince: changed ? tx.now : before.healthSince,
    revision: before.revision + 1,
  }
  if (!(await tx.q.registry.replaceInstance(after, before.revision))) {
    throw new ConflictError(`Instance "${before.id}" changed meanwhile. Look at it again, then repeat what you meant.`)
  }
  await tx.emit({
    kind: why.kind,
    key: instanceKey(after.id),
    service: after.service,
    summary: why.summary ?? `${after.id} is ${after.health}: ${after.reason}`,
    value: after,
  })
  return after
}

export async function changeService(
  tx: Tx,
  before: Service,
  patch: Partial<Pick<Service, 'maintenance' | 'hold'>>,
  why: Required<Why>,
): Promise<Service> {
  const after: Service = { ...before, ...patch, revision: before.revision + 1 }
  await tx.q.registry.putService(after)
  await tx.emit({
    kind: why.kind,
    key: serviceKey(after.name),
    service: after.name,
    summary: why.summary,
    value: after,
  })
  return after
}
