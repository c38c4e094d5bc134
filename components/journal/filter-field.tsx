'use client'

/** A filter that is typed: taken over on Enter or on leaving, or at every key with `eager`. */
import { X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { cn } from '@/components/ui/cn'
import { Input } from '@/components/ui/input'

export function FilterField(props: {
  label: string
  value: string
  onChange: (value: string) => void
  /** values to choose from while typing */
  options?: readonly string[]
  eager?: boolean
  className?: string
}) {
  const { value, onChange } = props
  const [text, setText] = useState(value)
  const listId = useId()
  // The address may change without a key: a chip, the back button.
  useEffect(() => setText(value), [value])

  function commit(next: string) {
    if (next.trim() !== value) onChange(next.trim())
  }

  return (
    <div className={cn('relative', props.className)}>
      <Input
        type={props.eager ? 'search' : 'text'}
        aria-label={props.label}
        placeholder={props.label}
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        list={props.options ? listId : undefined}
        className={cn('pr-7 [&::-webkit-search-cancel-button]:hidden', value !== '' && 'border-accent')}
        onChange={(event) => {
          setText(event.target.value)
          if (props.eager || props.options?.includes(event.target.value)) commit(event.target.value)
        }}
        onBlur={() => commit(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit(text)
          if (event.key === 'Escape' && text !== '') {
            event.preventDefault()
            setText('')
            commit('')
          }
        }}
      />
      {props.options ? (
        <datalist id={listId}>
          {props.options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      ) : null}
      {text !== '' ? (
        <button
          type="button"
          aria-label={`Clear: ${props.label}`}
          className="absolute inset-y-0 right-0 grid w-7 place-items-center text-faint hover:text-text"
          onClick={() => {
            setText('')
            commit('')
          }}
        >
          <X className="size-3.5" aria-hidden />
        </button>
      ) : null}
    </div>
  )
}
