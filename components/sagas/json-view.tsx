'use client'
import { useState } from 'react'
import { DiffView } from '../journal/diff-view'
import { Button } from '../ui/button'
import { CopyButton } from '../ui/copy-button'

const SHOWN_MAX = 20_000

/** A value as it went in or came out. `against`: what it can be compared with. */
export function JsonView(props: { label: string; value: unknown; against?: { label: string; value: unknown } }) {
  const { label, value, against } = props
  const [compared, setCompared] = useState(false)
  if (value === null || value === undefined) {
    return (
      <div className="grid gap-1">
        <h3 className="text-xs font-medium text-muted">{label}</h3>
        <p className="text-sm text-faint">nothing</p>
      </div>
    )
  }
  const text = JSON.stringify(value, null, 2)
  return (
    <div className="grid min-w-0 gap-1">
      <div className="flex min-h-7 items-center justify-between gap-2">
        <h3 className="text-xs font-medium text-muted">{label}</h3>
        <span className="flex">
          {against ? (
            <Button size="sm" variant="quiet" aria-pressed={compared} onClick={() => setCompared((on) => !on)}>
              {compared ? 'As it is' : `Against ${against.label}`}
            </Button>
          ) : null}
          <CopyButton text={text} label={label} />
        </span>
      </div>
      {compared && against ? (
        <DiffView before={against.value} after={value} none="They say the same." />
      ) : (
        <Text label={label} text={text} />
      )}
    </div>
  )
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="max-h-56 overflow-auto rounded-md border border-line bg-sunken">
      <pre className="w-max p-2.5 text-xs leading-5">
        <code>{text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}\n… ${text.length - SHOWN_MAX} more` : text}</code>
      </pre>
    </section>
  )
}
