import type { ReactNode } from 'react'
import { cn } from './cn'

export function Badge(props: { children: ReactNode; className?: string; title?: string }) {
  return (
    <span
      title={props.title}
      className={cn(
        'inline-flex items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs leading-5 normal-nums text-muted',
        props.className,
      )}
    >
      {props.children}
    </span>
  )
}
