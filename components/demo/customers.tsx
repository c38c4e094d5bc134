'use client'
import { useMemo } from 'react'
import type { LoadPoint, LoadStatus } from '@/server/demo'
import { TimeChart } from '../charts/time-chart'
import { Figure, formatCount, formatMs, formatRate, formatShare } from '../ui/figure'
import { Day } from './day'

const STEP_MS = 1_000
const SPAN_MS = 120_000
/** figures are of so many seconds, so that they can be read */
const RECENT_S = 10

/** What customers meet at the storefront: the reason for everything else. */
export function Customers({ load, at }: { load: LoadStatus; at: number }) {
  const { points } = load
  const recent = useMemo(() => sum(points.slice(-RECENT_S)), [points])
  const series = useMemo(() => {
    const of = (read: (point: LoadPoint) => number | null) => points.map((p) => ({ at: p.at, value: read(p) }))
    return {
      requests: [
        { name: 'wanted', colour: 'var(--faint)', samples: of((p) => p.wanted) },
        { name: 'actual', colour: 'var(--accent)', samples: of((p) => p.answered), area: true },
        { name: 'failed', colour: 'var(--unhealthy)', samples: of((p) => p.failed), area: true },
      ],
      times: [
        { name: 'p99', colour: 'var(--warning)', samples: of((p) => p.p99Ms) },
        { name: 'p50', colour: 'var(--accent)', samples: of((p) => p.p50Ms) },
      ],
    }
  }, [points])
  const frame = { fromMs: at - SPAN_MS, toMs: at, stepMs: STEP_MS }
  const nobody = load.running ? 'nobody has come yet' : 'the load generator is starting'
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-5">
        <Figure large label="Requests" value={formatRate(recent.perSec)} note={`last ${RECENT_S} s`} />
        <Figure large label="Failed" value={formatShare(recent.failedShare)} note={`last ${RECENT_S} s`} />
        <Figure
          large
          label="Slowest of a hundred"
          value={formatMs(recent.p99Ms)}
          note={`p99, worst of ${RECENT_S} s`}
        />
        <Figure large label="Orders placed" value={formatCount(load.orders)} note="since the start" />
        <Figure large label="Orders lost" value={formatCount(load.lostOrders)} note="to a failed call" />
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[1fr_1fr_15rem]">
        <TimeChart
          {...frame}
          title="Requests per second"
          series={series.requests}
          format={formatRate}
          empty={nobody}
          atLeast={10}
        />
        <TimeChart
          {...frame}
          title="Time to an answer"
          series={series.times}
          format={formatMs}
          empty={nobody}
          atLeast={100}
        />
        <Day day={load.day} hour={load.hour} minutes={Math.round(load.dayMs / 60_000)} />
      </div>
    </div>
  )
}

function sum(points: readonly LoadPoint[]): {
  perSec: number | null
  failedShare: number | null
  p99Ms: number | null
} {
  let answered = 0
  let failed = 0
  let p99Ms: number | null = null
  for (const point of points) {
    answered += point.answered
    failed += point.failed
    if (point.p99Ms !== null) p99Ms = Math.max(p99Ms ?? 0, point.p99Ms)
  }
  if (points.length === 0) return { perSec: null, failedShare: null, p99Ms: null }
  return { perSec: answered / points.length, failedShare: answered === 0 ? null : failed / answered, p99Ms }
}
