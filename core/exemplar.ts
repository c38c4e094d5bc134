/** One request kept whole: chosen by whoever made it, for being slow, failed, typical, or part of a trace that is kept. */
import type { LatencyCut, SpanLabel } from './latency.ts'

/**
 * `slow`: among the slowest of its edge; `failed`: it failed; `sampled`: by its trace, so that others choose the same ones;
 * `trace`: asked for, because another request of the same trace is kept.
 */
export type ExemplarReason = 'slow' | 'failed' | 'sampled' | 'trace'
export const EXEMPLAR_REASONS: readonly ExemplarReason[] = ['slow', 'failed', 'sampled', 'trace']

/** One piece of the request, in milliseconds since its start; the part it belongs to is told by its label. */
export interface ExemplarSpan {
  label: SpanLabel
  startMs: number
  endMs: number
  attempt?: number | undefined
}

export interface ExemplarAttempt {
  instance: string | null
  status: number | null
  startMs: number
  endMs: number
}

export interface Exemplar {
  /** unique among the requests of its caller */
  id: string
  traceId: string
  /** the call that this one was made for, by its `id`; null: nobody's, or not known */
  parentId: string | null
  /** when it began, milliseconds since the epoch by the caller's clock */
  at: number
  callee: string
  protocol: string
  /** of a gateway, or a name that the caller gave; null: none */
  route: string | null
  method: string
  /** without its query */
  path: string
  status: number | null
  error: string | null
  failed: boolean
  why: ExemplarReason
  cut: LatencyCut
  /** disjoint and in order; at most SPANS_MAX */
  spans: ExemplarSpan[]
  /** at most ATTEMPTS_MAX, the last ones */
  attempts: ExemplarAttempt[]
}

export const SPANS_MAX = 64
export const ATTEMPTS_MAX = 10

/** An exemplar as the control plane keeps it. */
export interface KeptExemplar extends Exemplar {
  key: number
  caller: string
  /** the calling instance */
  reporter: string
}
