'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useMemo, useState } from 'react'
import { useTRPC } from '../trpc'
import { Ago } from '../ui/ago'
import { CopyButton } from '../ui/copy-button'
import { EmptyState } from '../ui/empty-state'
import { ErrorState } from '../ui/error-state'
import { Figure, formatMs } from '../ui/figure'
import { SkeletonRows } from '../ui/skeleton'
import { Outcome } from './exemplar-list'
import { PARTS, partOf, QUALITY_WORDS, SPAN_WORDS } from './parts'
import { type Row, waterfall } from './waterfall'

/** All requests of a trace that are kept, across services, each cut into its parts. */
export function TraceView({ traceId }: { traceId: string }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.telemetry.exemplars.queryOptions({ data: { traceId } }))
  const exemplars = query.data?.exemplars
  const { rows, totalMs, at } = useMemo(() => waterfall(exemplars ?? []), [exemplars])
  const [open, setOpen] = useState<number | null>(null)
  if (query.isError) return <ErrorState message={query.error.message} onRetry={() => void query.refetch()} />
  if (!exemplars) return <SkeletonRows rows={6} />
  const first = rows[0]
  if (!first) {
    return (
      <EmptyState title="This trace is not kept any more">
        Typical requests are kept for three hours, slow and failed ones for a week, all of them while there is room.
      </EmptyState>
    )
  }
  const chosen = rows.find((row) => row.exemplar.key === open) ?? first
  return (
    <div className="grid min-w-0 gap-4">
      <div className="grid grid-cols-3 gap-3">
        <Figure label="Took" value={formatMs(totalMs)} note={<Ago at={at} />} />
        <Figure label="Requests kept" value={rows.length} note={servicesOf(rows)} />
        <Figure
          label="Quality"
          value={QUALITY_WORDS[first.exemplar.cut.quality].label}
          note={first.exemplar.cut.clamped ? 'something claimed too much' : 'of the first request'}
        />
      </div>
      <Legend />
      <ol className="grid min-w-0" aria-label="Requests of the trace">
        {rows.map((row) => (
          <Line key={row.exemplar.key} row={row} totalMs={totalMs} open={row === chosen} onOpen={setOpen} />
        ))}
      </ol>
      <Pieces row={chosen} />
      <p className="flex flex-wrap items-center gap-2 text-xs text-faint">
        <span className="mono break-all">{traceId}</span> <CopyButton text={traceId} label="the trace id" />
      </p>
    </div>
  )
}

function servicesOf(rows: readonly Row[]): string {
  const names = new Set(rows.flatMap((row) => [row.exemplar.caller, row.exemplar.callee]))
  return `across ${names.size} services`
}

export function Legend() {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted" aria-label="Parts">
      {PARTS.map((part) => (
        <li key={part.key} className="flex items-center gap-1.5" title={part.about}>
          <i aria-hidden className="size-2 rounded-[2px]" style={{ background: part.colour }} />
          {part.label}
        </li>
      ))}
    </ul>
  )
}

function Line(props: { row: Row; totalMs: number; open: boolean; onOpen: (key: number) => void }) {
  const { row, totalMs, open } = props
  const { exemplar: e } = row
  const percent = (ms: number) => `${(100 * ms) / (totalMs || 1)}%`
  return (
    <li className="min-w-0 border-b border-line last:border-b-0">
      <button
        type="button"
        aria-pressed={open}
        onClick={() => props.onOpen(e.key)}
        className={`grid w-full min-w-0 gap-1 rounded-sm px-2 py-1.5 text-left hover:bg-sunken ${open ? 'bg-accent-soft' : ''}`}
      >
        <span className="flex min-w-0 items-baseline justify-between gap-3 text-sm">
          <span className="min-w-0 truncate" style={{ paddingLeft: `${Math.min(6, row.depth) * 12}px` }}>
            {row.depth > 0 ? <span className="sr-only">{`step ${row.depth}, `}</span> : null}
            {e.caller} → {e.callee}{' '}
            <span className="mono text-muted">
              {e.method} {e.path}
            </span>
          </span>
          <span className="flex shrink-0 items-baseline gap-3 tabular-nums">
            <span className="text-xs">
              <Outcome exemplar={e} />
            </span>
            {formatMs(e.cut.totalMs)}
          </span>
        </span>
        <span aria-hidden className="relative block h-3 rounded-[2px] bg-sunken">
          {e.spans.map((span, i) => (
            <i
              // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
              key={i}
              className="absolute inset-y-0 min-w-px"
              style={{
                left: percent(row.offsetMs + span.startMs),
                width: percent(span.endMs - span.startMs),
                background: partOf(span.label).colour,
              }}
            />
          ))}
          {e.cut.streamMs > 0 ? (
            <i
              className="hatched absolute inset-y-0"
              style={{ left: percent(row.offsetMs + e.cut.totalMs), width: percent(e.cut.streamMs) }}
            />
          ) : null}
        </span>
        {row.movedMs > 0 || row.orphan ? (
          <span className="text-xs text-faint">
            {row.movedMs > 0
              ? `Placed within its caller: their clocks differ by ${formatMs(row.movedMs)} or more.`
              : 'The request that asked for it is not kept; it is placed by its own clock.'}
          </span>
        ) : null}
      </button>
    </li>
  )
}

/** Each piece of one request, in order. */
function Pieces({ row }: { row: Row }) {
  const { exemplar: e } = row
  return (
    <section aria-label={`Pieces of ${e.caller} → ${e.callee}`} className="grid gap-2">
      <h3 className="text-sm font-semibold">
        {e.caller} → {e.callee}, piece by piece
      </h3>
      {e.error ? <p className="text-sm text-unhealthy">{e.error}</p> : null}
      <ul className="grid text-sm">
        {e.spans.map((span, i) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
            key={i}
            className="grid grid-cols-[0.5rem_minmax(0,1fr)_auto_5rem] items-baseline gap-x-2 border-b border-line py-1"
          >
            <i aria-hidden className="size-2 rounded-[2px]" style={{ background: partOf(span.label).colour }} />
            <span className="truncate">
              {SPAN_WORDS[span.label]}
              {span.attempt !== undefined && e.attempts.length > 1 ? (
                <span className="text-faint">{` (attempt ${span.attempt + 1})`}</span>
              ) : null}
            </span>
            <span className="text-xs text-faint">{`at ${formatMs(span.startMs)}`}</span>
            <span className="text-right">{formatMs(span.endMs - span.startMs)}</span>
          </li>
        ))}
        {e.cut.streamMs > 0 ? (
          <li className="py-1 text-muted">{`then a stream of ${formatMs(e.cut.streamMs)}, not part of the sum`}</li>
        ) : null}
      </ul>
      {e.attempts.length > 0 ? (
        <p className="text-xs text-muted">
          {e.attempts.map((attempt, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place
            <span key={i}>
              {i > 0 ? ', then ' : 'Went to '}
              {attempt.instance === null ? (
                'an unknown instance'
              ) : (
                <Link
                  className="hover:underline"
                  href={`/services/${encodeURIComponent(e.callee)}?instance=${encodeURIComponent(attempt.instance)}`}
                >
                  {attempt.instance}
                </Link>
              )}{' '}
              ({attempt.status ?? 'no answer'})
            </span>
          ))}
          .
        </p>
      ) : null}
    </section>
  )
}
