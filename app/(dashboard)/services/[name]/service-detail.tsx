'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useCallback, useMemo, useRef } from 'react'
import { EdgesList } from '@/components/services/edges-list'
import { HistoryStrip } from '@/components/services/history-strip'
import { InstancePanel } from '@/components/services/instance-panel'
import { InstancesTable } from '@/components/services/instances-table'
import type { RowsHandle } from '@/components/services/rows'
import { Section } from '@/components/services/section'
import { ServiceActs } from '@/components/services/service-acts'
import { ServiceMarks } from '@/components/services/service-marks'
import { ServiceState } from '@/components/services/service-state'
import { useRowKeys } from '@/components/services/use-row-keys'
import { useServiceDetail } from '@/components/services/use-service'
import { holdfastError } from '@/components/trpc'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { PageHeader } from '@/components/ui/page-header'
import { SkeletonRows } from '@/components/ui/skeleton'
import { serviceSearch } from './search-params'

export function ServiceDetail({ name }: { name: string }) {
  const router = useRouter()
  const [{ instance: open, range }, setSearch] = useQueryStates(serviceSearch)
  const { view, instances, incoming, outgoing, traffic, query } = useServiceDetail(name)
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useRef<RowsHandle>(null)
  const ids = useMemo(() => instances?.map(({ id }) => id) ?? [], [instances])
  useRowKeys(ids, rows, open)
  const show = useCallback((id: string) => void setSearch({ instance: id }, { history: 'push' }), [setSearch])
  const close = useCallback(() => {
    void setSearch({ instance: null })
    if (open !== null) rows.current?.focus(open)
  }, [setSearch, open])
  const hrefOf = (id: string) =>
    `/services/${encodeURIComponent(name)}?instance=${encodeURIComponent(id)}${range === '1h' ? '' : `&range=${range}`}`

  if (!view) {
    if (query.isPending) return <SkeletonRows rows={10} className="p-4" />
    const error = holdfastError(query.error)
    if (error.code !== 'NOT_FOUND') return <ErrorState message={error.message} onRetry={() => void query.refetch()} />
    return (
      <EmptyState title={`There is no service "${name}"`}>
        It never registered, or it was forgotten. See all{' '}
        <Link href="/services" className="text-accent hover:underline">
          services
        </Link>
        , or what the{' '}
        <Link href={`/journal?service=${encodeURIComponent(name)}`} className="text-accent hover:underline">
          journal
        </Link>{' '}
        knows of it.
      </EmptyState>
    )
  }
  return (
    <div className="flex h-full">
      <div ref={scroller} className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="grid grid-cols-1 gap-6 p-4">
          <div className="grid grid-cols-1 gap-3">
            <PageHeader
              title={
                <span className="flex min-w-0 flex-wrap items-center gap-2">
                  <span className="truncate">{name}</span>
                  <ServiceMarks view={view} />
                </span>
              }
              actions={<ServiceActs view={view} traffic={traffic} onForgotten={() => router.push('/services')} />}
            />
            <ServiceState view={view} traffic={traffic} />
          </div>
          <Section title="Instances">
            {instances === undefined ? (
              query.error ? (
                <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
              ) : (
                <SkeletonRows rows={view.total} />
              )
            ) : instances.length === 0 ? (
              <p className="text-sm text-muted">None. They appear here when they register under this name.</p>
            ) : (
              <div className="rounded-md border border-line bg-surface [&_[role=row]:last-child]:border-b-0">
                <InstancesTable
                  instances={instances}
                  open={open}
                  onOpen={show}
                  hrefOf={hrefOf}
                  scroller={scroller}
                  handle={rows}
                />
              </div>
            )}
          </Section>
          <HistoryStrip
            name={name}
            instances={instances ?? []}
            range={range}
            onRange={(next) => void setSearch({ range: next })}
            hrefOf={hrefOf}
          />
          <div className="grid grid-cols-1 gap-x-10 gap-y-6 lg:grid-cols-2">
            <Section title="Called by">
              <EdgesList edges={incoming} toward="callers" empty="Nobody calls it, as far as callers report." />
            </Section>
            <Section title="Calls">
              <EdgesList edges={outgoing} toward="callees" empty="It calls no other service, as far as it reports." />
            </Section>
          </div>
        </div>
      </div>
      {open === null ? null : (
        <InstancePanel
          key={open}
          id={open}
          instance={instances?.find(({ id }) => id === open)}
          siblings={instances ?? []}
          traffic={traffic}
          onClose={close}
        />
      )}
    </div>
  )
}
