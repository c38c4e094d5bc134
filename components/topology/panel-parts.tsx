'use client'

import type { ReactNode } from 'react'
import type { Quality } from '@/core/topology'
import { TimeChart } from '../charts/time-chart'
import { formatAge, formatMs, formatRate, formatShare } from '../ui/figure'
import { errorTone } from './node-card'
import type { Traffic } from './summary'
import type { TrafficHistory } from './use-history'

export function Section(props: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="grid gap-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <h3 className="flex items-baseline justify-between gap-3 text-xs font-medium text-muted">
        {props.title}
        {props.note ? <span className="font-normal text-faint">{props.note}</span> : null}
      </h3>
      {props.children}
    </section>
  )
}

const QUALITY: Record<Quality, string> = {
  measured: 'measured, all callers report',
  partial: 'partial, some callers have stopped reporting',
  none: 'nothing measured',
}

/** Age and quality of figures, in words. */
export function provenance(quality: Quality, ageMs: number | null): string {
  if (quality === 'none') return 'nothing reported'
  return `${QUALITY[quality]}${ageMs === null ? '' : ageMs < 2000 ? ', now' : `, ${formatAge(ageMs)} old`}`
}

/** Rate, errors and latencies in one row; the rate is the largest. */
export function TrafficFigures({ traffic }: { traffic: Traffic }) {
  if (traffic.ratePerSec === 0) return <p className="text-sm text-muted">No traffic in the last 30 s.</p>
  return (
    <dl className="grid grid-cols-4 gap-3">
      <Cell label="rate" value={formatRate(traffic.ratePerSec)} />
      <Cell label="errors" value={formatShare(traffic.errorShare ?? 0)} tone={errorTone(traffic.errorShare ?? 0)} />
      <Cell label="p50" value={traffic.p50Ms === null ? null : formatMs(traffic.p50Ms)} />
      <Cell label="p99" value={traffic.p99Ms === null ? null : formatMs(traffic.p99Ms)} />
    </dl>
  )
}

function Cell(props: { label: string; value: string | null; tone?: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{props.label}</dt>
      <dd
        className={`whitespace-nowrap text-lg font-semibold ${props.tone === 'text-muted' ? '' : (props.tone ?? '')}`}
      >
        {props.value ?? <span className="text-sm font-normal text-faint">not timed</span>}
      </dd>
    </div>
  )
}

/** Rate and errors, and latencies, over the last quarter of an hour. */
export function HistoryCharts({ history, latency }: { history: TrafficHistory; latency: boolean }) {
  const { fromMs, toMs, stepMs, state } = history
  if (toMs === 0) return <div style={{ height: latency ? 300 : 150 }} />
  const span = { fromMs, toMs, stepMs }
  const failed = history.errorShare.some((p) => (p.value ?? 0) > 0)
  const empty =
    state === 'loading'
      ? 'reading…'
      : state === 'failed'
        ? 'the history could not be read'
        : 'no traffic in the last 15 min'
  return (
    <div className="grid gap-3">
      <TimeChart
        {...span}
        title="Calls per second"
        empty={empty}
        format={formatRate}
        height={112}
        series={[{ name: 'calls', colour: 'var(--accent)', samples: history.rate, area: true }]}
      />
      <TimeChart
        {...span}
        title="Share of errors"
        empty={empty}
        format={formatShare}
        atLeast={0.01}
        height={84}
        series={[
          {
            name: 'errors',
            colour: failed ? 'var(--unhealthy)' : 'var(--faint)',
            samples: history.errorShare,
            area: true,
          },
        ]}
      />
      {latency ? (
        <TimeChart
          {...span}
          title="Latency"
          empty={empty}
          format={formatMs}
          height={124}
          series={[
            { name: 'p99', colour: 'var(--warning)', samples: history.p99 },
            { name: 'p50', colour: 'var(--undo)', samples: history.p50 },
          ]}
        />
      ) : null}
    </div>
  )
}
