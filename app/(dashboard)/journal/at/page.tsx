import type { Metadata } from 'next'
import type { SearchParams } from 'nuqs/server'
import { AsItWas } from '@/components/journal/as-it-was'
import { prefetched, serverCaller } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { loadAtParams } from './search-params'

export const metadata: Metadata = { title: 'As it was' }

export default async function AtPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { seq, at } = await loadAtParams(searchParams)
  const { journal } = await (await serverCaller()).system.info({ data: {} })
  const asked = { data: seq !== null ? { seq } : at !== null ? { at } : { seq: journal.head } }
  const now = { data: { seq: journal.head } }
  const state = await prefetched([
    { path: 'journal.at', input: asked, read: (caller) => caller.journal.at(asked) },
    { path: 'journal.at', input: now, read: (caller) => caller.journal.at(now) },
  ])
  return (
    <Hydrate state={state}>
      <AsItWas now={journal.head} />
    </Hydrate>
  )
}
