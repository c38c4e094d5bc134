/** Setting and removing a policy: a row, an entry in the journal and one in the audit trail, in one transaction. */
import { ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { assertPolicy, effectivePolicy, type Policy, type PolicyValues, policyKey } from '../../core/policy.ts'
import type { Tx } from '../../db/store.ts'

/** Policies kept at most; more than anybody reads. */
export const POLICIES_MAX = 500

export interface PolicyChange {
  name: string
  description: string
  values: PolicyValues
  reason: string
  /** the version that the change was made from; 0: there was none */
  expectedVersion: number
}

/**
 * Sets what is stored under a name, whole. Its version is the entry it makes in the journal, so that it is never used
 * twice, also after the policy has been removed and set again.
 * @throws ConflictError when it is not at `expectedVersion`, ValidationError
 */
export async function putPolicy(tx: Tx, change: PolicyChange): Promise<Policy> {
  const { name, values, reason, description } = change
  assertPolicy(effectivePolicy(name, values).policy)
  const before = await tx.q.policies.get(name)
  assertVersion(name, before, change.expectedVersion)
  const after: Policy = {
    name,
    description,
    values,
    version: (await tx.head()) + 1,
    updatedAt: tx.now,
    updatedBy: tx.origin.actor,
    reason,
  }
  if (before === null) {
    if ((await tx.q.policies.count()) >= POLICIES_MAX) {
      throw new ValidationError(`There are ${POLICIES_MAX} policies already. Remove one that nobody uses first.`)
    }
    await tx.q.policies.add(after)
  } else if (!(await tx.q.policies.replace(after, before.version))) throw changed(name, before)
  const event = await tx.emit({
    kind: before ? 'policy.changed' : 'policy.created',
    key: policyKey(name),
    service: null,
    summary: `Policy ${name} ${before ? 'changed' : 'set'}: ${reason}`,
    value: after,
  })
  await tx.audit({ action: 'policy.put', target: policyKey(name), reason, before, after, seq: event.seq })
  return after
}

/**
 * Removes what is stored under a name: from then on its values come from code again.
 * @throws NotFoundError, ConflictError when it is not at `expectedVersion`
 */
export async function removePolicy(
  tx: Tx,
  { name, reason, expectedVersion }: { name: string; reason: string; expectedVersion: number },
): Promise<Policy> {
  const before = await tx.q.policies.get(name)
  if (!before) {
    throw new NotFoundError(`Nothing is stored under "${name}": its values come from code, or somebody has removed it.`)
  }
  assertVersion(name, before, expectedVersion)
  if (!(await tx.q.policies.remove(name, before.version))) throw changed(name, before)
  const event = await tx.emit({
    kind: 'policy.removed',
    key: policyKey(name),
    service: null,
    summary: `Policy ${name} removed: ${reason}`,
    value: null,
  })
  await tx.audit({ action: 'policy.remove', target: policyKey(name), reason, before, after: null, seq: event.seq })
  return before
}

function assertVersion(name: string, before: Policy | null, expected: number): void {
  if ((before?.version ?? 0) === expected) return
  throw changed(name, before)
}

function changed(name: string, now: Policy | null): ConflictError {
  if (!now) {
    return new ConflictError(
      `"${name}" was removed by somebody else meanwhile. Look at what holds now, then set it again if it should be there.`,
      { details: { name, version: 0 } },
    )
  }
  return new ConflictError(
    `"${name}" was changed by ${now.updatedBy} meanwhile, "${now.reason}". Look at what they set, then make your change again.`,
    { details: { name, version: now.version, by: now.updatedBy, at: now.updatedAt } },
  )
}
