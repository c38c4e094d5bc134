'use client'

import Link from 'next/link'
import { Sheet } from '../ui/sheet'
import { TraceView } from './trace-view'

export function TraceSheet({ traceId, onClose }: { traceId: string; onClose: () => void }) {
  return (
    <Sheet
      label="Trace"
      onClose={onClose}
      className="md:w-[36rem]"
      title={
        <div className="grid gap-0.5">
          <h2 className="text-sm font-semibold">One trace</h2>
          <Link href={`/latency/traces/${traceId}`} className="text-xs text-accent hover:underline">
            Open as a page
          </Link>
        </div>
      }
    >
      <TraceView key={traceId} traceId={traceId} />
    </Sheet>
  )
}
