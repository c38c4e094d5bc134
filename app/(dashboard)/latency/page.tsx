import type { Metadata } from 'next'
import type { SearchParams } from 'nuqs/server'
import { Suspense } from 'react'
import { latencyInput, loadLatencySearch } from '@/components/latency/search-params'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { SkeletonRows } from '@/components/ui/skeleton'
import { LatencyPage } from './latency-page'

export const metadata: Metadata = { title: 'Latency' }

export default function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <Suspense fallback={<SkeletonRows rows={12} className="p-4" />}>
      <Loaded searchParams={searchParams} />
    </Suspense>
  )
}

async function Loaded({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const search = await loadLatencySearch(searchParams)
  const now = Date.now()
  const input = latencyInput(search, now)
  const state = await prefetched([
    { path: 'telemetry.latency', input, read: (caller) => caller.telemetry.latency(input) },
  ])
  return (
    <Hydrate state={state}>
      <LatencyPage firstNow={now} />
    </Hydrate>
  )
}
