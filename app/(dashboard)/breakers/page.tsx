import type { Metadata } from 'next'
import { Suspense } from 'react'
import { serverCaller } from '@/components/server-caller'
import { SkeletonRows } from '@/components/ui/skeleton'
import { BreakerGrid } from './breaker-grid'

export const metadata: Metadata = { title: 'Breakers' }

const FIRST_MAX = 500

export default function BreakersPage() {
  return (
    <Suspense fallback={<SkeletonRows rows={12} className="p-4" />}>
      <Loaded />
    </Suspense>
  )
}

async function Loaded() {
  const caller = await serverCaller()
  const { breakers } = await caller.breakers.list({ data: { limit: FIRST_MAX } })
  return <BreakerGrid first={breakers} />
}
