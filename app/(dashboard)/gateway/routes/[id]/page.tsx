import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { EditorPage } from '@/components/gateway/editor/editor-page'
import { prefetched, serverCaller } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'

interface Props {
  params: Promise<{ id: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).id) }
}

const input = { data: {} }

export default async function RoutePage({ params }: Props) {
  const id = decodeURIComponent((await params).id)
  const found = await serverCaller()
    .then((caller) => caller.gateway.routes.get({ data: { id } }))
    .catch(() => null)
  if (!found) notFound()
  const state = await prefetched([
    { path: 'gateway.routes.list', input, read: (caller) => caller.gateway.routes.list(input) },
    { path: 'gateway.middleware.catalog', input, read: (caller) => caller.gateway.middleware.catalog(input) },
  ])
  return (
    <Hydrate state={state}>
      <EditorPage id={id} />
    </Hydrate>
  )
}
