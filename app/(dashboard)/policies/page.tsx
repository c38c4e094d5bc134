import type { Metadata } from 'next'
import { Policies } from '@/components/policies/policies'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'Policies' }

const input = { data: {} }

export default async function PoliciesPage() {
  const state = await prefetched([{ path: 'policies.list', input, read: (caller) => caller.policies.list(input) }])
  return (
    <Hydrate state={state}>
      <Policies />
    </Hydrate>
  )
}
