'use client'
import { Dices, Plus } from 'lucide-react'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { Input } from '../../ui/input'
import { KEPT, SECRET_MIN } from '../secrets'
import type { Control } from './list-input'
import { RemoveButton } from './pairs-input'

type Pair = readonly [string, string]

/** A name and a secret each. What is set already is shown by name alone, and stays unless it is replaced. */
export function KeysInput(props: {
  control: Control
  pairs: readonly Pair[]
  disabled: boolean
  onChange: (pairs: Pair[]) => void
}) {
  const { pairs, disabled, onChange } = props
  const set = (at: number, pair: Pair) => onChange(pairs.map((other, i) => (i === at ? pair : other)))
  return (
    <div className="grid gap-1.5">
      {pairs.map(([name, secret], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key has no identity but its place
        <div key={at} className="flex flex-wrap items-center gap-1.5">
          <Input
            aria-label={`Name of key ${at + 1}`}
            value={name}
            disabled={disabled || secret === KEPT}
            placeholder="name"
            spellCheck={false}
            autoComplete="off"
            className="w-32 font-mono text-xs"
            onChange={(event) => set(at, [event.target.value, secret])}
          />
          {secret === KEPT ? (
            <>
              <Badge>kept as a hash</Badge>
              <Button size="sm" variant="quiet" disabled={disabled} onClick={() => set(at, [name, ''])}>
                Replace
              </Button>
            </>
          ) : (
            <>
              <Input
                aria-label={`Secret of key ${at + 1}`}
                value={secret}
                disabled={disabled}
                placeholder={`at least ${SECRET_MIN} characters`}
                spellCheck={false}
                autoComplete="off"
                className="min-w-32 flex-1 font-mono text-xs"
                onChange={(event) => set(at, [name, event.target.value])}
              />
              {secret === '' ? (
                <Button size="sm" variant="quiet" disabled={disabled} onClick={() => set(at, [name, drawn()])}>
                  <Dices aria-hidden /> Draw one
                </Button>
              ) : (
                <CopyButton text={secret} label={`key ${at + 1}`} />
              )}
            </>
          )}
          <RemoveButton
            label={`Remove key ${at + 1}`}
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
        <Plus aria-hidden /> Add a key
      </Button>
    </div>
  )
}

/** 128 bits, as `openssl rand -hex 16` gives them. */
function drawn(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
