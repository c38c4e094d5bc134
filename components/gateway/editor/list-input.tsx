'use client'
import { X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { cn } from '../../ui/cn'

export interface Control {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

/** Texts in order. Enter, a comma or leaving takes over what is typed; Backspace in the empty input removes the last. */
export function ListInput(props: {
  control: Control
  items: readonly string[]
  disabled: boolean
  placeholder?: string
  /** how what is typed is taken over */
  as?: (text: string) => string
  options?: readonly string[]
  onChange: (items: string[]) => void
}) {
  const { items, disabled, onChange } = props
  const [text, setText] = useState('')
  const listId = `${props.control.id}-options`

  function take(typed: string) {
    const more = typed
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(props.as ?? ((item) => item))
      .filter((item, at, all) => !items.includes(item) && all.indexOf(item) === at)
    setText('')
    if (more.length > 0) onChange([...items, ...more])
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault()
      take(text)
    } else if (event.key === 'Backspace' && text === '' && items.length > 0) onChange(items.slice(0, -1))
  }

  return (
    <div
      className={cn(
        'flex min-h-8 flex-wrap items-center gap-1 rounded-md border border-line-strong bg-surface px-1.5 py-1 hover:border-faint has-focus-visible:outline-2 has-focus-visible:outline-accent',
        props.control['aria-invalid'] && 'border-unhealthy',
        disabled && 'opacity-50',
      )}
    >
      {items.map((item) => (
        <span
          key={item}
          className="inline-flex max-w-full items-center gap-1 rounded-sm border border-line bg-sunken pl-1.5 text-xs"
        >
          <span className="mono truncate leading-5">{item}</span>
          <button
            type="button"
            aria-label={`Remove ${item}`}
            disabled={disabled}
            onClick={() => onChange(items.filter((other) => other !== item))}
            className="grid size-5 place-items-center text-faint hover:text-text"
          >
            <X className="size-3" aria-hidden />
          </button>
        </span>
      ))}
      <input
        {...props.control}
        value={text}
        list={props.options ? listId : undefined}
        disabled={disabled}
        placeholder={items.length === 0 ? props.placeholder : ''}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value)
          if (props.options?.includes(event.target.value)) take(event.target.value)
        }}
        onBlur={() => take(text)}
        onKeyDown={onKeyDown}
        className="h-6 min-w-24 flex-1 bg-transparent px-1 text-sm outline-none placeholder:text-faint"
      />
      {props.options ? (
        <datalist id={listId}>
          {props.options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      ) : null}
    </div>
  )
}
