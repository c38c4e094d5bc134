'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useMemo } from 'react'
import { holdfastError, useTRPC } from '../trpc'
import { Ago, useNow } from '../ui/ago'
import { formatAge } from '../ui/figure'
import { Skeleton } from '../ui/skeleton'
import { StateGlyph } from '../ui/state'
import { type Holding, holdings } from './turns'
import { turnWord } from './words'

export const TURNS_SHOWN = 120
/** Asked again at most so often, however fast it goes from hand to hand. */
const RENEW_MS = 1_500
const LISTED = 12

/** Who held it, one after the other, from the journal. */
export function TurnStrip({ resource, version }: { resource: string; version: string }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const options = trpc.locks.history.queryOptions({ data: { resource, limit: TURNS_SHOWN } })
  const { data, error } = useQuery(options)
  const { queryKey } = options
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is what asks for it
  useEffect(() => {
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey }), RENEW_MS)
    return () => clearTimeout(timer)
  }, [version, queries])
  const all = useMemo(() => holdings(data?.turns ?? []), [data])
  const now = useNow()
  if (error) return <p className="text-sm text-muted">{holdfastError(error).message}</p>
  if (!data) return <Skeleton className="h-24" />
  if (data.turns.length === 0) return <p className="text-sm text-muted">Nothing is kept of it in the journal.</p>
  return (
    <div className="grid gap-3">
      {now === null ? <div className="h-12" /> : <Strip all={all} now={now} />}
      <ol className="grid gap-1 text-sm">
        {data.turns.slice(0, LISTED).map((turn) => (
          <li key={turn.seq} className="grid grid-cols-[5.5rem_minmax(0,1fr)_auto] gap-2">
            <Ago at={turn.at} className="text-muted tabular-nums" />
            <span className="truncate" title={turn.summary}>
              {turn.summary}
            </span>
            <span className="text-xs leading-5 text-muted">{turnWord(turn.kind)}</span>
          </li>
        ))}
      </ol>
      <Link
        href={`/journal?key=${encodeURIComponent(`lock/${resource}`)}`}
        className="text-xs text-accent hover:underline"
      >
        All of it in the journal
      </Link>
    </div>
  )
}

const MARK = { expired: 'unhealthy', forced: 'operator', session: 'unknown' } as const
const ENDED = { released: 'released', expired: 'lease ran out', forced: 'taken by force', session: 'instance left' }

function Strip({ all, now }: { all: readonly Holding[]; now: number }) {
  const fromMs = all[0]?.fromMs ?? now
  const span = Math.max(1, now - fromMs)
  const at = (ms: number) => ((Math.min(now, ms) - fromMs) / span) * 100
  const names = [...new Set(all.map(({ name }) => name))]
  return (
    <figure className="grid gap-1">
      <div
        className="relative h-7 overflow-hidden rounded-sm bg-sunken"
        role="img"
        aria-label={`${all.length} holders`}
      >
        {all.map((one) => (
          <span
            key={one.token}
            title={`${one.name}, token ${one.token}, ${formatAge((one.toMs ?? now) - one.fromMs)}${one.end ? `, ${ENDED[one.end]}` : ', holds it'}`}
            className={`absolute inset-y-1 rounded-xs border-r border-bg ${names.indexOf(one.name) % 2 === 0 ? 'bg-healthy' : 'bg-undo'}`}
            style={{ left: `${at(one.fromMs)}%`, width: `max(2px, ${at(one.toMs ?? now) - at(one.fromMs)}%)` }}
          />
        ))}
      </div>
      <div className="relative h-3">
        {all.map((one) =>
          one.end === null || one.end === 'released' ? null : (
            <span
              key={one.token}
              className="absolute -translate-x-1/2"
              style={{ left: `${Math.max(1.5, Math.min(98.5, at(one.toMs ?? now)))}%` }}
            >
              <StateGlyph state={MARK[one.end]} size={10} label={`${one.name}: ${ENDED[one.end]}`} />
            </span>
          ),
        )}
      </div>
      <figcaption className="flex justify-between text-xs text-muted tabular-nums">
        <span suppressHydrationWarning>{formatAge(now - fromMs)} ago</span>
        <span>now</span>
      </figcaption>
    </figure>
  )
}
