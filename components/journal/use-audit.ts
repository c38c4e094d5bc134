'use client'

/** The list behind /journal/audit: pages by cursor; the newest ones are asked for again when somebody does something. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useConnection } from '@/components/live'
import { useTRPC, useTRPCClient } from '@/components/trpc'
import { type AuditFilter, auditInput, newer } from './audit-entries'
import { PAGE_SIZE } from './entries'
import type { Audited } from './rows'

export interface AuditPage {
  entries: Audited[]
  next: number | null
}

export interface FirstAuditPage {
  filter: AuditFilter
  page: AuditPage
}

/** Newest entries that are compared with what is shown; more new ones than this and the list is read again. */
const NEWEST = 50

export function useAudit(filter: AuditFilter, first: FirstAuditPage | null) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { paused } = useConnection()
  const [reading, setReading] = useState(false)
  const asked = JSON.stringify(filter)
  // Not under `audit.list`: the shell renews those, and pages that are being read must not move.
  const queryKey = useMemo(() => ['audit entries', asked], [asked])
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }): Promise<AuditPage> => {
      const data = { ...auditInput(filter), limit: PAGE_SIZE, ...(pageParam === null ? {} : { before: pageParam }) }
      return client.audit.list.query({ data }, { signal })
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
  const live = filter.before === null && !query.isPlaceholderData && query.data !== undefined
  const newest = useQuery({
    ...trpc.audit.list.queryOptions({ data: { ...auditInput(filter), limit: NEWEST } }),
    enabled: live && !paused,
  })

  const pages = query.data?.pages
  const entries = useMemo(() => (pages ?? []).flatMap((page) => page.entries), [pages])
  const known = pages?.[0]?.entries[0]?.id ?? 0
  const news = useMemo(() => (live && newest.data ? newer(newest.data.entries, known) : []), [live, newest.data, known])

  const apply = useCallback(() => {
    if (news.length === 0) return
    if (news.length === NEWEST) void queries.resetQueries({ queryKey })
    else {
      queries.setQueryData<InfiniteData<AuditPage>>(queryKey, (data) => {
        const [top, ...rest] = data?.pages ?? []
        if (!data || !top) return data
        return { ...data, pages: [{ ...top, entries: [...news, ...top.entries] }, ...rest] }
      })
    }
  }, [news, queries, queryKey])

  useEffect(() => {
    if (news.length > 0 && !reading) apply()
  }, [news, reading, apply])

  return { query, entries, setReading, waiting: reading ? news.length : 0, more: news.length === NEWEST, apply }
}
