import type { Metadata } from 'next'
import { Suspense } from 'react'
import { SkeletonRows } from '@/components/ui/skeleton'
import { ServiceList } from './service-list'

export const metadata: Metadata = { title: 'Services' }

// What the list shows is what the layout has read already: services and edges of the live picture.
export default function ServicesPage() {
  return (
    <Suspense fallback={<SkeletonRows rows={12} className="p-4" />}>
      <ServiceList />
    </Suspense>
  )
}
