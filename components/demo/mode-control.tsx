'use client'
import type { Mode } from '@/server/demo'
import { cn } from '../ui/cn'
import { MODE_WORD, MODES, WILL } from './deeds'

/** How one process behaves: four values, all in sight. */
export function ModeControl(props: {
  instance: string
  mode: Mode | null
  disabled: boolean
  onChange: (mode: Mode) => void
}) {
  return (
    <fieldset
      disabled={props.disabled}
      className="inline-flex rounded-md border border-line-strong bg-surface p-0.5 disabled:opacity-50"
    >
      <legend className="sr-only">How {props.instance} behaves</legend>
      {MODES.map((mode) => (
        <button
          key={mode}
          type="button"
          aria-pressed={props.mode === mode}
          title={WILL[mode]}
          onClick={() => props.mode !== mode && props.onChange(mode)}
          className={cn(
            'h-6.5 rounded-sm px-2 text-xs transition-colors duration-150 disabled:cursor-not-allowed',
            props.mode !== mode && 'text-muted enabled:hover:text-text',
            props.mode === mode &&
              (mode === 'normal' ? 'bg-line font-medium text-text' : 'bg-operator-soft font-medium text-operator'),
          )}
        >
          {MODE_WORD[mode]}
        </button>
      ))}
    </fieldset>
  )
}
