'use client'
import { Switch as Base } from '@base-ui/react/switch'
import type { ReactNode } from 'react'

export function Switch(props: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
  disabled?: boolean
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch inside is the control
    <label className="inline-flex items-center gap-2 text-sm">
      <Base.Root
        checked={props.checked}
        onCheckedChange={props.onChange}
        disabled={props.disabled ?? false}
        className="relative h-5 w-9 rounded-full border border-line-strong bg-sunken transition-colors duration-150 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-50"
      >
        <Base.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-muted transition-transform duration-150 data-checked:translate-x-4.5 data-checked:bg-on-accent" />
      </Base.Root>
      {props.children}
    </label>
  )
}
