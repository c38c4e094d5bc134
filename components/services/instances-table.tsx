'use client'
import Link from 'next/link'
import { memo, type ReactNode, type RefObject } from 'react'
import type { Instance } from '@/core/instance'
import { Ago } from '../ui/ago'
import { Badge } from '../ui/badge'
import { cn } from '../ui/cn'
import { StateGlyph, StateLabel } from '../ui/state'
import { CHECK, HEARTBEAT } from './instance-words'
import { Rows, type RowsHandle } from './rows'

const GRID =
  '@min-[720px]:grid-cols-[minmax(11rem,1.4fr)_minmax(8rem,1fr)_7.5rem_minmax(9rem,1.1fr)_5.5rem] @min-[1080px]:grid-cols-[minmax(12rem,1.5fr)_minmax(8.5rem,1fr)_4rem_4.5rem_3.5rem_8.5rem_minmax(9rem,1.3fr)_6rem]'
const MIDDLE = 'hidden @min-[1080px]:block'

const HEADS: { label: string; className?: string }[] = [
  { label: 'State and reason' },
  { label: 'Instance' },
  { label: 'Zone', className: MIDDLE },
  { label: 'Version', className: MIDDLE },
  { label: 'Weight', className: MIDDLE },
  { label: 'Last heartbeat' },
  { label: 'Check' },
  { label: 'Since', className: 'text-right' },
]

export function InstancesTable(props: {
  instances: readonly Instance[]
  open: string | null
  onOpen: (id: string) => void
  hrefOf: (id: string) => string
  scroller: RefObject<HTMLElement | null>
  handle: RefObject<RowsHandle | null>
}) {
  const byId = new Map(props.instances.map((instance) => [instance.id, instance]))
  return (
    <div role="table" aria-label="Instances" aria-rowcount={props.instances.length + 1} className="@container">
      <div role="rowgroup" className="hidden @min-[720px]:block">
        <div
          role="row"
          className={cn('grid h-8 items-center gap-x-3 border-b border-line px-3 text-xs font-medium text-muted', GRID)}
        >
          {HEADS.map(({ label, className }) => (
            <div key={label} role="columnheader" className={className}>
              {label}
            </div>
          ))}
        </div>
      </div>
      <Rows
        keys={[...byId.keys()]}
        estimate={53}
        scroller={props.scroller}
        handle={props.handle}
        render={(id, at) => (
          <InstanceRow
            instance={byId.get(id) as Instance}
            at={at}
            open={props.open === id}
            href={props.hrefOf(id)}
            onOpen={props.onOpen}
          />
        )}
      />
    </div>
  )
}

const InstanceRow = memo(function InstanceRow(props: {
  instance: Instance
  at: number
  open: boolean
  href: string
  onOpen: (id: string) => void
}) {
  const { instance } = props
  const { id, heartbeat, checkState } = instance
  return (
    <div
      role="row"
      aria-rowindex={props.at + 2}
      className={cn(
        'relative grid grid-cols-2 items-start gap-x-3 gap-y-1.5 border-b border-line px-3 py-2 text-sm hover:bg-sunken ',
        GRID,
        props.open && 'bg-accent-soft hover:bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]',
      )}
    >
      <Cell className="order-2 col-span-2 min-w-0 @min-[720px]:order-none @min-[720px]:col-span-1">
        <span className="flex items-center gap-2">
          <StateLabel state={instance.health} className="font-medium" />
          {instance.flapping ? <Badge className="border-warning text-warning">flapping</Badge> : null}
        </span>
        <Small title={instance.reason}>{instance.reason}</Small>
      </Cell>
      <Cell className="order-1 col-span-2 min-w-0 @min-[720px]:order-none @min-[720px]:col-span-1">
        <Link
          href={props.href}
          scroll={false}
          prefetch={false}
          data-row={id}
          aria-current={props.open || undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return
            event.preventDefault()
            props.onOpen(id)
          }}
          className="block truncate font-medium after:absolute after:inset-0"
          title={id}
        >
          {id}
        </Link>
        <Small title={[instance.address, ...instance.tags].join(', ')}>
          <span className="mono">{instance.address}</span>
          {instance.tags.length > 0 ? <span className="ml-2">{instance.tags.join(', ')}</span> : null}
        </Small>
      </Cell>
      <Cell className={cn('truncate', MIDDLE)}>{instance.zone ?? <span className="text-faint">–</span>}</Cell>
      <Cell className={cn('truncate', MIDDLE)}>{instance.version ?? <span className="text-faint">–</span>}</Cell>
      <Cell className={MIDDLE}>{instance.weight}</Cell>
      <Cell className="order-3 min-w-0 @min-[720px]:order-none">
        <span className="flex items-center gap-1.5">
          <StateGlyph state={HEARTBEAT[heartbeat].state} size={10} />
          <span className="text-xs text-muted @min-[720px]:hidden">beat</span>
          {instance.lastHeartbeatAt === null || heartbeat === 'none' ? (
            HEARTBEAT[heartbeat].word
          ) : (
            <Ago at={instance.lastHeartbeatAt} />
          )}
        </span>
        {heartbeat === 'none' || instance.lastHeartbeatAt === null ? null : <Small>{HEARTBEAT[heartbeat].word}</Small>}
      </Cell>
      <Cell className="order-3 min-w-0 @min-[720px]:order-none">
        {checkState === null ? (
          <span className="text-faint">no check</span>
        ) : (
          <>
            <span className="flex items-center gap-1.5">
              <StateGlyph state={CHECK[checkState].state} size={10} />
              <span className="text-xs text-muted @min-[720px]:hidden">check</span>
              {CHECK[checkState].word}
            </span>
            {instance.checkOutput === '' ? null : <Small title={instance.checkOutput}>{instance.checkOutput}</Small>}
          </>
        )}
      </Cell>
      <Cell className="hidden whitespace-nowrap text-right text-muted @min-[720px]:block">
        <Ago at={instance.healthSince} />
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

function Small({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span title={title} className="block truncate text-xs text-muted">
      {children}
    </span>
  )
}
