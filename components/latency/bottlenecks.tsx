'use client'

import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { type ReactNode, useMemo } from 'react'
import type { BottleneckReport } from '@/core/latency-view'
import { Section } from '../services/section'
import { Ago } from '../ui/ago'
import { EmptyState } from '../ui/empty-state'
import { ErrorState } from '../ui/error-state'
import { Figure, formatRate } from '../ui/figure'
import { PageHeader } from '../ui/page-header'
import { Segmented } from '../ui/segmented'
import { SkeletonRows } from '../ui/skeleton'
import { StateLabel } from '../ui/state'
import { LatencyTabs } from './latency-tabs'
import { LittleTable } from './little-table'
import { formatGrowth, formatUse, inOrder, loadByService, loadWord } from './load'
import { PathList } from './path-list'
import { StationsTable } from './stations-table'
import { useBottlenecks } from './use-bottlenecks'

const TIMES = ['1', '1.5', '2', '3', '5', '10'] as const
const TIMES_OPTIONS = TIMES.map((value) => ({ value, label: value === '1' ? 'Now' : `×${value}` }))

/** Which instance is saturated first as the load grows, and whether the figures behind it hold. */
export function BottlenecksPage() {
  const query = useBottlenecks()
  const [at, setAt] = useQueryState('load', parseAsStringLiteral(TIMES).withDefault('1'))
  const report = query.data
  return (
    <div className="h-full overflow-y-auto overflow-x-hidden">
      <div className="grid grid-cols-1 gap-4 p-4 pb-8">
        <PageHeader
          title="Latency"
          description="A path takes no more than its slowest part, T = min(Tᵢ). The use of each part, U = λ·S/c, says which one that is."
        />
        <LatencyTabs active="bottlenecks" />
        {query.isError ? <ErrorState message={query.error.message} onRetry={() => void query.refetch()} /> : null}
        {!report && !query.isError ? <SkeletonRows rows={12} /> : null}
        {report && report.services.length === 0 ? (
          <EmptyState title="No call in the last minute">
            Use is measured from calls through the SDK and the gateway. It shows here within seconds of the first.
          </EmptyState>
        ) : null}
        {report && report.services.length > 0 ? (
          <Told report={report} times={Number(at)}>
            <Segmented
              label="At a load of"
              options={TIMES_OPTIONS}
              value={at}
              onChange={(value) => void setAt(value)}
            />
          </Told>
        ) : null}
      </div>
    </div>
  )
}

function Told(props: { report: BottleneckReport; times: number; children: ReactNode }) {
  const { report, times } = props
  const stations = useMemo(() => inOrder(report), [report])
  const loads = useMemo(() => loadByService(report), [report])
  return (
    <>
      <First report={report} />
      <Section
        title="In the order in which they give way"
        aside={
          <span className="flex flex-wrap items-center gap-2 text-xs text-muted">At a load of {props.children}</span>
        }
      >
        <StationsTable stations={stations} times={times} />
      </Section>
      <div className="grid grid-cols-1 gap-6 2xl:grid-cols-2">
        <Section title="Along each path">
          <PathList paths={report.paths} loads={loads} entryPerSec={report.entryPerSec} times={times} />
        </Section>
        <Section title="Little’s law as a check">
          <p className="max-w-prose text-xs text-muted">
            L = λ·R holds for every system that is stable. The left side is counted while calls are under way, the right
            side comes from what has ended: where they differ, a report is missing, or work piles up.
          </p>
          <LittleTable flows={report.flows} />
        </Section>
      </div>
    </>
  )
}

/** The answer, in one line. */
function First({ report }: { report: BottleneckReport }) {
  const station = report.services.flatMap((s) => s.stations).find((s) => s.id === report.bottleneck)
  const full = station?.utilisation ?? null
  return (
    <section aria-label="What gives way first" className="grid gap-3">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <p className="text-xl font-semibold" data-testid="bottleneck">
          {station
            ? full !== null && full >= 1
              ? `${station.id} is saturated`
              : `${station.id} gives way first`
            : 'Nothing is in use'}
        </p>
        {station ? <StateLabel {...loadWord(full)} /> : null}
        <span className="text-xs text-faint">
          over the last {Math.round(report.windowMs / 1_000)} s, read <Ago at={report.at} />
        </span>
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure
          large
          label="Its use"
          value={formatUse(full)}
          note={station ? `of ${station.concurrency} at a time` : undefined}
        />
        <Figure
          large
          label="The load may grow"
          value={formatGrowth(station?.growth ?? null)}
          note={full !== null && full >= 1 ? 'below ×1: it must shrink' : 'until it is saturated'}
        />
        <Figure
          large
          label="Enters now"
          value={formatRate(report.entryPerSec)}
          note="calls of services that nobody calls"
        />
        <Figure
          large
          label="May enter at most"
          value={report.throughputMaxPerSec === null ? 'no bound known' : formatRate(report.throughputMaxPerSec)}
          note="min(Tᵢ), spread as now"
        />
      </div>
    </section>
  )
}
