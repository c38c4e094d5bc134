'use client'
import { ChevronDown, GripVertical, X } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useId } from 'react'
import type { MiddlewareSpec } from '@/core/gateway/catalog'
import type { Field, FieldValue } from '@/core/gateway/fields'
import { Badge } from '../../ui/badge'
import { cn } from '../../ui/cn'
import { StateGlyph } from '../../ui/state'
import type { DraftStep } from '../draft'
import { valueWord } from '../route-diff'
import { ConfigField } from './config-field'

/** One step of a chain: its place, what it does, and the form of its settings. */
export function StepCard(props: {
  step: DraftStep
  /** undefined: no worker that is there knows it */
  spec: MiddlewareSpec | undefined
  at: number
  of: number
  open: boolean
  dragged: boolean
  problems: Record<string, string[]>
  disabled: boolean
  optionsOf: (field: string) => readonly string[] | undefined
  onOpen: (open: boolean) => void
  onConfig: (config: DraftStep['config']) => void
  onRemove: () => void
  onGrip: (event: PointerEvent) => void
  onKey: (event: KeyboardEvent) => void
}) {
  const { step, spec, at, open, disabled, problems } = props
  const id = useId()
  const title = spec?.title ?? step.use
  const wrong = Object.values(problems).flat()
  return (
    <li
      data-step={step.key}
      className={cn(
        'rounded-md border border-line bg-surface',
        props.dragged && 'border-accent shadow-float',
        wrong.length > 0 && !props.dragged && 'border-unhealthy',
      )}
    >
      <div className="flex items-center gap-1 pr-1.5">
        <button
          type="button"
          data-grip
          disabled={disabled}
          aria-label={`Move ${title}, place ${at + 1} of ${props.of}`}
          title="Drag, or move with the arrow keys"
          onPointerDown={props.onGrip}
          onKeyDown={props.onKey}
          className="grid h-10 w-7 shrink-0 cursor-grab! touch-none place-items-center rounded-l-md text-faint hover:text-text active:cursor-grabbing! disabled:invisible"
        >
          <GripVertical className="size-4" aria-hidden />
        </button>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => props.onOpen(!open)}
          className="flex min-h-10 min-w-0 flex-1 items-center gap-2 text-left"
        >
          <span className="w-4 shrink-0 text-right text-xs text-faint tabular-nums">{at + 1}</span>
          <span className="shrink-0 text-sm font-medium">{title}</span>
          {spec?.from ? <Badge title={`Of the service ${spec.from}`}>{spec.from}</Badge> : null}
          <span className="min-w-0 flex-1 truncate text-xs text-muted">{open ? '' : inShort(step, spec)}</span>
          {wrong.length > 0 ? (
            <span className="inline-flex shrink-0 items-center gap-1 text-xs text-unhealthy">
              <StateGlyph state="unhealthy" size={10} />
              {wrong.length === 1 ? '1 problem' : `${wrong.length} problems`}
            </span>
          ) : null}
          <ChevronDown
            aria-hidden
            className={cn('size-4 shrink-0 text-faint transition-transform duration-150', open && 'rotate-180')}
          />
        </button>
        <button
          type="button"
          disabled={disabled}
          aria-label={`Take ${title} out of the chain`}
          title="Take it out of the chain"
          onClick={props.onRemove}
          className="grid size-7 shrink-0 place-items-center rounded-md text-faint hover:bg-sunken hover:text-text disabled:invisible"
        >
          <X className="size-3.5" aria-hidden />
        </button>
      </div>
      <div id={id} hidden={!open} className="grid gap-3 border-t border-line px-3 py-2.5">
        <p className="text-xs text-muted">{spec?.help ?? 'No worker that is connected knows this middleware.'}</p>
        {problems['']?.map((problem) => (
          <p key={problem} role="alert" className="text-xs text-unhealthy">
            {problem}
          </p>
        ))}
        {spec && spec.fields.length > 0 ? (
          <div className="grid grid-cols-1 gap-x-4 gap-y-2 sm:grid-cols-2">
            {spec.fields.map((field) => (
              <ConfigField
                key={field.name}
                field={field}
                value={step.config[field.name]}
                problems={problems[field.name] ?? []}
                disabled={disabled}
                options={props.optionsOf(field.name)}
                onChange={(value: FieldValue) => props.onConfig({ ...step.config, [field.name]: value })}
              />
            ))}
          </div>
        ) : spec ? (
          <p className="text-xs text-muted">There is nothing to set.</p>
        ) : null}
      </div>
    </li>
  )
}

const unitOf = ({ unit }: Field): string => (unit === undefined || unit === 'status' ? '' : ` ${unit}`)

/** What differs from the defaults; without that, what it does. */
function inShort({ config }: DraftStep, spec: MiddlewareSpec | undefined): string {
  if (!spec) return 'unknown here'
  const set = spec.fields.flatMap((field) => {
    const value = config[field.name]
    return value === undefined || JSON.stringify(value) === JSON.stringify(field.default)
      ? []
      : [
          `${field.title.toLowerCase()} ${field.kind === 'keys' ? (value as unknown[]).length : valueWord(value)}${unitOf(field)}`,
        ]
  })
  return set.length === 0 ? spec.help : set.join(', ')
}
