/** Steps of the history, and how cuts are added to them. */
import type { Tx } from '../../db/store.ts'
import { Cuts } from './cuts.ts'
import type { GroupKey } from './groups.ts'

/** Each step and how long it is kept. */
export const ROLLUPS = [
  { stepMs: 10_000, keptMs: 3_600_000 },
  { stepMs: 60_000, keptMs: 2 * 86_400_000 },
  { stepMs: 3_600_000, keptMs: 90 * 86_400_000 },
] as const

/** The finest step that reaches back to `fromMs` with at most `pointsMax` points; the coarsest, where none does. */
export function rollupFor(fromMs: number, toMs: number, now: number, pointsMax: number): (typeof ROLLUPS)[number] {
  const fits = ROLLUPS.find((r) => now - fromMs <= r.keptMs && (toMs - fromMs) / r.stepMs <= pointsMax)
  return fits ?? (ROLLUPS.at(-1) as (typeof ROLLUPS)[number])
}

export async function addLatency(
  tx: Tx,
  wall: number,
  stepMs: number,
  { cuts, ...group }: GroupKey & { cuts: Cuts },
): Promise<void> {
  const key = { ...group, stepMs, at: wall - (wall % stepMs) }
  const before = await tx.q.latency.rollup(key)
  const sum = before ? Cuts.decode(before) : new Cuts()
  sum.merge(cuts)
  await tx.q.latency.putRollup({ ...key, ...sum.sums(), sketches: sum.encode() })
}
