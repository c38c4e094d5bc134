import type { ReactNode } from 'react'
import { cn } from './cn'

/** Numbers as people read them: three digits that matter, always with a unit. */
export function formatCount(n: number): string {
  return n < 10_000
    ? String(Math.round(n))
    : n < 1e6
      ? `${(n / 1000).toFixed(n < 1e5 ? 1 : 0)}k`
      : `${(n / 1e6).toFixed(1)}M`
}

export function formatRate(perSec: number): string {
  if (perSec === 0) return '0/s'
  if (perSec < 0.1) return '<0.1/s'
  return `${perSec < 10 ? perSec.toFixed(1) : formatCount(perSec)}/s`
}

export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

export function formatShare(share: number): string {
  const percent = share * 100
  if (percent === 0) return '0%'
  if (percent < 0.1) return '<0.1%'
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`
}

export function formatAge(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return `${s} s`
  if (s < 3_600) return `${Math.floor(s / 60)} min`
  if (s < 86_400) return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} min`
  return `${Math.floor(s / 86_400)} d`
}

/** A labelled figure. `note`: its age, quality or comparison. */
export function Figure(props: {
  label: ReactNode
  value: ReactNode
  note?: ReactNode
  large?: boolean
  className?: string
}) {
  return (
    <div className={cn('min-w-0', props.className)}>
      <div className="truncate text-xs text-muted">{props.label}</div>
      <div className={cn('truncate', props.large ? 'text-xl font-semibold' : 'text-base font-medium')}>
        {props.value}
      </div>
      {props.note ? <div className="truncate text-xs text-faint">{props.note}</div> : null}
    </div>
  )
}
