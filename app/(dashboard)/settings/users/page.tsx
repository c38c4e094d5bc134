import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { ForAdmins } from '@/components/settings/for-admins'
import { Users } from '@/components/settings/users'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Users' }

const input = { data: {} }

export default async function UsersPage() {
  const state = await prefetched([
    { path: 'admin.me', input, read: (caller) => caller.admin.me(input) },
    { path: 'admin.users.list', input, read: (caller) => caller.admin.users.list(input) },
  ])
  return (
    <Hydrate state={state}>
      <ForAdmins what="Users">
        <Users />
      </ForAdmins>
    </Hydrate>
  )
}
