/** What is being edited: the values set here over those of code, and the version they were taken from. Pure. */
import { effectivePolicy, type PolicyValues, policyProblem, type RetryPolicy } from '@/core/policy'

export interface Draft {
  name: string
  /** version of what is stored when editing began; 0: nothing was */
  base: number
  description: string
  values: PolicyValues
}

export interface Stored {
  version: number
  description: string
  values: PolicyValues
}

export function draftOf(name: string, stored: Stored | null): Draft {
  return {
    name,
    base: stored?.version ?? 0,
    description: stored?.description ?? '',
    values: stored?.values ?? {},
  }
}

export function withValue<K extends keyof RetryPolicy>(
  draft: Draft,
  field: K,
  value: RetryPolicy[K] | undefined,
): Draft {
  const values = { ...draft.values }
  if (value === undefined) delete values[field]
  else values[field] = value
  return { ...draft, values }
}

/** Does it differ from what is stored? */
export function isChanged(draft: Draft, stored: Stored | null): boolean {
  return draft.description !== (stored?.description ?? '') || text(draft.values) !== text(stored?.values ?? {})
}

/** What holds by the draft, where each value comes from, and what is wrong with it. */
export function inForce(draft: Draft) {
  const effective = effectivePolicy(draft.name, draft.values)
  return { ...effective, problem: policyProblem(effective.policy) }
}

const text = (values: PolicyValues) => JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
