import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

/**
 * A dense table that scrolls sideways inside itself, never with the page. With `height` (a CSS length) it scrolls up and
 * down inside itself too and keeps its headings in sight.
 */
export function Table({
  className,
  label,
  height,
  ...props
}: ComponentProps<'table'> & { label: string; height?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="relative overflow-auto" tabIndex={0} aria-label={label} style={{ maxHeight: height }}>
      <table
        className={cn(
          'w-full border-separate border-spacing-0 text-left text-sm',
          height !== undefined && '[&_th]:sticky [&_th]:top-0 [&_th]:z-10 [&_th]:bg-bg',
          className,
        )}
        aria-label={label}
        {...props}
      />
    </section>
  )
}

/** A row. `selected`: what stands open beside the table. */
export function Tr({ className, selected, ...props }: ComponentProps<'tr'> & { selected?: boolean }) {
  return (
    <tr
      className={cn(
        'transition-colors duration-150 hover:bg-sunken',
        selected && 'bg-accent-soft hover:bg-accent-soft',
        className,
      )}
      {...props}
    />
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

/** A cell on one line; prose in it wraps with `whitespace-normal`. */
export function Td({ className, ...props }: ComponentProps<'td'>) {
  return <td className={cn('h-9 whitespace-nowrap border-b border-line px-3', className)} {...props} />
}

/** A heading that sorts. */
export function SortTh(props: {
  children: ReactNode
  sorted: 'asc' | 'desc' | null
  onSort: () => void
  className?: string
}) {
  const Arrow = props.sorted === 'asc' ? ArrowUp : ArrowDown
  return (
    <Th
      aria-sort={props.sorted === null ? 'none' : props.sorted === 'asc' ? 'ascending' : 'descending'}
      className={props.className}
    >
      <button type="button" onClick={props.onSort} className="group inline-flex items-center gap-1 hover:text-text">
        {props.children}
        <Arrow
          className={cn(
            'size-3',
            props.sorted === null && 'opacity-0 group-hover:opacity-50 group-focus-visible:opacity-50',
          )}
          aria-hidden
        />
      </button>
    </Th>
  )
}
