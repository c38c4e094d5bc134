/** When each half of each step was under way, waited and was tried again: what the Gantt draws. Pure. */
import type { RunView } from '@/core/saga/view'
import { laneRows } from './lane-layout'

export interface Bar {
  from: number
  /** null: goes on */
  to: number | null
  kind: 'attempt' | 'backoff' | 'wait'
  outcome: 'running' | 'succeeded' | 'failed' | 'unknown'
  attempt: number
  worker: string
  error: string | null
}

export interface GanttRow {
  step: string
  phase: 'do' | 'undo' | 'probe'
  bars: Bar[]
}

/** Rows in the order of the lanes; of each step its do, its probe and its undo, where anything began. */
export function ganttRows(run: RunView): GanttRow[] {
  return laneRows(run.lanes).flatMap(({ step }) =>
    (['do', 'probe', 'undo'] as const).flatMap((phase): GanttRow[] => {
      const lane = step[phase]
      if (!lane || step.carried) return []
      const bars: Bar[] = []
      lane.log.forEach((attempt, at) => {
        const { from, to, outcome, worker } = attempt
        const error = attempt.error?.code ?? null
        bars.push({ from, to, kind: 'attempt', outcome, attempt: attempt.attempt, worker, error })
        const next = lane.log[at + 1]?.from ?? (lane.status === 'backoff' ? lane.retryAt : null)
        if (to !== null && next !== null && next > to) {
          bars.push({ from: to, to: next, kind: 'backoff', outcome, attempt: attempt.attempt, worker, error: null })
        }
      })
      if (lane.log.length === 0 && lane.startedAt !== null) {
        const outcome = lane.endedAt === null ? 'running' : lane.error ? 'failed' : 'succeeded'
        bars.push({
          from: lane.startedAt,
          to: lane.endedAt,
          kind: 'wait',
          outcome,
          attempt: 0,
          worker: '',
          error: null,
        })
      }
      return bars.length === 0 ? [] : [{ step: step.name, phase, bars }]
    }),
  )
}

/** Stretches of the run in which nothing was drawn and that are folded, so that a night of waiting leaves room for the rest. */
export interface TimeScale {
  /** milliseconds since the epoch to a share of the width, 0 to 1 */
  at(time: number): number
  folds: { from: number; to: number; share: number }[]
}

/** A quiet stretch longer than this share of the run is folded. */
const FOLD_FROM = 0.3
/** The width that it then takes. */
const FOLD_TO = 0.06

export function timeScale(rows: readonly GanttRow[], from: number, to: number): TimeScale {
  const span = Math.max(1, to - from)
  const busy = rows
    .flatMap(({ bars }) => bars.map((bar) => [bar.from, bar.to ?? to] as const))
    .sort((a, b) => a[0] - b[0])
  const folds: { from: number; to: number }[] = []
  let end = from
  for (const [start, stop] of [...busy, [to, to] as const]) {
    if (start - end > span * FOLD_FROM) folds.push({ from: end, to: start })
    end = Math.max(end, stop)
  }
  const folded = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const open = Math.max(1, span - folded)
  const room = 1 - folds.length * FOLD_TO
  const at = (time: number): number => {
    const wanted = Math.min(to, Math.max(from, time))
    let shown = wanted - from
    let extra = 0
    for (const fold of folds) {
      if (wanted >= fold.to) {
        shown -= fold.to - fold.from
        extra += FOLD_TO
      } else if (wanted > fold.from) {
        extra += (FOLD_TO * (wanted - fold.from)) / (fold.to - fold.from)
        shown -= wanted - fold.from
      }
    }
    return (shown / open) * room + extra
  }
  return { at, folds: folds.map((fold) => ({ ...fold, share: at(fold.from) })) }
}

/** Round steps of time that cut the span into at most `most`. */
export function tickStep(spanMs: number, most: number): number {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000]
  for (const step of steps) if (spanMs / step <= most) return step
  let step = 300_000
  while (spanMs / step > most) step *= 2
  return step
}
