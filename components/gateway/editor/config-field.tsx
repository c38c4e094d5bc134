'use client'
import { type ReactNode, useId } from 'react'
import type { Field, FieldValue } from '@/core/gateway/fields'
import { NumberInput } from '../../policies/setting'
import { span } from '../../policies/words'
import { cn } from '../../ui/cn'
import { Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import { Select } from '../../ui/select'
import { Switch } from '../../ui/switch'
import { valueWord } from '../route-diff'
import { formatBytes } from '../words'
import { KeysInput } from './keys-input'
import { type Control, ListInput } from './list-input'
import { PairsInput } from './pairs-input'

interface FieldProps {
  field: Field
  value: FieldValue | undefined
  problems: readonly string[]
  disabled: boolean
  /** names to choose from while typing */
  options?: readonly string[] | undefined
  onChange: (value: FieldValue) => void
}

/** One setting of a middleware: its control by its kind, its help, its default, and what is wrong with it. */
export function ConfigField(props: FieldProps) {
  const { field, problems } = props
  const id = useId()
  const value = props.value ?? field.default
  const wrong = problems.length > 0
  const control: Control = { id, 'aria-describedby': `${id}-told`, 'aria-invalid': wrong ? true : undefined }
  const told = wrong ? problems.join('. ') : hintOf(field, value)
  return (
    <div className={cn('grid content-start gap-1', WIDE.has(field.kind) && 'col-span-full')}>
      {field.kind === 'boolean' ? null : (
        <label htmlFor={id} className="text-xs font-medium">
          {field.title}
        </label>
      )}
      {controlOf(props, value, control)}
      <p
        id={`${id}-told`}
        role={wrong ? 'alert' : undefined}
        className={cn('min-h-4 text-xs', wrong ? 'text-unhealthy' : 'text-muted')}
      >
        {told}
      </p>
    </div>
  )
}

/** Kinds that want the whole width. */
const WIDE = new Set<Field['kind']>(['list', 'pairs', 'keys', 'choice'])

function controlOf({ field, disabled, options, onChange }: FieldProps, value: FieldValue, control: Control): ReactNode {
  switch (field.kind) {
    case 'integer':
    case 'number':
      return (
        <NumberInput
          control={{ ...control, 'aria-describedby': `${control.id}-told` }}
          value={value as number | null}
          unit={field.unit ?? ''}
          min={field.min}
          max={field.max}
          step={field.kind === 'integer' ? 1 : 0.01}
          {...(field.default === null ? { empty: 'none' } : {})}
          disabled={disabled}
          onChange={onChange}
        />
      )
    case 'boolean':
      return (
        <Switch checked={value === true} disabled={disabled} onChange={onChange}>
          {field.title}
        </Switch>
      )
    case 'text':
      return (
        <>
          <Input
            {...control}
            value={value as string}
            maxLength={field.lengthMax}
            disabled={disabled}
            spellCheck={false}
            autoComplete="off"
            list={options ? `${control.id}-options` : undefined}
            className="font-mono text-xs"
            onChange={(event) => onChange(event.target.value)}
          />
          {options ? (
            <datalist id={`${control.id}-options`}>
              {options.map((option) => (
                <option key={option} value={option} />
              ))}
            </datalist>
          ) : null}
        </>
      )
    case 'choice': {
      const choices = field.choices.map((choice) => ({ value: choice.value, label: choice.title }))
      const props = { value: value as string, onChange: (next: string) => !disabled && onChange(next) }
      return choices.length <= 4 ? (
        <span id={control.id}>
          <Segmented label={field.title} options={choices} {...props} />
        </span>
      ) : (
        <Select id={control.id} options={choices} disabled={disabled} {...props} />
      )
    }
    case 'list':
      return (
        <ListInput
          control={control}
          items={value as readonly string[]}
          disabled={disabled}
          placeholder="type one, then Enter"
          onChange={onChange}
        />
      )
    case 'pairs':
      return (
        <PairsInput
          control={control}
          pairs={value as readonly (readonly [string, string])[]}
          noun="header"
          disabled={disabled}
          onChange={onChange}
        />
      )
    case 'keys':
      return (
        <KeysInput
          control={control}
          pairs={value as readonly (readonly [string, string])[]}
          disabled={disabled}
          onChange={onChange}
        />
      )
  }
}

/** The help, what a large number means, and the default where it was left. */
function hintOf(field: Field, value: FieldValue): string {
  const hints = field.help === '' ? [] : [field.help]
  if (typeof value === 'number') {
    if (field.unit === 'bytes' && value >= 1_024) hints.push(formatBytes(value))
    if (field.unit === 'ms' && value >= 1_000) hints.push(span(value))
  }
  const isDefault = JSON.stringify(value) === JSON.stringify(field.default)
  if (!isDefault && field.kind !== 'keys' && field.kind !== 'pairs' && !('required' in field && field.required)) {
    hints.push(`default: ${valueWord(field.default)}`)
  }
  return hints.join('; ')
}
