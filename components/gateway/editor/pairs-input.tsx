'use client'
import { Plus, X } from 'lucide-react'
import { Button } from '../../ui/button'
import { Input } from '../../ui/input'
import type { Control } from './list-input'

type Pair = readonly [string, string]

/** Names and values in order, a row each. */
export function PairsInput(props: {
  control: Control
  pairs: readonly Pair[]
  disabled: boolean
  /** what a pair is, for the labels: `header` */
  noun: string
  onChange: (pairs: Pair[]) => void
}) {
  const { pairs, disabled, onChange, noun } = props
  const set = (at: number, pair: Pair) => onChange(pairs.map((other, i) => (i === at ? pair : other)))
  return (
    <div className="grid gap-1.5">
      {pairs.map(([name, value], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair has no identity but its place
        <div key={at} className="flex items-center gap-1.5">
          <Input
            aria-label={`Name of ${noun} ${at + 1}`}
            value={name}
            disabled={disabled}
            placeholder="name"
            spellCheck={false}
            autoComplete="off"
            className="w-2/5 font-mono text-xs"
            onChange={(event) => set(at, [event.target.value, value])}
          />
          <Input
            aria-label={`Value of ${noun} ${at + 1}`}
            value={value}
            disabled={disabled}
            placeholder="value"
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-xs"
            onChange={(event) => set(at, [name, event.target.value])}
          />
          <RemoveButton
            label={`Remove ${noun} ${at + 1}`}
            disabled={disabled}
            onClick={() => onChange(pairs.filter((_, i) => i !== at))}
          />
        </div>
      ))}
      <Button
        {...props.control}
        size="sm"
        disabled={disabled}
        className="justify-self-start"
        onClick={() => onChange([...pairs, ['', '']])}
      >
        <Plus aria-hidden /> Add a {noun}
      </Button>
    </div>
  )
}

export function RemoveButton(props: { label: string; disabled: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
      className="grid size-7 shrink-0 place-items-center rounded-md text-faint hover:bg-sunken hover:text-text disabled:opacity-50"
    >
      <X className="size-3.5" aria-hidden />
    </button>
  )
}
