import type { Metadata } from 'next'
import Link from 'next/link'
import { TraceView } from '@/components/latency/trace-view'
import { prefetched } from '@/components/server-caller'
import { Hydrate } from '@/components/trpc'
import { PageHeader } from '@/components/ui/page-header'

export const metadata: Metadata = { title: 'Trace' }

export default async function TracePage({ params }: { params: Promise<{ traceId: string }> }) {
  const { traceId } = await params
  const input = { data: { traceId } }
  const state = await prefetched([
    { path: 'telemetry.exemplars', input, read: (caller) => caller.telemetry.exemplars(input) },
  ])
  return (
    <Hydrate state={state}>
      <div className="mx-auto grid max-w-5xl grid-cols-1 gap-4 p-4 pb-8">
        <PageHeader
          title="One trace"
          description={
            <Link href="/latency" className="text-accent hover:underline">
              All latency
            </Link>
          }
        />
        <TraceView traceId={traceId} />
      </div>
    </Hydrate>
  )
}
