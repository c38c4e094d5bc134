import type { Metadata } from 'next'
import type { SearchParams } from 'nuqs/server'
import { filterInput, PAGE_SIZE } from '@/components/journal/entries'
import { Journal } from '@/components/journal/journal'
import { prefetched, serverCaller } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { loadJournalParams } from './search-params'

export const metadata: Metadata = { title: 'Journal' }

export default async function JournalPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { seq, ...filter } = await loadJournalParams(searchParams)
  const data = {
    ...filterInput(filter),
    limit: PAGE_SIZE,
    ...(filter.before === null ? {} : { before: filter.before }),
  }
  const opened = { data: { before: (seq ?? 0) + 1, limit: 1 } }
  const [page, panel] = await Promise.all([
    // What the address asks for may be nonsense; then the browser asks again and shows what is wrong with it.
    serverCaller()
      .then((caller) => caller.journal.list({ data }))
      .catch(() => null),
    prefetched(seq === null ? [] : [{ path: 'journal.list', input: opened, read: (c) => c.journal.list(opened) }]),
  ])
  const first = page && {
    events: page.events.map(({ value: _, ...entry }) => entry),
    next: page.next,
    upTo: Math.max(page.appliedSeq, page.events[0]?.seq ?? 0),
  }
  return (
    <Hydrate state={panel}>
      <Journal first={first === null ? null : { filter, page: first }} />
    </Hydrate>
  )
}
