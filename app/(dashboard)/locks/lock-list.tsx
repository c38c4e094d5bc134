'use client'
import Link from 'next/link'
import { debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { EmptyLocks } from '@/components/locks/empty-locks'
import { LockDetail } from '@/components/locks/lock-detail'
import { LockState, LocksTable } from '@/components/locks/locks-table'
import { matches, ordered, type Show } from '@/components/locks/order'
import { type Seen, useLocks } from '@/components/locks/use-locks'
import { CyclesWord, WaitGraphView } from '@/components/locks/wait-graph'
import { kindWord, lockHref, who } from '@/components/locks/words'
import { Section } from '@/components/services/section'
import { useHeldOrder } from '@/components/services/use-held-order'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Figure, formatCount } from '@/components/ui/figure'
import { Input } from '@/components/ui/input'
import { PageHeader } from '@/components/ui/page-header'
import { Segmented } from '@/components/ui/segmented'
import { Sheet } from '@/components/ui/sheet'
import type { LocksFrame } from '@/core/lock-view'
import { locksSearch } from './search-params'

const SHOWS: { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'contended', label: 'Contended' },
  { value: 'locks', label: 'Locks' },
  { value: 'semaphores', label: 'Semaphores' },
  { value: 'leaders', label: 'Leaders' },
]

export function LockList({ first }: { first: LocksFrame }) {
  const { locks, totals, graph, deadlocks, hidden } = useLocks(first)
  const [{ q, show, lock }, setSearch] = useQueryStates(locksSearch)
  const all = useMemo(() => [...locks.values()].map(({ view }) => view), [locks])
  const wanted = useMemo(() => ordered(all.filter((view) => matches(view, { q, show }))), [all, q, show])
  const order = useHeldOrder(JSON.stringify([q, show]), wanted)
  const names = useMemo(() => {
    const people = new Map<string, string>()
    for (const { holders, queue } of all) for (const one of [...holders, ...queue]) people.set(one.session, who(one))
    return people
  }, [all])
  const onOpen = useCallback((name: string) => void setSearch({ lock: name }, { history: 'push' }), [setSearch])
  const close = useCallback(() => void setSearch({ lock: null }), [setSearch])
  const hrefOf = (resource: string) => {
    const query = new URLSearchParams()
    if (q) query.set('q', q)
    if (show !== 'all') query.set('show', show)
    query.set('lock', resource)
    return `/locks?${query}`
  }
  const clear = () => void setSearch({ q: null, show: null })

  if (all.length === 0 && deadlocks.length === 0 && lock === null) {
    return (
      <div className="p-4">
        <PageHeader title="Locks" />
        <EmptyLocks />
      </div>
    )
  }
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-4 px-4 pt-4">
          <PageHeader
            title="Locks"
            description="Who holds what, until when, and who waits. A lease ends by itself unless it is renewed."
          />
          <div className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:max-w-3xl">
            <Figure large label="Held" value={formatCount(totals.held)} unit={totals.held === 1 ? 'lock' : 'locks'} />
            <Figure large label="Contended" value={formatCount(totals.contended)} unit="of them" />
            <Figure large label="Waiting" value={formatCount(totals.waiting)} unit="in queues" />
            <Figure
              large
              label="Deadlocks"
              value={graph.cycles.length === 0 ? 'none' : <CyclesWord graph={graph} />}
              note={deadlocks.length === 0 ? 'none seen lately' : `${deadlocks.length} seen lately`}
            />
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Input
              type="search"
              aria-label="Find a lock, a holder or an instance"
              placeholder="Find a lock or a holder"
              defaultValue={q}
              onChange={(event) => void setSearch({ q: event.target.value }, { limitUrlUpdates: debounce(200) })}
              className="w-full sm:w-64"
            />
            <div className="max-w-full overflow-x-auto">
              <Segmented
                label="Show"
                options={SHOWS}
                value={show}
                onChange={(next) => void setSearch({ show: next })}
              />
            </div>
            <p aria-live="polite" className="ml-auto min-h-7 text-xs">
              {order.waiting ? (
                <Button size="sm" variant="quiet" onClick={order.apply}>
                  The list has changed: apply
                </Button>
              ) : null}
            </p>
          </div>
        </div>
        <div {...order.holding} className="px-1 pt-2">
          <LocksTable names={order.names} locks={locks} open={lock} hrefOf={hrefOf} onOpen={onOpen} />
          {order.names.length === 0 ? (
            <EmptyState title="No lock matches" action={<Button onClick={clear}>Clear the filters</Button>}>
              {all.length} {all.length === 1 ? 'is' : 'are'} held or waited for.
            </EmptyState>
          ) : null}
          {hidden > 0 ? (
            <p className="px-3 py-2 text-xs text-muted">
              {formatCount(hidden)} more are held; those with the longest queues are shown. Find others by `locks.list`
              of the API.
            </p>
          ) : null}
        </div>
        <div className="px-4 py-6">
          <Section title="Who waits for whom" aside={<CyclesWord graph={graph} />}>
            <WaitGraphView graph={graph} deadlocks={deadlocks} names={names} />
          </Section>
        </div>
      </div>
      {lock === null ? null : <LockPanel name={lock} seen={locks.get(lock)} onClose={close} />}
    </div>
  )
}

function LockPanel({ name, seen, onClose }: { name: string; seen: Seen | undefined; onClose: () => void }) {
  return (
    <Sheet
      label={`Lock ${name}`}
      onClose={onClose}
      title={
        <div className="grid gap-0.5">
          <h2 className="truncate font-mono text-sm font-semibold" title={name}>
            <Link href={lockHref(name)} className="hover:underline">
              {name}
            </Link>
          </h2>
          {seen ? (
            <p className="flex flex-wrap gap-x-3 text-xs text-muted">
              <LockState waiting={seen.view.waiting} held={seen.view.holders.length > 0} />
              {kindWord(seen.view)}
            </p>
          ) : null}
        </div>
      }
    >
      {seen ? (
        <LockDetail seen={seen} />
      ) : (
        <p className="text-sm text-muted">
          Free just now: nobody holds it and nobody waits. Its past is on <FullPage name={name} />.
        </p>
      )}
    </Sheet>
  )
}

function FullPage({ name }: { name: string }) {
  return (
    <Link href={lockHref(name)} className="text-accent hover:underline">
      its own page
    </Link>
  )
}
