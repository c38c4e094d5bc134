import type { Metadata } from 'next'
import { EditorPage } from '@/components/gateway/editor/editor-page'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Add a route' }

const input = { data: {} }

export default async function NewRoutePage({
  searchParams,
}: {
  searchParams: Promise<{ service?: string | string[] }>
}) {
  const { service } = await searchParams
  const state = await prefetched([
    { path: 'gateway.routes.list', input, read: (caller) => caller.gateway.routes.list(input) },
    { path: 'gateway.middleware.catalog', input, read: (caller) => caller.gateway.middleware.catalog(input) },
  ])
  return (
    <Hydrate state={state}>
      <EditorPage id={null} service={typeof service === 'string' ? service : ''} />
    </Hydrate>
  )
}
