'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useMemo, useRef, useState } from 'react'
import type { RunSummary } from '@/core/saga/view'
import { useHeldOrder } from '../services/use-held-order'
import { holdfastError, useTRPCClient } from '../trpc'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { ErrorState } from '../ui/error-state'
import { PageHeader } from '../ui/page-header'
import { MarkLabel } from './glyph'
import { SagasTabs } from './sagas-tabs'
import { StuckHelp } from './stuck-help'
import { useRenewal, useSagaFrames } from './use-saga-frames'
import { RUN_MARKS, runHref } from './words'

const PAGE = 50
const RENEW_MS = 500

export interface StuckPage {
  runs: RunSummary[]
  next: { since: number; id: string } | null
  waiting: number
}

/** Runs that wait for a person, oldest first, with what would help beside each. */
export function StuckList({ first }: { first: StuckPage }) {
  const client = useTRPCClient()
  const query = useInfiniteQuery({
    queryKey: ['sagas parked'],
    queryFn: async ({ pageParam, signal }): Promise<StuckPage> =>
      client.sagas.parked.query({ data: { limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } }, { signal }),
    initialPageParam: null as StuckPage['next'],
    getNextPageParam: (page) => page.next,
    initialData: { pages: [first], pageParams: [null] },
    initialDataUpdatedAt: 0,
    staleTime: 0,
    gcTime: 0,
  })
  const { refetch } = query
  const [count, setCount] = useState(first.waiting)
  const renew = useRenewal(() => void refetch(), RENEW_MS)
  useSagaFrames(null, (frame) => {
    setCount(frame.waiting)
    if (frame.missed || frame.runs.length > 0) renew()
  })
  const runs = useMemo(() => query.data.pages.flatMap((page) => page.runs), [query.data])
  const known = useRef(new Map<string, RunSummary>())
  for (const run of runs) known.current.set(run.id, run)
  const ids = useMemo(() => runs.map(({ id }) => id), [runs])
  const order = useHeldOrder('stuck', ids)
  const waiting = new Set(ids)
  return (
    <div className="grid grid-cols-1 gap-3 px-4 pt-4 pb-8">
      <PageHeader
        title="Sagas"
        description="Runs that cannot go on by themselves: an undo failed for good, a step after the point of no return, an outcome nobody knows, a breakpoint."
      />
      <SagasTabs current="stuck" waiting={count} />
      {query.isError && runs.length === 0 ? (
        <ErrorState message={holdfastError(query.error).message} onRetry={() => void refetch()} />
      ) : order.names.length === 0 ? (
        <EmptyState title="No run waits for a person">
          When one does, it stands here, the one that has waited longest first, with what would help.
        </EmptyState>
      ) : (
        <div {...order.holding}>
          <p aria-live="polite" className="flex min-h-7 justify-end">
            {order.waiting ? (
              <Button size="sm" variant="quiet" onClick={order.apply}>
                The list has changed: apply
              </Button>
            ) : null}
          </p>
          <ol
            aria-label="Runs that wait for a person, oldest first"
            className="divide-y divide-line border-y border-line"
          >
            {order.names.map((id) => {
              const run = known.current.get(id)
              return run ? <StuckRow key={id} run={run} gone={!waiting.has(id)} /> : null
            })}
          </ol>
          {query.hasNextPage ? (
            <Button className="mt-3" pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              More
            </Button>
          ) : null}
        </div>
      )}
    </div>
  )
}

function StuckRow({ run, gone }: { run: RunSummary; gone: boolean }) {
  return (
    <li className="grid gap-x-6 gap-y-2 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,auto)] md:items-center">
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <Link href={runHref(run.id)} prefetch={false} className="font-medium hover:underline">
            {run.idempotencyKey ?? run.id}
          </Link>
          <MarkLabel mark={RUN_MARKS[run.status]} className="text-sm" />
          <span className="text-xs text-muted">
            {run.definition} v{run.version}
            {run.attentionSince === null ? null : (
              <>
                , waits since <Ago at={run.attentionSince} />
              </>
            )}
          </span>
        </p>
        {gone ? (
          <p className="text-sm text-muted">It no longer waits.</p>
        ) : (
          <p className="text-sm first-letter:uppercase">
            {run.attention}
            {run.error ? (
              <span className="ml-2 text-muted">
                <span className="mono text-xs text-unhealthy">{run.error.code}</span> {run.error.message}
              </span>
            ) : null}
          </p>
        )}
      </div>
      {gone ? null : <StuckHelp run={run} />}
    </li>
  )
}
