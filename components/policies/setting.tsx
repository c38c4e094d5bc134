'use client'
import { RotateCcw } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import type { Source } from '@/core/policy'
import { cn } from '../ui/cn'
import { Input } from '../ui/input'
import { SOURCE_WORDS } from './words'

/** One value: its name, its control, where it comes from, and the way back to code. */
export function Setting(props: {
  label: string
  hint?: ReactNode
  source: Source
  problem?: string | null
  /** null: who looks may not change it */
  onReset: (() => void) | null
  children: (control: { id: string; 'aria-describedby': string; 'aria-invalid': true | undefined }) => ReactNode
}) {
  const id = useId()
  const { source, problem } = props
  return (
    <div className="grid content-start gap-1 border-b border-line py-2.5">
      <div className="flex min-h-7 items-center justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {props.label}
        </label>
        <span className="flex items-center gap-1 text-xs text-muted">
          <span className={cn(source === 'stored' && 'font-medium text-operator')}>{SOURCE_WORDS[source]}</span>
          {source === 'stored' && props.onReset ? (
            <button
              type="button"
              aria-label={`Let ${props.label.toLowerCase()} come from code again`}
              title="Let it come from code again"
              onClick={props.onReset}
              className="rounded-sm p-1 text-muted hover:bg-sunken hover:text-text"
            >
              <RotateCcw className="size-3.5" aria-hidden />
            </button>
          ) : null}
        </span>
      </div>
      {props.children({ id, 'aria-describedby': `${id}-told`, 'aria-invalid': problem ? true : undefined })}
      <p
        id={`${id}-told`}
        role={problem ? 'alert' : undefined}
        className={cn('text-xs', problem ? 'text-unhealthy' : 'text-muted')}
      >
        {problem ?? props.hint}
      </p>
    </div>
  )
}

/** A number with its unit; what is no number stays on the screen until it is one. Empty: null, where that is allowed. */
export function NumberInput(props: {
  control: { id: string; 'aria-describedby': string; 'aria-invalid': true | undefined }
  value: number | null
  unit: string
  step?: number
  min?: number
  max?: number
  /** what empty means; without it, empty is no value */
  empty?: string
  disabled: boolean
  onChange: (value: number | null) => unknown
}) {
  const { value } = props
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed ?? (value === null ? '' : String(value))
  return (
    <span className="flex items-center gap-2">
      <Input
        {...props.control}
        inputMode="decimal"
        type="number"
        min={props.min ?? 0}
        max={props.max}
        step={props.step ?? 'any'}
        value={shown}
        placeholder={props.empty}
        disabled={props.disabled}
        className="max-w-36"
        onChange={(event) => {
          const text = event.target.value
          setTyped(text)
          if (text.trim() === '') {
            if (props.empty !== undefined) props.onChange(null)
            return
          }
          const number = Number(text)
          if (Number.isFinite(number)) props.onChange(number)
        }}
        onBlur={() => setTyped(null)}
      />
      <span className="text-sm text-muted">{props.unit}</span>
    </span>
  )
}
