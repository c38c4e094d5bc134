import type { Metadata } from 'next'
import type { SearchParams } from 'nuqs/server'
import { RunList } from '@/components/sagas/run-list'
import { filterInput, PAGE_SIZE } from '@/components/sagas/runs-list'
import type { RunsPage } from '@/components/sagas/use-runs'
import { serverCaller } from '@/components/server-caller'
import { loadRunsParams } from './search-params'

export const metadata: Metadata = { title: 'Sagas' }

export default async function SagasPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filter = await loadRunsParams(searchParams)
  const caller = await serverCaller()
  const [page, { definitions }] = await Promise.all([
    // What the address asks for may be nonsense; then the browser asks again and shows what is wrong with it.
    caller.sagas.list({ data: { ...filterInput(filter, Date.now()), limit: PAGE_SIZE } }).catch(() => null),
    caller.sagas.definitions({ data: {} }),
  ])
  const first = page ? { filter, page: page as RunsPage } : null
  return <RunList first={first} sagas={definitions.map(({ name }) => name)} />
}
