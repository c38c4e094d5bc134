'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Counts, RunSummary } from '@/core/saga/view'
import { usePaused } from '../live'
import { useTRPC, useTRPCClient } from '../trpc'
import { filterInput, listed, PAGE_SIZE, type RunFilter } from './runs-list'

const AGAIN_MS = 1_000
/** More changes than a stream carries: the list is read again, at most so often. */
const REREAD_MS = 2_000
/** Changes kept on top of what was read; with more it is read again. */
const CHANGED_MAX = 2_000

export interface RunsPage {
  runs: RunSummary[]
  next: string | null
  counts: Counts
  /** how many wait for a person */
  waiting: number
}

/** Runs that match, newest first, read by pages and kept current by one stream; stands still while paused. */
export function useRuns(filter: RunFilter, first: { filter: RunFilter; page: RunsPage } | null) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const paused = usePaused()
  const asked = JSON.stringify(filter)
  const [live, setLive] = useState<{
    asked: string
    changed: ReadonlyMap<string, RunSummary>
    counts: Counts | null
    waiting: number | null
  }>({
    asked,
    changed: new Map(),
    counts: null,
    waiting: null,
  })
  const query = useInfiniteQuery({
    queryKey: ['saga runs', asked],
    queryFn: async ({ pageParam, signal }): Promise<RunsPage> => {
      const data = {
        ...filterInput(filter, Date.now()),
        limit: PAGE_SIZE,
        ...(pageParam === null ? {} : { before: pageParam }),
      }
      return client.sagas.list.query({ data }, { signal })
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
    ...(first && asked === JSON.stringify(first.filter)
      ? { initialData: { pages: [first.page], pageParams: [null] }, initialDataUpdatedAt: Date.now(), staleTime: 5_000 }
      : {}),
  })
  const { refetch } = query
  const reread = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(
    () => () => {
      if (reread.current) clearTimeout(reread.current)
    },
    [],
  )
  const { status, reset } = useSubscription(
    trpc.sagas.live.subscriptionOptions(
      { data: filter.saga === '' ? {} : { definition: filter.saga } },
      {
        enabled: !paused,
        onData(frame) {
          setLive((before) => {
            const changed = new Map(before.asked === asked ? before.changed : [])
            for (const run of frame.runs as RunSummary[]) changed.set(run.id, run)
            return { asked, changed, counts: frame.counts as Counts, waiting: frame.waiting }
          })
          if (!frame.missed || reread.current) return
          reread.current = setTimeout(() => {
            reread.current = null
            void refetch()
          }, REREAD_MS)
        },
      },
    ),
  )
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [status, reset])
  // What a tab that stood still did not hear of is read.
  const wasPaused = useRef(false)
  useEffect(() => {
    if (paused) wasPaused.current = true
    else if (wasPaused.current) {
      wasPaused.current = false
      void refetch()
    }
  }, [paused, refetch])

  const changed = live.asked === asked ? live.changed : EMPTY
  useEffect(() => {
    if (changed.size <= CHANGED_MAX) return
    void refetch().then(() => setLive((before) => ({ ...before, changed: new Map() })))
  }, [changed, refetch])

  const pages = query.data?.pages
  const read = useMemo(() => (pages ?? []).flatMap((page) => page.runs), [pages])
  const runs = useMemo(() => {
    const all = new Map(read.map((run) => [run.id, run]))
    for (const [id, run] of changed) all.set(id, run)
    return all
  }, [read, changed])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter by what it says, not by its identity
  const ids = useMemo(
    () => listed(read, changed, filter, query.hasNextPage, Date.now()),
    [read, changed, asked, query.hasNextPage],
  )
  const counts = (live.asked === asked ? live.counts : null) ?? pages?.[0]?.counts ?? null
  const waiting = live.waiting ?? pages?.[0]?.waiting ?? null
  return { query, runs, ids, counts, waiting }
}

const EMPTY: ReadonlyMap<string, RunSummary> = new Map()
