import type { Metadata } from 'next'
import { Suspense } from 'react'
import { firstLocks } from '@/components/locks/first-locks'
import { SkeletonRows } from '@/components/ui/skeleton'
import { LockList } from './lock-list'

export const metadata: Metadata = { title: 'Locks' }

export default function LocksPage() {
  return (
    <Suspense fallback={<SkeletonRows rows={12} className="p-4" />}>
      <Loaded />
    </Suspense>
  )
}

async function Loaded() {
  return <LockList first={await firstLocks()} />
}
