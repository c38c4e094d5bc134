import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { ForAdmins } from '@/components/settings/for-admins'
import { Tokens } from '@/components/settings/tokens'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Tokens' }

const input = { data: {} }

export default async function TokensPage() {
  const state = await prefetched([
    { path: 'admin.tokens.list', input, read: (caller) => caller.admin.tokens.list(input) },
  ])
  return (
    <Hydrate state={state}>
      <ForAdmins what="Tokens">
        <Tokens />
      </ForAdmins>
    </Hydrate>
  )
}
