'use client'
import { Tabs as Base } from '@base-ui/react/tabs'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { cn } from './cn'

const strip = 'flex gap-4 overflow-x-auto overflow-y-hidden border-b border-line'
const tab = '-mb-px whitespace-nowrap border-b-2 border-transparent px-0.5 py-2 text-sm transition-colors duration-150'
const rest = 'text-muted hover:text-text'

/** Tabs that are links: each has a URL of its own. */
export function LinkTabs(props: {
  label: string
  tabs: { href: string; label: string; active: boolean; count?: number }[]
}) {
  return (
    <nav aria-label={props.label} className={strip}>
      {props.tabs.map((item) => (
        <Link
          key={item.href}
          href={item.href}
          aria-current={item.active ? 'page' : undefined}
          className={cn(tab, item.active ? 'border-accent font-medium text-text' : rest)}
        >
          {item.label}
          {item.count === undefined ? null : <span className="ml-1.5 text-faint">{item.count}</span>}
        </Link>
      ))}
    </nav>
  )
}

/** Tabs within a panel, too small a place for a URL. */
export function Tabs<T extends string>(props: {
  label: string
  tabs: readonly { value: T; label: ReactNode; content: ReactNode }[]
  value: T
  onChange: (value: T) => void
  className?: string
}) {
  return (
    <Base.Root value={props.value} onValueChange={(value) => props.onChange(value as T)} className={props.className}>
      <Base.List aria-label={props.label} className={strip}>
        {props.tabs.map((item) => (
          <Base.Tab
            key={item.value}
            value={item.value}
            className={cn(tab, rest, 'data-active:border-accent data-active:font-medium data-active:text-text')}
          >
            {item.label}
          </Base.Tab>
        ))}
      </Base.List>
      {props.tabs.map((item) => (
        <Base.Panel key={item.value} value={item.value} className="pt-3">
          {item.content}
        </Base.Panel>
      ))}
    </Base.Root>
  )
}
