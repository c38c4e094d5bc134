import type { ReactNode } from 'react'
import { cn } from './cn'

/** Numbers as people read them: three digits that matter, always with a unit. `null`: nothing was there to measure. */
export function formatCount(n: number): string {
  if (n < 9_999.5) return String(Math.round(n))
  if (n < 999_500) return `${(n / 1_000).toFixed(n < 99_950 ? 1 : 0)}k`
  return `${(n / 1e6).toFixed(1)}M`
}

export function formatRate(perSec: number | null): string {
  if (perSec === null) return 'no traffic'
  if (perSec === 0) return '0/s'
  if (perSec < 0.1) return '<0.1/s'
  return `${perSec < 9.95 ? perSec.toFixed(1) : formatCount(perSec)}/s`
}

export function formatMs(ms: number | null): string {
  if (ms === null) return 'not timed'
  if (ms < 0.995) return `${ms.toFixed(2)} ms`
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`
}

/** A share of 0..1. Only none at all reads 0%, and only all of it 100%. */
export function formatShare(share: number | null): string {
  if (share === null) return 'no traffic'
  const percent = share * 100
  if (percent === 0) return '0%'
  if (percent < 0.1) return '<0.1%'
  if (percent < 9.95) return `${percent.toFixed(1)}%`
  if (percent >= 99.5 && percent < 100) return `${(Math.floor(percent * 10) / 10).toFixed(1)}%`
  return `${Math.round(percent)}%`
}

export function formatAge(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return `${s} s`
  if (s < 3_600) return `${Math.floor(s / 60)} min`
  if (s < 86_400) return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} min`
  return `${Math.floor(s / 86_400)} d`
}

/**
 * A labelled figure. `note`: its age, quality or comparison. `stale`: too old to be taken for the present.
 */
export function Figure(props: {
  label: ReactNode
  value: ReactNode
  unit?: string
  note?: ReactNode
  stale?: boolean
  large?: boolean
  className?: string
}) {
  return (
    <div className={cn('min-w-0', props.className)}>
      <div className="truncate text-xs text-muted">{props.label}</div>
      <div className={cn('truncate', props.large ? 'text-xl font-semibold' : 'text-base font-medium')}>
        <span className={cn(props.stale && 'hatched rounded-sm px-1 text-muted')}>{props.value}</span>
        {props.unit === undefined ? null : <span className="ml-1 text-sm font-normal text-muted">{props.unit}</span>}
      </div>
      {props.note ? <div className="truncate text-xs text-faint">{props.note}</div> : null}
    </div>
  )
}
