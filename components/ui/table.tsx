import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

/** A dense table that scrolls sideways inside itself, never with the page. */
export function Table({ className, label, ...props }: ComponentProps<'table'> & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={label}>
      <table className={cn('w-full border-collapse text-left text-sm', className)} aria-label={label} {...props} />
    </section>
  )
}

export function Th({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cn('h-8 whitespace-nowrap border-b border-line px-3 text-xs font-medium text-muted', className)}
      {...props}
    />
  )
}

export function Td({ className, ...props }: ComponentProps<'td'>) {
  return <td className={cn('h-9 border-b border-line px-3', className)} {...props} />
}

/** A heading that sorts. */
export function SortTh(props: {
  children: ReactNode
  sorted: 'asc' | 'desc' | null
  onSort: () => void
  className?: string
}) {
  return (
    <Th
      aria-sort={props.sorted === null ? 'none' : props.sorted === 'asc' ? 'ascending' : 'descending'}
      className={props.className}
    >
      <button type="button" onClick={props.onSort} className="inline-flex items-center gap-1 hover:text-text">
        {props.children}
        {props.sorted === 'asc' ? (
          <ArrowUp className="size-3" aria-hidden />
        ) : props.sorted === 'desc' ? (
          <ArrowDown className="size-3" aria-hidden />
        ) : null}
      </button>
    </Th>
  )
}
