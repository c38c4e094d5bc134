'use client'

/** Everything that ever happened, newest first, live. */
import { createSerializer, debounce, useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { holdfastError, useTRPCClient } from '@/components/trpc'
import { cn } from '@/components/ui/cn'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { PageHeader } from '@/components/ui/page-header'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Snippet } from '@/components/ui/snippet'
import { filterInput, isFiltered, type JournalFilter } from './entries'
import { EntryPanel } from './entry-panel'
import { journalCsv } from './export'
import { ExportMenu } from './export-menu'
import { JournalFilters } from './journal-filters'
import { JOURNAL_COLUMNS, JournalRow } from './journal-row'
import { JournalTabs } from './journal-tabs'
import { ListFoot } from './list-foot'
import { NewNote } from './new-note'
import { journalParams } from './search-params'
import { type FirstPage, useJournal } from './use-journal'
import { VirtualRows } from './virtual-rows'

const href = createSerializer(journalParams)

export function Journal({ first }: { first: FirstPage | null }) {
  const client = useTRPCClient()
  const [{ seq, q, kinds, service, actor, key, before }, setParams] = useQueryStates(journalParams, {
    history: 'push',
    scroll: false,
  })
  const kindList = kinds.join(',')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of kinds by what it says, not by its identity
  const filter = useMemo<JournalFilter>(
    () => ({ q, kinds, service, actor, key, before }),
    [q, kindList, service, actor, key, before],
  )
  const { query, entries, setReading, waiting, missed, apply } = useJournal(filter, first)
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  const actors = useMemo(() => [...new Set(entries.map((entry) => entry.actor))].sort(), [entries])
  const filtered = isFiltered(filter)

  return (
    <div className="flex h-full min-h-0">
      <div className="@container flex min-w-0 flex-1 flex-col">
        <div className="grid gap-3 px-4 pt-4 pb-3">
          <PageHeader
            title="Journal"
            description={
              <span className="max-sm:hidden">Every change of the registry, in order. Nothing is ever rewritten.</span>
            }
            actions={
              <ExportMenu
                name="holdfast-journal"
                csv={journalCsv}
                read={async (cursor) => {
                  const from = cursor ?? before
                  const data = { ...filterInput(filter), limit: 500, ...(from === null ? {} : { before: from }) }
                  const page = await client.journal.list.query({ data })
                  return { rows: page.events, next: page.next }
                }}
              />
            }
          />
          <JournalTabs current="journal" />
          <JournalFilters
            filter={filter}
            actors={actors}
            onChange={(change) =>
              void setParams(change, 'q' in change ? { history: 'replace', limitUrlUpdates: debounce(250) } : {})
            }
            onClear={() =>
              void setParams({ q: null, kinds: null, service: null, actor: null, key: null, before: null })
            }
          />
        </div>
        <div className="relative flex min-h-0 flex-1 flex-col border-t border-line">
          <div
            aria-hidden
            className={cn(
              'hidden h-8 shrink-0 items-center gap-x-3 border-b border-line px-4 text-xs font-medium text-muted @2xl:grid',
              JOURNAL_COLUMNS,
            )}
          >
            <span>Entry</span>
            <span>When</span>
            <span className="hidden @6xl:block">Kind</span>
            <span className="pl-5">What happened</span>
            <span>Service</span>
            <span className="hidden @4xl:block">Who</span>
          </div>
          <div className="relative flex min-h-0 flex-1 flex-col">
            <NewNote count={missed ? Math.max(waiting, 1) : waiting} more={missed} onShow={apply} />
            {query.isPending ? (
              <SkeletonRows rows={14} className="p-4" />
            ) : query.isError && entries.length === 0 ? (
              <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
            ) : entries.length === 0 ? (
              <Nothing filtered={filtered} />
            ) : (
              <VirtualRows
                label="Journal entries, newest first"
                items={entries}
                keyOf={(entry) => entry.seq}
                onEnd={onEnd}
                onReading={setReading}
                footer={
                  <ListFoot
                    loading={query.isFetchingNextPage}
                    failed={isFetchNextPageError ? holdfastError(query.error).message : null}
                    hasMore={hasNextPage}
                    onMore={() => void fetchNextPage()}
                    end={filtered ? 'No older entries match.' : 'This is where the journal begins.'}
                  />
                }
              >
                {(entry) => (
                  <JournalRow
                    entry={entry}
                    selected={entry.seq === seq}
                    onOpen={() => void setParams({ seq: entry.seq === seq ? null : entry.seq })}
                  />
                )}
              </VirtualRows>
            )}
          </div>
        </div>
      </div>
      {seq === null ? null : (
        <EntryPanel
          key={seq}
          seq={seq}
          onClose={() => void setParams({ seq: null })}
          only={({ seq: other, kinds: kind, ...more }) =>
            href('/journal', {
              q,
              service,
              actor,
              key,
              before,
              ...more,
              kinds: kind === undefined ? kinds : [kind],
              seq: other === undefined ? seq : Number(other),
            })
          }
        />
      )}
    </div>
  )
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyState title="No entry matches">
        Service, who and key must match exactly; the words are looked for anywhere in the summary.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="Nothing has happened yet">
      <p className="mb-3">
        The first service that registers writes the first entry. With the demo fleet that takes seconds:
      </p>
      <Snippet code="npm start -- --demo" label="Start the demo fleet" />
    </EmptyState>
  )
}
