import type { Metadata } from 'next'
import { prefetched, type Read } from '@/components/server-caller'
import { ENTRIES_SHOWN, HISTORY_LIMIT } from '@/components/services/ranges'
import { Hydrate } from '@/components/trpc'
import { loadServiceSearch } from './search-params'
import { ServiceDetail } from './service-detail'

interface Props {
  params: Promise<{ name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function ServicePage({ params, searchParams }: Props) {
  const name = decodeURIComponent((await params).name)
  const { instance: id } = await loadServiceSearch(searchParams)
  const history = { data: { service: name, limit: HISTORY_LIMIT } }
  const reads: Read[] = [
    { path: 'registry.get', input: { data: { name } }, read: (caller) => caller.registry.get({ data: { name } }) },
    { path: 'registry.history', input: history, read: (caller) => caller.registry.history(history) },
  ]
  if (id !== null) {
    const own = { data: { id, limit: ENTRIES_SHOWN } }
    reads.push({ path: 'registry.history', input: own, read: (caller) => caller.registry.history(own) })
  }
  const state = await prefetched(reads)
  return (
    <Hydrate state={state}>
      <ServiceDetail name={name} />
    </Hydrate>
  )
}
