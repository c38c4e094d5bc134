import type { Policy } from '../core/policy.ts'

/** The statements of backoff policies. */
export interface PolicyQueries {
  get(name: string): Promise<Policy | null>
  /** by name */
  list(): Promise<Policy[]>
  count(): Promise<number>
  add(policy: Policy): Promise<void>
  /** false when the row has moved on from `version` */
  replace(policy: Policy, version: number): Promise<boolean>
  /** false when the row has moved on from `version` */
  remove(name: string, version: number): Promise<boolean>
}
