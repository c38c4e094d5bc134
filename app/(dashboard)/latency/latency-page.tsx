'use client'

import { useQueryStates } from 'nuqs'
import { useCallback, useMemo } from 'react'
import { Breakdown } from '@/components/latency/breakdown'
import { EmptyLatency } from '@/components/latency/empty-latency'
import { type Cell, HeatMap } from '@/components/latency/heat-map'
import { KeptRequests } from '@/components/latency/kept-requests'
import { LatencyTabs } from '@/components/latency/latency-tabs'
import { QUALITY_WORDS } from '@/components/latency/parts'
import { PartsChart } from '@/components/latency/parts-chart'
import { PercentilesChart } from '@/components/latency/percentiles-chart'
import { AGAINST, AGAINST_WORDS, RANGE_NAMES, RANGES } from '@/components/latency/ranges'
import { ScopeSelect } from '@/components/latency/scope-select'
import { type LatencySearch, latencySearch } from '@/components/latency/search-params'
import { mainQuality } from '@/components/latency/steps'
import { Totals } from '@/components/latency/totals'
import { TraceSheet } from '@/components/latency/trace-sheet'
import { useLatency } from '@/components/latency/use-latency'
import { Section } from '@/components/services/section'
import { Ago } from '@/components/ui/ago'
import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { PageHeader } from '@/components/ui/page-header'
import { Segmented } from '@/components/ui/segmented'
import { Select } from '@/components/ui/select'
import { SkeletonRows } from '@/components/ui/skeleton'
import { CUT_QUALITIES, type CutQuality } from '@/core/latency'

const formatStep = (ms: number) =>
  ms < 60_000 ? `${ms / 1_000} s` : ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`

const NO_CELL = { from: null, to: null, least: null, below: null }
const RANGE_OPTIONS = RANGE_NAMES.map((value) => ({ value, label: RANGES[value].label }))
const AGAINST_OPTIONS = AGAINST.map((value) => ({ value, label: AGAINST_WORDS[value] }))

export function LatencyPage({ firstNow }: { firstNow: number }) {
  const [search, setSearch] = useQueryStates(latencySearch, { history: 'replace' })
  const query = useLatency(search, firstNow)
  const set = useCallback(
    (next: Partial<LatencySearch>) => void setSearch({ ...NO_CELL, quality: null, ...next }),
    [setSearch],
  )
  const openTrace = useCallback((trace: string) => void setSearch({ trace }, { history: 'push' }), [setSearch])
  const closeTrace = useCallback(() => void setSearch({ trace: null }), [setSearch])
  const { from, to, least, below } = search
  const cell = useMemo<Cell | null>(
    () =>
      from === null || to === null || least === null || below === null
        ? null
        : { fromMs: from, toMs: to, leastMs: least, belowMs: below },
    [from, to, least, below],
  )
  const chooseCell = useCallback(
    (next: Cell | null) =>
      void setSearch(next ? { from: next.fromMs, to: next.toMs, least: next.leastMs, below: next.belowMs } : NO_CELL),
    [setSearch],
  )
  const data = query.data
  const summary = data?.period.summary
  const quality =
    (search.quality !== null && summary?.qualities[search.quality] ? search.quality : null) ??
    (summary ? mainQuality(summary.qualities) : null)
  const what = search.instance === null ? 'requests' : 'attempts'
  const narrowed = search.callee !== null || search.route !== null || search.instance !== null
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto overflow-x-hidden">
        <div className="@container grid grid-cols-1 gap-4 p-4 pb-8">
          <PageHeader
            title="Latency"
            description="Every request is cut into network, processing and queue. The parts sum to its time, and each figure says how it is known."
          />
          <LatencyTabs active="time" />
          <div className="flex flex-wrap items-center gap-2">
            <ScopeSelect search={search} names={data?.names ?? NO_NAMES} onSet={set} />
            <Segmented
              label="Time range"
              options={RANGE_OPTIONS}
              value={search.range}
              onChange={(range) => set({ range })}
            />
            <Select
              label="Compare"
              options={AGAINST_OPTIONS}
              value={search.against}
              onChange={(against) => void setSearch({ against })}
            />
            {data ? (
              <span className="ml-auto text-xs text-faint">
                steps of {formatStep(data.period.stepMs)}, read <Ago at={data.now} />
              </span>
            ) : null}
          </div>
          {query.isError ? <ErrorState message={query.error.message} onRetry={() => void query.refetch()} /> : null}
          {!data && !query.isError ? <SkeletonRows rows={12} /> : null}
          {data && summary && summary.count === 0 ? (
            narrowed || search.range !== '7d' ? (
              <Nothing
                narrowed={narrowed}
                onAll={() => set({ caller: null, callee: null, route: null, instance: null, range: '7d' })}
              />
            ) : (
              <EmptyLatency />
            )
          ) : null}
          {data && summary && quality && summary.count > 0 ? (
            <>
              <Totals summary={summary} before={data.compare?.summary ?? null} what={what} />
              <div className="grid grid-cols-1 gap-6 @5xl:grid-cols-[minmax(0,1fr)_35rem]">
                <Section
                  title={what === 'requests' ? 'Time of the mean request' : 'Time of the mean attempt'}
                  aside={
                    <QualityChoice
                      counts={summary.qualities}
                      value={quality}
                      onChange={(q) => void setSearch({ quality: q })}
                    />
                  }
                >
                  <PartsChart period={data.period} quality={quality} />
                </Section>
                <Section title="Of what it consists">
                  <Breakdown quality={quality} summary={summary} before={data.compare?.summary ?? null} what={what} />
                </Section>
              </div>
              {data.period.truncated ? (
                <p className="text-xs text-warning">
                  There is more than can be read at once: narrow the service or the time to see all of it.
                </p>
              ) : null}
              <div className="grid grid-cols-1 gap-6 @5xl:grid-cols-2">
                <PercentilesChart period={data.period} />
                <HeatMap
                  heatmap={data.period.heatmap}
                  fromMs={data.period.fromMs}
                  toMs={data.period.toMs}
                  stepMs={data.period.stepMs}
                  chosen={cell}
                  onChoose={chooseCell}
                  what={what}
                />
              </div>
              <KeptRequests
                search={search}
                cell={cell}
                firstNow={firstNow}
                onClearCell={() => chooseCell(null)}
                onOnly={(only) => void setSearch({ only })}
                onOpen={openTrace}
              />
            </>
          ) : null}
        </div>
      </div>
      {search.trace === null ? null : <TraceSheet traceId={search.trace} onClose={closeTrace} />}
    </div>
  )
}

const NO_NAMES = { routes: [], instances: [] }

function Nothing({ narrowed, onAll }: { narrowed: boolean; onAll: () => void }) {
  return (
    <EmptyState title="No calls in this time" action={<Button onClick={onAll}>Show all calls of 7 days</Button>}>
      {narrowed ? 'Nobody has called it, or nobody who reports.' : 'Nobody who reports has called anybody.'}
    </EmptyState>
  )
}

/** Qualities are never averaged together, so one is shown at a time. */
function QualityChoice(props: {
  counts: Partial<Record<CutQuality, { count: number }>>
  value: CutQuality
  onChange: (quality: CutQuality) => void
}) {
  const present = CUT_QUALITIES.filter((quality) => props.counts[quality])
  if (present.length < 2) {
    return (
      <span className="text-xs text-muted" title={QUALITY_WORDS[props.value].about}>
        {QUALITY_WORDS[props.value].label}
      </span>
    )
  }
  return (
    <Segmented
      label="Quality"
      options={present.map((value) => ({ value, label: QUALITY_WORDS[value].label }))}
      value={props.value}
      onChange={props.onChange}
    />
  )
}
