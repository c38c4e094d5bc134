'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { TimelineSegment } from '@/core/breaker-view'
import { holdfastError, useTRPC } from '../trpc'
import { Ago, useNow } from '../ui/ago'
import { Segmented } from '../ui/segmented'
import { Skeleton } from '../ui/skeleton'
import { type State, StateGlyph, StateLabel, stateColour } from '../ui/state'
import { MODE_WORD } from './words'

export const RANGES = ['15m', '1h', '24h'] as const
export type Range = (typeof RANGES)[number]
const RANGE_MS: Record<Range, number> = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000 }
const RENEW_MS = 800
const MARKS_LISTED = 12

function stateOf({ effective, override }: TimelineSegment): State {
  return override === null ? effective : 'operator'
}

/** The states of a breaker over time, with what was done to it marked. `seq`: its last change. */
export function Strip(props: { name: string; seq: number; range: Range; onRange: (range: Range) => void }) {
  const { name, seq, range } = props
  const trpc = useTRPC()
  const queries = useQueryClient()
  const now = useNow()
  const step = RANGE_MS[range] / 180
  const to = now === null ? null : Math.ceil(now / step) * step
  const from = to === null ? 0 : to - RANGE_MS[range]
  const { data, error } = useQuery(
    trpc.breakers.timeline.queryOptions(
      { data: { names: [name], fromMs: from } },
      { enabled: to !== null, placeholderData: (before) => before },
    ),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the breaker is what asks for it
  useEffect(() => {
    const queryKey = trpc.breakers.timeline.queryKey()
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey }), RENEW_MS)
    return () => clearTimeout(timer)
  }, [seq])
  const line = data?.timelines[0]
  return (
    <div className="grid gap-3">
      <Segmented
        label="How far back"
        options={RANGES.map((value) => ({ value, label: value }))}
        value={range}
        onChange={props.onRange}
        className="justify-self-start"
      />
      {error ? (
        <p className="text-sm text-muted">{holdfastError(error).message}</p>
      ) : line && to !== null ? (
        <>
          <figure className="grid gap-1">
            <div
              className="relative h-7 overflow-hidden rounded-sm bg-sunken"
              role="img"
              aria-label={words(line.segments)}
            >
              {line.segments.map((segment) => {
                const left = Math.max(0, ((segment.from - from) / (to - from)) * 100)
                const right = Math.min(100, (((segment.to ?? to) - from) / (to - from)) * 100)
                const state = stateOf(segment)
                return (
                  <span
                    key={segment.from}
                    className={`absolute inset-y-1 rounded-xs ${state === 'half-open' ? 'opacity-70' : ''}`}
                    title={segment.override === null ? segment.effective : MODE_WORD[segment.override]}
                    style={{
                      left: `${left}%`,
                      width: `max(3px, ${right - left}%)`,
                      background: stateColour(state),
                      ...(state === 'open' ? { top: 0, bottom: 0 } : {}),
                    }}
                  />
                )
              })}
            </div>
            <div className="relative h-3">
              {line.marks
                .filter(({ byOperator, at }) => byOperator && at >= from)
                .map((mark) => (
                  <span
                    key={mark.seq}
                    className="absolute -translate-x-1/2"
                    style={{ left: `${Math.max(1.5, Math.min(98.5, ((mark.at - from) / (to - from)) * 100))}%` }}
                  >
                    <StateGlyph state="operator" size={10} label={mark.summary} />
                  </span>
                ))}
            </div>
            <figcaption className="flex justify-between text-xs text-muted">
              <span>{range} ago</span>
              <span>now</span>
            </figcaption>
          </figure>
          {line.marks.length === 0 ? (
            <p className="text-sm text-muted">Nothing has changed in this time.</p>
          ) : (
            <ol className="grid gap-1 text-sm">
              {[...line.marks]
                .reverse()
                .slice(0, MARKS_LISTED)
                .map((mark) => (
                  <li key={mark.seq} className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-2">
                    <Ago at={mark.at} className="text-muted tabular-nums" />
                    <span>
                      {mark.byOperator ? (
                        <StateLabel state="operator" word={mark.actor} className="mr-2 text-xs" />
                      ) : null}
                      {mark.summary}
                    </span>
                  </li>
                ))}
            </ol>
          )}
          {line.truncated ? <p className="text-xs text-muted">Older entries are in the journal.</p> : null}
        </>
      ) : (
        <Skeleton className="h-24" />
      )}
    </div>
  )
}

function words(segments: readonly TimelineSegment[]): string {
  const last = segments.at(-1)
  if (!last) return 'no states are known'
  return `${segments.length} states, now ${last.override === null ? last.effective : MODE_WORD[last.override]}`
}
