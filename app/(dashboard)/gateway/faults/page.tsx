import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { FaultsPage } from './faults-page'

export const metadata: Metadata = { title: 'Faults' }

const input = { data: {} }

export default async function GatewayFaultsPage() {
  const state = await prefetched([
    { path: 'gateway.routes.list', input, read: (caller) => caller.gateway.routes.list(input) },
  ])
  return (
    <Hydrate state={state}>
      <FaultsPage />
    </Hydrate>
  )
}
