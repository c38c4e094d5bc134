'use client'

/** Who did what to what, and why: newest first. */
import { createSerializer, debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { holdfastError, useTRPCClient } from '@/components/trpc'
import { cn } from '@/components/ui/cn'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { PageHeader } from '@/components/ui/page-header'
import { SkeletonRows } from '@/components/ui/skeleton'
import { type AuditFilter, auditInput, isAuditFiltered } from './audit-entries'
import { AuditFilters } from './audit-filters'
import { AuditPanel } from './audit-panel'
import { AUDIT_COLUMNS, AuditRow } from './audit-row'
import { auditCsv } from './export'
import { ExportMenu } from './export-menu'
import { JournalTabs } from './journal-tabs'
import { ListFoot } from './list-foot'
import { targetWords } from './names'
import { NewNote } from './new-note'
import { auditParams } from './search-params'
import { type FirstAuditPage, useAudit } from './use-audit'
import { VirtualRows } from './virtual-rows'

const href = createSerializer(auditParams)

export function Audit({ first }: { first: FirstAuditPage | null }) {
  const client = useTRPCClient()
  const [{ id, q, actor, action, target, before }, setParams] = useQueryStates(auditParams, {
    history: 'push',
    scroll: false,
  })
  const filter = useMemo<AuditFilter>(() => ({ q, actor, action, target, before }), [q, actor, action, target, before])
  const { query, entries, setReading, waiting, more, apply } = useAudit(filter, first)
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  const actors = useMemo(() => [...new Set(entries.map((entry) => entry.actor))].sort(), [entries])
  const filtered = isAuditFiltered(filter)

  return (
    <div className="flex h-full min-h-0">
      <div className="@container flex min-w-0 flex-1 flex-col">
        <div className="grid gap-3 px-4 pt-4 pb-3">
          <PageHeader
            title="Audit"
            description={
              <span className="max-sm:hidden">What people and tokens did, to what, and the reason they gave.</span>
            }
            actions={
              <ExportMenu
                name="holdfast-audit"
                csv={auditCsv}
                read={async (cursor) => {
                  const from = cursor ?? before
                  const data = { ...auditInput(filter), limit: 500, ...(from === null ? {} : { before: from }) }
                  const page = await client.audit.list.query({ data })
                  return { rows: page.entries, next: page.next }
                }}
              />
            }
          />
          <JournalTabs current="audit" />
          <AuditFilters
            filter={filter}
            actors={actors}
            onChange={(change) =>
              void setParams(change, 'q' in change ? { history: 'replace', limitUrlUpdates: debounce(250) } : {})
            }
            onClear={() => void setParams({ q: null, actor: null, action: null, target: null, before: null })}
          />
        </div>
        <div
          aria-hidden
          className={cn(
            'hidden h-8 shrink-0 items-center gap-x-3 border-y border-line px-4 text-xs font-medium text-muted @2xl:grid',
            AUDIT_COLUMNS,
          )}
        >
          <span>When</span>
          <span>Who</span>
          <span>What</span>
          <span>To what</span>
          <span className="hidden @4xl:block">Why</span>
        </div>
        <div className="relative flex min-h-0 flex-1 flex-col @max-2xl:border-t @max-2xl:border-line">
          <NewNote count={waiting} more={more} onShow={apply} />
          {query.isPending ? (
            <SkeletonRows rows={14} className="p-4" />
          ) : query.isError && entries.length === 0 ? (
            <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
          ) : entries.length === 0 ? (
            <EmptyState title={filtered ? 'No entry matches' : 'Nobody has done anything yet'}>
              {filtered
                ? 'Who, action and target must match exactly; the words are looked for in all four columns.'
                : 'Put an instance into maintenance, drain it, or create a token: who did it and why is kept here.'}
            </EmptyState>
          ) : (
            <VirtualRows
              label="Audit entries, newest first"
              items={entries}
              keyOf={(entry) => entry.id}
              onEnd={onEnd}
              onReading={setReading}
              footer={
                <ListFoot
                  loading={query.isFetchingNextPage}
                  failed={isFetchNextPageError ? holdfastError(query.error).message : null}
                  hasMore={hasNextPage}
                  onMore={() => void fetchNextPage()}
                  end={filtered ? 'No older entries match.' : 'This is where the audit trail begins.'}
                />
              }
            >
              {(entry) => (
                <AuditRow
                  entry={entry}
                  target={targetWords(entry)}
                  selected={entry.id === id}
                  onOpen={() => void setParams({ id: entry.id === id ? null : entry.id })}
                />
              )}
            </VirtualRows>
          )}
        </div>
      </div>
      {id === null ? null : (
        <AuditPanel
          key={id}
          id={id}
          onClose={() => void setParams({ id: null })}
          only={(more) => href('/journal/audit', { q, actor, action, target, before, id, ...more })}
        />
      )}
    </div>
  )
}
