import type { Metadata } from 'next'
import { prefetched } from '@/components/server-caller'
import { System } from '@/components/settings/system'
import { Hydrate } from '@/components/trpc'

export const metadata: Metadata = { title: 'System' }

const input = { data: {} }

export default async function SystemPage() {
  const state = await prefetched([{ path: 'system.info', input, read: (caller) => caller.system.info(input) }])
  return (
    <Hydrate state={state}>
      <System />
    </Hydrate>
  )
}
