/** Stretches of time to look at, and what they are compared with. */
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const RANGES = {
  '15m': { label: '15 min', ms: 15 * MINUTE, stepMs: 10_000 },
  '1h': { label: '1 h', ms: HOUR, stepMs: 10_000 },
  '6h': { label: '6 h', ms: 6 * HOUR, stepMs: MINUTE },
  '24h': { label: '24 h', ms: DAY, stepMs: 5 * MINUTE },
  '7d': { label: '7 d', ms: 7 * DAY, stepMs: HOUR },
} as const
export type Range = keyof typeof RANGES
export const RANGE_NAMES = Object.keys(RANGES) as [Range, ...Range[]]

export const AGAINST = ['none', 'before', 'day', 'week'] as const
export type Against = (typeof AGAINST)[number]
export const AGAINST_WORDS: Record<Against, string> = {
  none: 'Compared with nothing',
  before: 'Compared with the time before',
  day: 'Compared with a day before',
  week: 'Compared with a week before',
}

export interface Period {
  fromMs: number
  toMs: number
}

/** Up to now, on the grid of its step, so that a page asks anew only when there is something new. */
export function periodOf(range: Range, now: number): Period {
  const { ms, stepMs } = RANGES[range]
  const toMs = Math.ceil((now + 1) / stepMs) * stepMs
  return { fromMs: toMs - ms, toMs }
}

export function comparedWith({ fromMs, toMs }: Period, against: Against): Period | undefined {
  if (against === 'none') return undefined
  const by = against === 'before' ? toMs - fromMs : against === 'day' ? DAY : 7 * DAY
  return { fromMs: Math.max(0, fromMs - by), toMs: Math.max(1, toMs - by) }
}
