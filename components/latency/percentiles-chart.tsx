'use client'

import { useMemo } from 'react'
import type { LatencyPeriod, LatencyPoint } from '@/core/latency-view'
import { TimeChart } from '../charts/time-chart'
import { formatMs } from '../ui/figure'

export function PercentilesChart({ period }: { period: LatencyPeriod }) {
  const { points, stepMs, fromMs, toMs } = period
  const series = useMemo(() => {
    const of = (name: string, colour: string, value: (p: LatencyPoint) => number | null) => ({
      name,
      colour,
      samples: points.map((p) => ({ at: p.at, value: value(p) })),
    })
    return [
      of('p99', 'var(--part-queue)', (p) => p.p99Ms),
      of('p95', 'var(--part-network)', (p) => p.p95Ms),
      of('median', 'var(--part-processing)', (p) => p.p50Ms),
    ]
  }, [points])
  return (
    <TimeChart
      title="Percentiles of the whole"
      series={series}
      stepMs={stepMs}
      fromMs={fromMs}
      toMs={toMs}
      format={formatMs}
      height={200}
      empty="Nothing was measured in this time."
    />
  )
}
