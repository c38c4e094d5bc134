'use client'
import type { LoadStatus } from '@/server/demo'
import { Sparkline } from '../charts/sparkline'
import { Figure, formatCount, formatMs, formatRate, formatShare } from '../ui/figure'

const clock = (hour: number) =>
  `${String(Math.floor(hour)).padStart(2, '0')}:${String(Math.floor((hour % 1) * 60)).padStart(2, '0')}`

/** What the customers of the demo meet, and where in its day it is. */
export function LoadPanel({ load }: { load: LoadStatus }) {
  const last = load.points.at(-1)
  const recent = load.points.slice(-10)
  const answered = recent.reduce((sum, point) => sum + point.answered, 0)
  const failed = recent.reduce((sum, point) => sum + point.failed, 0)
  const quarter = load.dayMs / Math.max(1, load.day.length)
  return (
    <section
      aria-label="Customers"
      className="flex flex-wrap items-end gap-x-8 gap-y-4 rounded-lg border border-line bg-surface p-4"
    >
      <Figure
        large
        label="Calls by customers"
        value={last ? formatRate(last.answered) : 'starting'}
        note={last ? `the wave asks for ${formatRate(last.wanted)}` : ''}
      />
      <Figure
        large
        label="Failed, last 10 s"
        value={answered + failed === 0 ? 'no calls' : formatShare(failed / Math.max(1, answered))}
        note={last?.p99Ms == null ? 'no calls' : `p99 ${formatMs(last.p99Ms)}`}
      />
      <Figure
        large
        label="Orders placed"
        value={formatCount(load.orders)}
        note={`${formatCount(load.lostOrders)} lost to failures`}
      />
      <div className="min-w-0">
        <div className="text-xs text-muted">
          A day of {Math.round(load.dayMs / 60_000)} minutes; it is {clock(load.hour)}
        </div>
        <div className="relative mt-1 w-60 max-w-full">
          <Sparkline
            samples={load.day.map((value, at) => ({ at: at * quarter, value }))}
            stepMs={quarter}
            fromMs={0}
            toMs={load.dayMs}
            colour="var(--accent)"
            width={240}
            height={36}
          />
          <span
            aria-hidden
            className="absolute inset-y-0 w-px bg-text"
            style={{ left: `${(load.hour / 24) * 100}%` }}
          />
        </div>
      </div>
    </section>
  )
}
