'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useMemo } from 'react'
import type { Instance } from '@/core/instance'
import { HealthStrip } from '../charts/health-strip'
import { timelines } from '../charts/health-timeline'
import { holdfastError, useTRPC } from '../trpc'
import { useNow } from '../ui/ago'
import { Segmented } from '../ui/segmented'
import { Skeleton } from '../ui/skeleton'
import { HISTORY_LIMIT, RANGE_MS, RANGE_WORDS, RANGES, type Range } from './ranges'
import { Section } from './section'

const ROWS_MAX = 40
/** The right end moves in so many steps over the whole width, rather than every second. */
const STEPS = 240

const worst = (a: Instance, b: Instance) =>
  Number(a.health === 'healthy') - Number(b.health === 'healthy') || (a.id < b.id ? -1 : 1)

/** The instances of a service over time, from the journal. */
export function HistoryStrip(props: {
  name: string
  instances: readonly Instance[]
  range: Range
  onRange: (range: Range) => void
  hrefOf: (id: string) => string
}) {
  const { name, instances, range } = props
  const trpc = useTRPC()
  const history = useQuery(trpc.registry.history.queryOptions({ data: { service: name, limit: HISTORY_LIMIT } }))
  const now = useNow()
  const step = RANGE_MS[range] / STEPS
  const toMs = now === null ? null : Math.ceil(now / step) * step
  const fromMs = toMs === null ? null : toMs - RANGE_MS[range]
  const drawn = useMemo(() => {
    if (fromMs === null || toMs === null || !history.data) return null
    const shown = instances.length > ROWS_MAX ? [...instances].sort(worst).slice(0, ROWS_MAX) : instances
    return timelines(history.data.transitions, shown, instances, fromMs, toMs)
  }, [history.data, instances, fromMs, toMs])
  const oldest = history.data?.transitions.at(-1)
  const cut = history.data?.next != null && oldest !== undefined && fromMs !== null && oldest.at > fromMs
  const left = instances.length - ROWS_MAX
  return (
    <Section
      title={`Health over ${RANGE_WORDS[range]}`}
      aside={
        <Segmented
          label="How far back"
          options={RANGES.map((value) => ({ value, label: value }))}
          value={range}
          onChange={props.onRange}
        />
      }
    >
      {drawn && fromMs !== null && toMs !== null ? (
        <HealthStrip
          rows={drawn.rows}
          fromMs={fromMs}
          toMs={toMs}
          name={(id) => (
            <Link href={props.hrefOf(id)} scroll={false} prefetch={false} className="hover:underline" title={id}>
              {id}
            </Link>
          )}
        />
      ) : history.error ? (
        <p className="text-sm text-muted">{holdfastError(history.error).message}</p>
      ) : (
        <div className="grid gap-1.5 pb-14" role="status" aria-label="Loading the history">
          {instances.slice(0, ROWS_MAX).map(({ id }) => (
            <Skeleton key={id} className="h-6" />
          ))}
        </div>
      )}
      {cut || left > 0 || (drawn?.goneLeftOut ?? 0) > 0 ? (
        <p className="text-xs text-muted">
          {left > 0 ? `${left} more instances are not drawn; those that are not healthy come first. ` : null}
          {drawn && drawn.goneLeftOut > 0 ? `${drawn.goneLeftOut} more that have left are not drawn. ` : null}
          {cut ? (
            <>
              Drawn from the last {HISTORY_LIMIT} entries; the{' '}
              <Link href={`/journal?service=${encodeURIComponent(name)}`} className="text-accent hover:underline">
                journal
              </Link>{' '}
              has the rest.
            </>
          ) : null}
        </p>
      ) : null}
    </Section>
  )
}
