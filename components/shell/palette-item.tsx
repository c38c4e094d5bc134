'use client'
import { Command } from 'cmdk'
import type { ReactNode } from 'react'
import { Kbd } from '../ui/kbd'

export type Run = (action: () => void) => void

/** A heading and what is found under it. */
export function PaletteGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  )
}

/** One row. `value` tells it from all others and is searched together with `keywords`. */
export function PaletteItem(props: {
  value: string
  keywords?: string[]
  icon: ReactNode
  label: ReactNode
  /** where it lies, or what state it is in */
  note?: ReactNode
  keys?: string
  onSelect: () => void
}) {
  return (
    <Command.Item
      value={props.value}
      {...(props.keywords ? { keywords: props.keywords } : {})}
      onSelect={props.onSelect}
      className="flex h-8 cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-accent-soft [&_svg]:shrink-0"
    >
      <span className="grid size-4 place-items-center text-muted [&_.lucide]:size-4">{props.icon}</span>
      <span className="truncate">{props.label}</span>
      {props.note ? <span className="ml-auto truncate pl-4 text-xs text-muted">{props.note}</span> : null}
      {props.keys ? (
        <span className="ml-auto hidden gap-1 pl-4 sm:flex">
          {props.keys.split(' ').map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </span>
      ) : null}
    </Command.Item>
  )
}
