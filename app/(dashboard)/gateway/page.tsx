import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { RoutesPage } from './routes-page'

export const metadata: Metadata = { title: 'Gateway' }

const input = { data: {} }

export default async function GatewayPage() {
  const state = await prefetched([
    { path: 'gateway.routes.list', input, read: (caller) => caller.gateway.routes.list(input) },
  ])
  return (
    <Hydrate state={state}>
      <RoutesPage />
    </Hydrate>
  )
}
