'use client'

/** The registry as it was after one entry of the journal, and what is different now. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import Link from 'next/link'
import { useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { useConnection } from '@/components/live'
import { holdfastError, useTRPC } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { PageHeader } from '@/components/ui/page-header'
import { Segmented } from '@/components/ui/segmented'
import { SkeletonRows } from '@/components/ui/skeleton'
import { compare, type Registry } from './compare'
import { exact } from './entry-panel'
import { FilterField } from './filter-field'
import { JournalTabs } from './journal-tabs'
import { MomentControl } from './moment-control'
import { atParams } from './search-params'
import { ServiceThen } from './service-then'

/** `now`: the journal's head when the page was read. */
export function AsItWas({ now: firstNow }: { now: number }) {
  const trpc = useTRPC()
  const connection = useConnection()
  const [{ seq, at, show, q }, setParams] = useQueryStates(atParams, { history: 'push', scroll: false })
  const [nowSeq, setNowSeq] = useState(firstNow)
  const asked = seq !== null ? { seq } : at !== null ? { at } : { seq: firstNow }
  const then = useQuery({ ...trpc.journal.at.queryOptions({ data: asked }), placeholderData: keepPreviousData })
  const now = useQuery({
    ...trpc.journal.at.queryOptions({ data: { seq: nowSeq } }),
    placeholderData: keepPreviousData,
  })
  const shownSeq = then.data?.seq ?? seq ?? firstNow
  const entry = useQuery(trpc.journal.list.queryOptions({ data: { before: shownSeq + 1, limit: 1 } }))
  const services = useMemo(
    () => (then.data && now.data ? compare(then.data as Registry, now.data as Registry) : []),
    [then.data, now.data],
  )
  const found = services.filter(
    (service) =>
      (show === 'all' || service.different) &&
      (q === '' || service.name.includes(q) || service.instances.some((instance) => instance.id.includes(q))),
  )
  const differing = services.filter((service) => service.different).length
  const last = entry.data?.events[0]
  const problem = then.error ?? now.error

  return (
    <div className="grid gap-4 p-4 pb-12">
      <PageHeader
        title="The registry as it was"
        description={
          then.data?.at ? (
            <>
              at {exact(then.data.at)}, <Ago at={then.data.at} />
            </>
          ) : (
            'Every entry of the journal is a moment that can be looked at again.'
          )
        }
        actions={
          connection.seq > nowSeq ? (
            <Button onClick={() => setNowSeq(connection.seq)}>
              <RefreshCw aria-hidden />
              Compare with {connection.seq - nowSeq} newer {connection.seq - nowSeq === 1 ? 'entry' : 'entries'}
            </Button>
          ) : null
        }
      />
      <JournalTabs current="at" />
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <MomentControl
          seq={shownSeq}
          at={then.data?.at ?? at}
          head={Math.max(nowSeq, connection.seq)}
          onSeq={(next) => void setParams({ seq: next, at: null })}
          onAt={(next) => void setParams({ at: next, seq: null })}
        />
        <div className="flex flex-wrap items-center gap-2">
          <FilterField
            label="Service or instance"
            eager
            value={q}
            onChange={(next) => void setParams({ q: next }, { history: 'replace' })}
            className="w-48"
          />
          <Segmented
            label="Which services"
            value={show}
            onChange={(next) => void setParams({ show: next })}
            options={[
              { value: 'all', label: `All ${services.length}` },
              { value: 'different', label: `Different now ${differing}` },
            ]}
          />
        </div>
      </div>
      {last && last.seq === shownSeq ? (
        <p className="rounded-md bg-sunken px-3 py-2 text-sm">
          <Link
            href={`/journal?seq=${last.seq}&before=${last.seq + 1}`}
            className="mono text-accent hover:text-accent-hover"
          >
            {last.seq}
          </Link>{' '}
          <span className="text-muted">{last.kind}</span> {last.summary}
        </p>
      ) : null}
      {problem ? (
        <ErrorState
          title="That moment cannot be shown"
          message={holdfastError(problem).message}
          onRetry={() => {
            void then.refetch()
            void now.refetch()
          }}
        />
      ) : then.isPending || now.isPending ? (
        <SkeletonRows rows={10} />
      ) : found.length === 0 ? (
        <Nothing empty={services.length === 0} different={show === 'different' && q === ''} />
      ) : (
        <div className="grid gap-4">
          {found.map((service) => (
            <ServiceThen key={service.name} service={service} onlyDifferent={show === 'different'} />
          ))}
        </div>
      )}
    </div>
  )
}

function Nothing({ empty, different }: { empty: boolean; different: boolean }) {
  if (empty) return <EmptyState title="Nothing was registered then">And nothing is registered now.</EmptyState>
  if (different) {
    return (
      <EmptyState title="As it was">
        Nothing that matters is different now: the same instances, states, versions, addresses and decisions.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No service matches">The words are looked for in the names of services and instances.</EmptyState>
  )
}
