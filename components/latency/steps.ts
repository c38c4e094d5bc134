/** Points of a period as flat steps: a mean holds for the whole of its step, and nothing is drawn where nothing came. */
import type { CutQuality } from '@/core/latency'
import type { LatencyPoint, PartMeans } from '@/core/latency-view'

export interface Step extends Record<keyof PartMeans, number | null> {
  at: number
  /** requests of the step, of the quality shown */
  count: number
}

export function stepsOf(points: readonly LatencyPoint[], quality: CutQuality, stepMs: number): Step[] {
  const out: Step[] = []
  let before: number | null = null
  for (const point of points) {
    const parts = point.parts[quality]
    if (!parts) continue
    const { networkMs, processingMs, queueMs, unattributedMs, count } = parts
    // One step without a request is no gap: at the finest step few requests leave some out.
    if (before !== null && point.at - before > stepMs * 2.5) out.push(nothing(before + stepMs))
    const values = { networkMs, processingMs, queueMs, unattributedMs, count }
    out.push({ at: point.at, ...values }, { at: point.at + stepMs - 1, ...values })
    before = point.at
  }
  return out
}

const nothing = (at: number): Step => ({
  at,
  count: 0,
  networkMs: null,
  processingMs: null,
  queueMs: null,
  unattributedMs: null,
})

export const totalOf = (means: Record<keyof PartMeans, number | null>): number =>
  (means.networkMs ?? 0) + (means.processingMs ?? 0) + (means.queueMs ?? 0) + (means.unattributedMs ?? 0)

/** The quality that most requests have. */
export function mainQuality(counts: Partial<Record<CutQuality, { count: number }>>): CutQuality | null {
  let main: CutQuality | null = null
  for (const [quality, { count }] of Object.entries(counts) as [CutQuality, { count: number }][]) {
    if (main === null || count > (counts[main]?.count ?? 0)) main = quality
  }
  return main
}
