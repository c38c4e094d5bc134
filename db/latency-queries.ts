import type { Exemplar, KeptExemplar } from '../core/exemplar.ts'
import type { CutQuality } from '../core/latency.ts'

export interface LatencyKey {
  stepMs: number
  at: number
  caller: string
  callee: string
  protocol: string
  kind: 'route' | 'instance'
  name: string
  quality: CutQuality
}

export interface LatencyRollup extends LatencyKey {
  count: number
  errors: number
  clamped: number
  networkMs: number
  processingMs: number
  queueMs: number
  unattributedMs: number
  sketches: Uint8Array
}

export interface LatencyFilter {
  stepMs: number
  kind: 'route' | 'instance'
  from: number
  to: number
  caller?: string | undefined
  callee?: string | undefined
  protocol?: string | undefined
  name?: string | undefined
  limit: number
}

export interface NewExemplar {
  caller: string
  reporter: string
  notable: boolean
  exemplar: Exemplar
}

export interface ExemplarFilter {
  from?: number | undefined
  to?: number | undefined
  caller?: string | undefined
  callee?: string | undefined
  route?: string | undefined
  failed?: boolean | undefined
  totalMinMs?: number | undefined
  totalBelowMs?: number | undefined
  order: 'newest' | 'slowest'
  limit: number
}

export interface LatencyQueries {
  /** replaces the row of the same key: it must have been added up already */
  putRollup(row: LatencyRollup): Promise<void>
  rollup(key: LatencyKey): Promise<LatencyRollup | null>
  rollups(filter: LatencyFilter): Promise<LatencyRollup[]>
  /** callers, callees, protocols and names with traffic in the time */
  names(
    filter: Pick<LatencyFilter, 'stepMs' | 'kind' | 'from' | 'to' | 'limit'>,
  ): Promise<{ caller: string; callee: string; protocol: string; name: string; count: number }[]>
  /** false when it is kept already */
  addExemplar(row: NewExemplar): Promise<boolean>
  exemplars(filter: ExemplarFilter): Promise<KeptExemplar[]>
  trace(traceId: string, limit: number): Promise<KeptExemplar[]>
  /** deletes at most `limit` rows and returns how many */
  pruneRollups(stepMs: number, before: number, limit: number): Promise<number>
  /** deletes the oldest of a step past `rowsMax`, at most `limit` of them */
  boundRollups(stepMs: number, rowsMax: number, limit: number): Promise<number>
  pruneExemplars(filter: { before: number; notable?: boolean }, limit: number): Promise<number>
  /** deletes the oldest past `rowsMax`, at most `limit` of them */
  boundExemplars(rowsMax: number, limit: number): Promise<number>
}
