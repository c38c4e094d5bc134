'use client'
import { X } from 'lucide-react'
import { debounce, useQueryStates } from 'nuqs'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { FilterField } from '../journal/filter-field'
import type { RowsHandle } from '../services/rows'
import { useHeldOrder } from '../services/use-held-order'
import { useRowKeys } from '../services/use-row-keys'
import { holdfastError } from '../trpc'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { ErrorState } from '../ui/error-state'
import { PageHeader } from '../ui/page-header'
import { Select } from '../ui/select'
import { SkeletonRows } from '../ui/skeleton'
import { BatchBar } from './batch-bar'
import { CountsBar } from './counts-bar'
import { EmptySagas } from './empty-sagas'
import { ExportRuns } from './export-runs'
import { attributesOf, isFiltered, type RunFilter } from './runs-list'
import { RunsTable } from './runs-table'
import { SagasTabs } from './sagas-tabs'
import { SavedViews } from './saved-views'
import { runsParams, type SPANS } from './search-params'
import { type RunsPage, useRuns } from './use-runs'

/** All runs: what they are at, and which of them need somebody. */
export function RunList({ first, sagas }: { first: { filter: RunFilter; page: RunsPage } | null; sagas: string[] }) {
  const [{ q, state, saga, attr, since }, setSearch] = useQueryStates(runsParams)
  const asked = JSON.stringify([q, state, saga, attr, since])
  // biome-ignore lint/correctness/useExhaustiveDependencies: lists by what they say, not by their identity
  const filter = useMemo<RunFilter>(() => ({ q, state, saga, attr, since }), [asked])
  const { query, runs, ids, counts, waiting } = useRuns(filter, first)
  const order = useHeldOrder(asked, ids)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useRef<RowsHandle>(null)
  useRowKeys(order.names, rows, null)
  const onChoose = useCallback((id: string, on: boolean) => {
    setChosen((before) => {
      const after = new Set(before)
      if (on) after.add(id)
      else after.delete(id)
      return after
    })
  }, [])
  const { hasNextPage, isFetching, fetchNextPage } = query
  const foot = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const end = foot.current
    if (!end || !hasNextPage || isFetching) return
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), {
      root: scroller.current,
      rootMargin: '600px',
    })
    seen.observe(end)
    return () => seen.disconnect()
  }, [hasNextPage, isFetching, fetchNextPage])

  const filtered = isFiltered(filter)
  const clear = () => void setSearch({ q: null, state: null, saga: null, attr: null, since: null })
  const picked = [...chosen].flatMap((id) => runs.get(id) ?? [])
  const nothing = ids.length === 0 && order.names.length === 0
  if (nothing && !filtered && sagas.length === 0 && !query.isPending) {
    return (
      <div className="p-4">
        <PageHeader title="Sagas" />
        <EmptySagas />
      </div>
    )
  }
  return (
    <div ref={scroller} className="h-full overflow-y-auto overflow-x-hidden">
      <div className="grid grid-cols-1 gap-3 px-4 pt-4 pb-2">
        <PageHeader
          title="Sagas"
          description="Transactions of several steps in several services: each ends well, or is undone."
        />
        <SagasTabs current="runs" waiting={waiting} />
        {counts ? (
          <CountsBar counts={counts} chosen={state} onChoose={(next) => void setSearch({ state: next })} />
        ) : null}
        <div className="flex flex-wrap items-center gap-2">
          <FilterField
            label="Key, attribute, run or saga"
            value={q}
            eager
            className="w-full sm:w-64"
            onChange={(next) => void setSearch({ q: next }, { limitUrlUpdates: debounce(250) })}
          />
          <Select
            label="Saga"
            options={[{ value: '', label: 'Any saga' }, ...sagas.map((name) => ({ value: name, label: name }))]}
            value={saga}
            onChange={(next) => void setSearch({ saga: next || null })}
          />
          <Select
            label="Started"
            options={[
              { value: '', label: 'At any time' },
              { value: '15m', label: 'Last 15 minutes' },
              { value: '1h', label: 'Last hour' },
              { value: '24h', label: 'Last 24 hours' },
              { value: '7d', label: 'Last 7 days' },
            ]}
            value={since ?? ''}
            onChange={(next) => void setSearch({ since: next === '' ? null : (next as (typeof SPANS)[number]) })}
          />
          <AttributeFilter attr={attr} onChange={(next) => void setSearch({ attr: next })} />
          {filtered ? (
            <Button variant="quiet" onClick={clear}>
              <X aria-hidden /> Clear
            </Button>
          ) : null}
          <p aria-live="polite" className="ml-auto flex min-h-7 items-center gap-2 text-xs">
            {order.waiting ? (
              <Button size="sm" variant="quiet" onClick={order.apply}>
                The list has changed: apply
              </Button>
            ) : null}
            <ExportRuns filter={filter} />
            <SavedViews />
          </p>
        </div>
      </div>
      <div {...order.holding}>
        {query.isPending ? (
          <SkeletonRows rows={12} className="p-4" />
        ) : query.isError && nothing ? (
          <ErrorState message={holdfastError(query.error).message} onRetry={() => void query.refetch()} />
        ) : nothing ? (
          <Nothing filtered={filtered} onClear={clear} />
        ) : (
          <RunsTable
            ids={order.names}
            runs={runs}
            chosen={chosen}
            onChoose={onChoose}
            onChooseAll={(on) => setChosen(on ? new Set(order.names) : new Set())}
            scroller={scroller}
            handle={rows}
          />
        )}
        <div ref={foot} className="h-8 px-4 py-2 text-xs text-muted">
          {query.isFetchingNextPage ? 'Reading older ones…' : hasNextPage ? null : nothing ? null : 'No older runs.'}
        </div>
      </div>
      {picked.length > 0 ? <BatchBar runs={picked} onDone={() => setChosen(new Set())} /> : null}
    </div>
  )
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState title="No run matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        Keys and attributes must match exactly; a run is also found by how its id begins, a saga by part of its name.
      </EmptyState>
    )
  }
  return <EmptySagas />
}

/** `customer:c-7` on Enter; each chip is one that must hold. */
function AttributeFilter({ attr, onChange }: { attr: string[]; onChange: (attr: string[]) => void }) {
  const [turn, setTurn] = useState(0)
  return (
    <>
      <FilterField
        key={turn}
        label="Attribute, as customer:c-7"
        value=""
        className="min-w-48 flex-1 sm:w-60 sm:flex-none"
        onChange={(text) => {
          if (Object.keys(attributesOf([text])).length === 0) return
          onChange([...attr.filter((one) => one !== text), text])
          setTurn((n) => n + 1)
        }}
      />
      {attr.map((one) => (
        <Button
          key={one}
          size="sm"
          aria-label={`No longer ${one}`}
          onClick={() => onChange(attr.filter((other) => other !== one))}
        >
          <span className="mono">{one}</span> <X aria-hidden />
        </Button>
      ))}
    </>
  )
}
