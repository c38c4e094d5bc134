'use client'
import type { ReactNode } from 'react'
import { cn } from './cn'

/** One of two to five values, all in sight. */
export function Segmented<T extends string>(props: {
  label: string
  options: readonly { value: T; label: ReactNode }[]
  value: T
  onChange: (value: T) => void
  className?: string
}) {
  return (
    <fieldset className={cn('inline-flex rounded-md border border-line-strong bg-surface p-0.5', props.className)}>
      <legend className="sr-only">{props.label}</legend>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={props.value === option.value}
          onClick={() => props.onChange(option.value)}
          className={cn(
            'h-6.5 rounded-sm px-2.5 text-xs transition-colors duration-150',
            props.value === option.value ? 'bg-line font-medium text-text' : 'text-muted hover:text-text',
          )}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  )
}
