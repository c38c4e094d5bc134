'use client'

/** The list behind /journal: pages by cursor, and what the stream brings on top of them. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useEvents } from '@/components/live'
import { useTRPCClient } from '@/components/trpc'
import { type Entry, filterInput, fresh, type JournalFilter, onTop, PAGE_SIZE, type Page } from './entries'

/** What the server page has read, and for which filter. */
export interface FirstPage {
  filter: JournalFilter
  page: Page
}

export function useJournal(filter: JournalFilter, first: FirstPage | null) {
  const client = useTRPCClient()
  const queries = useQueryClient()
  const events = useEvents()
  const [reading, setReading] = useState(false)
  const asked = JSON.stringify(filter)
  // Not under `journal.list`: the shell renews those with every entry, and this list keeps itself current.
  const queryKey = useMemo(() => ['journal entries', asked], [asked])
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const data = { ...filterInput(filter), limit: PAGE_SIZE, ...(pageParam === null ? {} : { before: pageParam }) }
      const { events: list, next, appliedSeq } = await client.journal.list.query({ data }, { signal })
      return {
        events: list.map(({ value: _, ...entry }) => entry),
        next,
        upTo: Math.max(appliedSeq, list[0]?.seq ?? 0),
      }
    },
    initialPageParam: filter.before,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    placeholderData: keepPreviousData,
    ...(first && asked === JSON.stringify(first.filter)
      ? { initialData: { pages: [first.page], pageParams: [filter.before] } }
      : {}),
  })

  const pages = query.data?.pages
  const entries = useMemo<Entry[]>(() => (pages ?? []).flatMap((page) => page.events), [pages])
  const live = filter.before === null && !query.isPlaceholderData
  const upTo = pages?.[0]?.upTo
  const news = useMemo(
    () => (live && upTo !== undefined ? fresh(events, upTo, filter) : null),
    [events, live, upTo, filter],
  )

  const apply = useCallback(() => {
    if (!news) return
    if (news.gap) void queries.resetQueries({ queryKey })
    else {
      queries.setQueryData<InfiniteData<Page>>(queryKey, (data) => {
        const [top, ...rest] = data?.pages ?? []
        return data && top ? { ...data, pages: [onTop(top, news.entries, news.upTo), ...rest] } : data
      })
    }
  }, [news, queries, queryKey])

  const waiting = news?.entries.length ?? 0
  const missed = news?.gap === true
  useEffect(() => {
    if ((waiting > 0 || missed) && !reading) apply()
  }, [waiting, missed, reading, apply])

  return { query, entries, setReading, waiting: reading ? waiting : 0, missed: reading && missed, apply }
}
