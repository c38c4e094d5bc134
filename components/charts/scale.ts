/** The maths of charts: honest axes, gaps where nothing was measured. Pure. */
export interface Sample {
  at: number
  /** null: nothing measured; the line has a gap there */
  value: number | null
}

export interface Frame {
  fromMs: number
  toMs: number
  /** top of the axis, which starts at 0 */
  max: number
  width: number
  height: number
}

/** The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `value`. */
export function niceMax(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  for (const step of [1, 2, 2.5, 5, 10]) if (step * power >= value * 0.999_999) return step * power
  return 10 * power
}

/** Greatest value of all series; 0 without any. */
export function maxOf(series: readonly (readonly Sample[])[]): number {
  let max = 0
  for (const samples of series) for (const { value } of samples) if (value !== null && value > max) max = value
  return max
}

export const xOf = (frame: Frame, at: number) =>
  frame.toMs === frame.fromMs ? 0 : ((at - frame.fromMs) / (frame.toMs - frame.fromMs)) * frame.width

export const yOf = (frame: Frame, value: number) =>
  frame.height - (Math.min(value, frame.max) / frame.max) * frame.height

/** Samples next to each other, without the gaps: nulls, and silences longer than two and a half steps. */
export function runs(samples: readonly Sample[], stepMs: number): { at: number; value: number }[][] {
  const out: { at: number; value: number }[][] = []
  let current: { at: number; value: number }[] = []
  let before: number | null = null
  for (const { at, value } of samples) {
    if (value === null || (before !== null && at - before > stepMs * 2.5)) {
      if (current.length > 0) out.push(current)
      current = []
    }
    if (value !== null) {
      current.push({ at, value })
      before = at
    }
  }
  if (current.length > 0) out.push(current)
  return out
}

/** The `d` of a line with gaps. A lone sample becomes a short dash, so that it is seen. */
export function linePath(samples: readonly Sample[], stepMs: number, frame: Frame): string {
  return runs(samples, stepMs)
    .map((run) => {
      const points = run.map((p) => `${fixed(xOf(frame, p.at))} ${fixed(yOf(frame, p.value))}`)
      return points.length === 1 ? `M${points[0]}h2` : `M${points.join('L')}`
    })
    .join('')
}

/** The `d` of the area between the line and zero. */
export function areaPath(samples: readonly Sample[], stepMs: number, frame: Frame): string {
  return runs(samples, stepMs)
    .filter((run) => run.length > 1)
    .map((run) => {
      const points = run.map((p) => `${fixed(xOf(frame, p.at))} ${fixed(yOf(frame, p.value))}`)
      const [first, last] = [run[0] as { at: number }, run[run.length - 1] as { at: number }]
      return `M${fixed(xOf(frame, first.at))} ${frame.height}L${points.join('L')}L${fixed(xOf(frame, last.at))} ${frame.height}Z`
    })
    .join('')
}

const fixed = (n: number) => Math.round(n * 10) / 10

/** The sample nearest to a time; null when there is none. */
export function nearest<T extends { at: number }>(samples: readonly T[], at: number): T | null {
  let best: T | null = null
  for (const sample of samples) if (!best || Math.abs(sample.at - at) < Math.abs(best.at - at)) best = sample
  return best
}

const STEPS = [60_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000]

/** Round times to label the axis with, at most `count`. */
export function timeTicks(fromMs: number, toMs: number, count: number): number[] {
  const step = STEPS.find((s) => (toMs - fromMs) / s <= count) ?? (STEPS.at(-1) as number)
  const ticks: number[] = []
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at)
  return ticks
}

/** Moves labels apart that would cover each other: at least `gap` px from one to the next, kept within the height. */
export function spread(ys: readonly number[], gap: number, height: number): number[] {
  const order = ys.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y)
  const out = order.map((o) => o.y)
  for (let i = 1; i < out.length; i++) out[i] = Math.max(out[i] as number, (out[i - 1] as number) + gap)
  const over = (out.at(-1) ?? 0) - height
  if (over > 0) for (let i = 0; i < out.length; i++) out[i] = Math.max(i * gap, (out[i] as number) - over)
  const result: number[] = new Array(ys.length).fill(0)
  order.forEach((o, i) => {
    result[o.i] = out[i] as number
  })
  return result
}
