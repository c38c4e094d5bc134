import type { BreakerRecord } from '../core/breaker-view.ts'

export interface BreakerQueries {
  get(name: string): Promise<{ record: BreakerRecord; revision: number } | null>
  all(): Promise<BreakerRecord[]>
  /** `revision`: of the row it replaces, null for a new one; false when another change was faster */
  put(record: BreakerRecord, revision: number | null): Promise<boolean>
  delete(name: string): Promise<void>
}
