import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { Sessions } from '@/components/settings/sessions'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Sessions' }

const own = { data: {} }
const everybody = { data: { userId: null } }

export default async function SessionsPage() {
  const state = await prefetched([
    { path: 'admin.me', input: own, read: (caller) => caller.admin.me(own) },
    { path: 'admin.sessions.list', input: own, read: (caller) => caller.admin.sessions.list(own) },
    { path: 'admin.sessions.list', input: everybody, read: (caller) => caller.admin.sessions.list(everybody) },
  ])
  return (
    <Hydrate state={state}>
      <Sessions />
    </Hydrate>
  )
}
