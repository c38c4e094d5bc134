import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { RevisionsPage } from './revisions-page'

export const metadata: Metadata = { title: 'Revisions' }

const routes = { data: {} }
const newest = { data: { before: null, limit: 50 } }

export default async function GatewayRevisionsPage() {
  const state = await prefetched([
    { path: 'gateway.routes.list', input: routes, read: (caller) => caller.gateway.routes.list(routes) },
    { path: 'gateway.revisions', input: newest, read: (caller) => caller.gateway.revisions(newest) },
  ])
  return (
    <Hydrate state={state}>
      <RevisionsPage />
    </Hydrate>
  )
}
