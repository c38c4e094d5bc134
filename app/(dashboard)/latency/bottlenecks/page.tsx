import type { Metadata } from 'next'
import { Suspense } from 'react'
import { BottlenecksPage } from '@/components/latency/bottlenecks'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { SkeletonRows } from '@/components/ui/skeleton'

export const metadata: Metadata = { title: 'Bottlenecks' }

export default function Page() {
  return (
    <Suspense fallback={<SkeletonRows rows={12} className="p-4" />}>
      <Loaded />
    </Suspense>
  )
}

async function Loaded() {
  const input = { data: {} }
  const state = await prefetched([
    { path: 'telemetry.bottlenecks', input, read: (caller) => caller.telemetry.bottlenecks(input) },
  ])
  return (
    <Hydrate state={state}>
      <BottlenecksPage />
    </Hydrate>
  )
}
