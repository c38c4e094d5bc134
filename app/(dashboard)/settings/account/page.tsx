import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { Account } from '@/components/settings/account'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Account' }

const input = { data: {} }

export default async function AccountPage() {
  const state = await prefetched([
    { path: 'admin.me', input, read: (caller) => caller.admin.me(input) },
    { path: 'admin.sessions.list', input, read: (caller) => caller.admin.sessions.list(input) },
  ])
  return (
    <Hydrate state={state}>
      <Account />
    </Hydrate>
  )
}
