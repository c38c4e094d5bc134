import type { Metadata } from 'next'
import { createLoader, type SearchParams } from 'nuqs/server'
import { filterOf, logSearch } from '@/components/gateway/log/filter'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { LogPage } from './log-page'

export const metadata: Metadata = { title: 'Live log' }

const load = createLoader(logSearch)
const routes = { data: {} }

export default async function GatewayLogPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filter = filterOf(await load(searchParams))
  const input = { data: { ...filter, limit: 200 } }
  const state = await prefetched([
    { path: 'gateway.routes.list', input: routes, read: (caller) => caller.gateway.routes.list(routes) },
    { path: 'gateway.requests', input, read: (caller) => caller.gateway.requests(input) },
  ])
  return (
    <Hydrate state={state}>
      <LogPage />
    </Hydrate>
  )
}
