'use client'
import Link from 'next/link'
import type { EdgeView } from '@/core/topology'
import { Badge } from '../ui/badge'
import { cn } from '../ui/cn'
import { formatAge, formatMs, formatRate, formatShare } from '../ui/figure'
import { errorTone, None } from './figures'

const QUALITY: Record<EdgeView['quality'], { word: string; meaning: string }> = {
  measured: { word: 'measured', meaning: 'all callers report' },
  partial: { word: 'partly measured', meaning: 'some callers have stopped reporting' },
  none: { word: 'no data', meaning: 'nothing in the last window' },
}

/** Who calls a service, or whom it calls, one hop away. */
export function EdgesList({
  edges,
  toward,
  empty,
}: {
  edges: EdgeView[]
  toward: 'callers' | 'callees'
  empty: string
}) {
  if (edges.length === 0) return <p className="text-sm text-muted">{empty}</p>
  return (
    <ul className="grid">
      {edges.map((edge) => (
        <Edge key={edge.id} edge={edge} other={toward === 'callers' ? edge.caller : edge.callee} />
      ))}
    </ul>
  )
}

function Edge({ edge, other }: { edge: EdgeView; other: string }) {
  const quiet = edge.count === 0
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 border-b border-line py-2 text-sm last:border-b-0">
      <span className="flex min-w-0 items-center gap-2">
        <Link href={`/services/${encodeURIComponent(other)}`} className="truncate font-medium hover:underline">
          {other}
        </Link>
        <Badge>{edge.protocol}</Badge>
      </span>
      <span className={cn('text-right font-medium', quiet && 'font-normal text-faint')}>
        {quiet ? 'no traffic' : formatRate(edge.ratePerSec)}
      </span>
      <span className="text-xs text-muted">
        <span title={QUALITY[edge.quality].meaning} className={edge.quality === 'partial' ? 'text-warning' : undefined}>
          {QUALITY[edge.quality].word}
        </span>
        {edge.quality === 'none' ? null : `, ${formatAge(edge.ageMs)} old`}
      </span>
      {quiet ? null : (
        <span className="text-right text-xs text-muted">
          <span className={errorTone(edge.errorShare)}>
            {edge.errorShare === null ? <None /> : formatShare(edge.errorShare)} errors
          </span>
          <span className="ml-3">p50 {edge.p50Ms === null ? <None /> : formatMs(edge.p50Ms)}</span>
          <span className="ml-3">p99 {edge.p99Ms === null ? <None /> : formatMs(edge.p99Ms)}</span>
        </span>
      )}
    </li>
  )
}
