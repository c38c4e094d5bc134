/** Figures as people read them: at most three digits, always with their unit. */

/** Three significant digits at most, no trailing zeroes. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 1_000_000) return `${trim(value / 1_000_000, size >= 10_000_000 ? 1 : 2)}M`
  if (size >= 10_000) return `${trim(value / 1000, size >= 100_000 ? 0 : 1)}k`
  if (size >= 1000) return `${trim(value / 1000, 2)}k`
  if (size >= 100) return trim(value, 0)
  if (size >= 10) return trim(value, 1)
  return trim(value, 2)
}

const trim = (value: number, places: number) => String(Number(value.toFixed(places)))

/** Calls per second, in words a line can carry. `none` when nothing was called. */
export function rate(perSec: number): string {
  if (perSec <= 0) return 'no traffic'
  if (perSec < 0.01) return '<0.01/s'
  return `${digits(perSec)}/s`
}

/** A time span, in the unit that needs the fewest digits. */
export function duration(ms: number): string {
  if (ms < 1) return ms < 0.1 ? '<0.1 ms' : `${trim(ms, 1)} ms`
  if (ms < 1000) return `${ms < 10 ? trim(ms, 1) : trim(ms, 0)} ms`
  if (ms < 60_000) return `${trim(ms / 1000, ms < 10_000 ? 2 : 1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`
  return `${Math.floor(ms / 86_400_000)} d`
}

/** A share of 0 to 1 as percent. Never rounds something down to nothing, nor nearly all up to all. */
export function share(value: number): string {
  if (value <= 0) return '0%'
  if (value >= 1) return '100%'
  const percent = value * 100
  if (percent < 0.1) return '<0.1%'
  if (percent > 99.9) return '>99.9%'
  return `${trim(percent, percent < 10 ? 1 : percent > 99 ? 1 : 0)}%`
}

/** How long ago, whole and short: `now`, `12 s ago`, `3 min ago`. */
export function ago(ms: number): string {
  if (ms < 1500) return 'now'
  return `${duration(Math.floor(ms / 1000) * 1000)} ago`
}

/** `1 instance`, `3 instances`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}
