'use client'
import { ArrowDown, ArrowUp } from 'lucide-react'
import Link from 'next/link'
import { memo, type ReactNode, type RefObject } from 'react'
import type { ServiceView } from '@/core/topology'
import { Ago } from '../ui/ago'
import { cn } from '../ui/cn'
import { StateLabel } from '../ui/state'
import { Errors, P99, Rate } from './figures'
import { InstanceBar } from './instance-bar'
import { isStranded, nextSort, parseSort, type Sort, type SortColumn } from './order'
import { Rows, type RowsHandle } from './rows'
import { ServiceMarks } from './service-marks'
import { NO_TRAFFIC, type Traffic } from './traffic'

const GRID =
  '@min-[720px]:grid-cols-[7rem_minmax(7rem,1.5fr)_minmax(8.5rem,1fr)_4.5rem_5rem_4rem_4.5rem_6rem] @min-[1080px]:grid-cols-[7.5rem_minmax(9rem,1.5fr)_minmax(9rem,1fr)_5rem_minmax(4rem,0.7fr)_minmax(5rem,0.8fr)_5.5rem_4.5rem_5rem_6.5rem]'

const HEADS: { label: string; column?: SortColumn; className?: string }[] = [
  { label: 'State', column: 'state' },
  { label: 'Service', column: 'name' },
  { label: 'Instances', column: 'instances' },
  { label: 'Routable' },
  { label: 'Zones', className: 'hidden @min-[1080px]:block' },
  { label: 'Versions', className: 'hidden @min-[1080px]:block' },
  { label: 'Calls in', column: 'rate', className: 'text-right' },
  { label: 'Errors', column: 'errors', className: 'text-right' },
  { label: 'p99', column: 'p99', className: 'text-right' },
  { label: 'Changed', column: 'changed', className: 'text-right' },
]

export function ServicesTable(props: {
  names: readonly string[]
  views: ReadonlyMap<string, ServiceView>
  traffic: ReadonlyMap<string, Traffic>
  sort: Sort
  onSort: (sort: Sort) => void
  open: string | null
  hrefOf: (name: string) => string
  onOpen: (name: string) => void
  scroller: RefObject<HTMLElement | null>
  handle: RefObject<RowsHandle | null>
}) {
  return (
    <div role="table" aria-label="Services" aria-rowcount={props.names.length + 1} className="@container">
      <Head sort={props.sort} onSort={props.onSort} />
      <Rows
        keys={props.names}
        estimate={37}
        scroller={props.scroller}
        handle={props.handle}
        render={(name, at) => (
          <ServiceRow
            name={name}
            at={at}
            view={props.views.get(name)}
            traffic={props.traffic.get(name) ?? NO_TRAFFIC}
            open={props.open === name}
            href={props.hrefOf(name)}
            onOpen={props.onOpen}
          />
        )}
      />
    </div>
  )
}

function Head({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  const current = parseSort(sort)
  return (
    <div role="rowgroup" className="sticky top-0 z-10 hidden bg-bg @min-[720px]:block">
      <div
        role="row"
        className={cn('grid h-8 items-center gap-x-3 border-b border-line px-4 text-xs font-medium text-muted', GRID)}
      >
        {HEADS.map(({ label, column, className }) => {
          const sorted = column !== undefined && current.column === column
          const direction = current.descending ? 'descending' : 'ascending'
          return (
            <div
              key={label}
              role="columnheader"
              aria-sort={column ? (sorted ? direction : 'none') : undefined}
              className={className}
            >
              {column ? (
                <button
                  type="button"
                  onClick={() => onSort(nextSort(sort, column))}
                  className="inline-flex items-center gap-1 hover:text-text"
                >
                  {label}
                  {sorted ? (
                    current.descending ? (
                      <ArrowDown className="size-3" aria-hidden />
                    ) : (
                      <ArrowUp className="size-3" aria-hidden />
                    )
                  ) : null}
                </button>
              ) : (
                label
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

const WIDE = '@min-[720px]:col-span-1 @min-[720px]:order-none'

const ServiceRow = memo(function ServiceRow(props: {
  name: string
  at: number
  view: ServiceView | undefined
  traffic: Traffic
  open: boolean
  href: string
  onOpen: (name: string) => void
}) {
  const { name, view, traffic } = props
  const stranded = view ? isStranded(view) : false
  return (
    <div
      role="row"
      aria-rowindex={props.at + 2}
      className={cn(
        'relative grid grid-cols-12 items-center gap-x-3 gap-y-1.5 border-b border-line px-4 py-2.5 text-sm hover:bg-sunken  @min-[720px]:h-9 @min-[720px]:py-0',
        GRID,
        stranded &&
          (view?.health === 'unhealthy'
            ? 'bg-unhealthy-soft hover:bg-unhealthy-soft'
            : 'bg-unknown-soft hover:bg-unknown-soft'),
        props.open && 'bg-accent-soft hover:bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]',
      )}
    >
      <Cell className={cn('order-2 col-span-4 justify-self-end @min-[720px]:justify-self-start', WIDE)}>
        {view ? <StateLabel state={view.health} /> : <StateLabel state="gone" />}
      </Cell>
      <Cell className={cn('order-1 col-span-8 flex min-w-0 items-center gap-2', WIDE)}>
        <Link
          href={props.href}
          scroll={false}
          prefetch={false}
          data-row={name}
          aria-current={props.open || undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return
            event.preventDefault()
            props.onOpen(name)
          }}
          className="truncate font-medium after:absolute after:inset-0"
        >
          {name}
        </Link>
        {view ? <ServiceMarks view={view} /> : null}
      </Cell>
      {view ? (
        <>
          <Cell className={cn('order-3 col-span-8', WIDE)}>
            <InstanceBar counts={view.counts} total={view.total} />
          </Cell>
          <Cell className={cn('order-4 col-span-4 justify-self-end @min-[720px]:justify-self-start', WIDE)}>
            <span className={stranded ? 'font-medium text-unhealthy' : undefined}>
              {view.routable}
              <span className="text-muted"> of {view.total}</span>
            </span>
            <span className="text-xs text-muted @min-[720px]:sr-only"> routable</span>
          </Cell>
          <List values={view.zones} what="zones" />
          <List values={view.versions} what="versions" />
        </>
      ) : (
        <Cell className={cn('order-3 col-span-12 text-muted @min-[720px]:col-span-2', '@min-[1080px]:col-span-4')}>
          no longer registered
        </Cell>
      )}
      <Cell className={cn('order-5 col-span-3 @min-[720px]:text-right', WIDE)}>
        <Rate traffic={traffic} />
      </Cell>
      <Cell
        className={cn(
          'order-5 col-span-3 @min-[720px]:text-right',
          WIDE,
          traffic.count === 0 && '@max-[720px]:invisible',
        )}
      >
        <Errors traffic={traffic} />
        <span className="text-xs text-muted @min-[720px]:sr-only"> err</span>
      </Cell>
      <Cell
        className={cn(
          'order-5 col-span-3 whitespace-nowrap @min-[720px]:text-right',
          WIDE,
          traffic.count === 0 && '@max-[720px]:invisible',
        )}
      >
        <span className="text-xs text-muted @min-[720px]:sr-only">p99 </span>
        <P99 traffic={traffic} />
      </Cell>
      <Cell className={cn('order-5 col-span-3 justify-self-end whitespace-nowrap text-right text-muted', WIDE)}>
        {view?.changedAt != null ? <Ago at={view.changedAt} /> : null}
      </Cell>
    </div>
  )
})

function Cell({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="cell" className={className}>
      {children}
    </div>
  )
}

function List({ values, what }: { values: string[]; what: string }) {
  return (
    <Cell className="hidden truncate text-muted @min-[1080px]:block">
      {values.length === 0 ? (
        <span className="text-faint">
          <span aria-hidden>–</span>
          <span className="sr-only">no {what}</span>
        </span>
      ) : (
        <span title={values.join(', ')}>{values.join(', ')}</span>
      )}
    </Cell>
  )
}
