import type { LatencySummary } from '@/core/latency-view'
import { Figure, formatCount, formatMs, formatShare } from '../ui/figure'
import { Change } from './change'

/** The whole time, which is measured whatever is known of its parts; errors beside it. */
export function Totals(props: {
  summary: LatencySummary
  before: LatencySummary | null
  what: 'requests' | 'attempts'
}) {
  const { summary, before, what } = props
  const change = (from: number | null | undefined, to: number | null) =>
    before ? (
      <span className="inline-flex gap-1">
        before <Change from={from ?? null} to={to} />
      </span>
    ) : undefined
  const [p50, , p95, p99] = summary.percentiles
  return (
    <div className="grid grid-cols-2 gap-4 @xl:grid-cols-3 @5xl:grid-cols-6">
      <Figure large label="Median" value={formatMs(p50)} note={change(before?.percentiles[0], p50)} />
      <Figure large label="p95" value={formatMs(p95)} note={change(before?.percentiles[2], p95)} />
      <Figure large label="p99" value={formatMs(p99)} note={change(before?.percentiles[3], p99)} />
      <Figure large label="Mean" value={formatMs(summary.meanMs)} note={change(before?.meanMs, summary.meanMs)} />
      <Figure
        large
        label={what === 'requests' ? 'Requests' : 'Attempts'}
        value={formatCount(summary.count)}
        note={before ? `before ${formatCount(before.count)}` : undefined}
      />
      <Figure
        large
        label="Failed"
        value={formatShare(summary.count === 0 ? null : summary.errors / summary.count)}
        note={before ? `before ${formatShare(before.count === 0 ? null : before.errors / before.count)}` : undefined}
      />
    </div>
  )
}
