'use client'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { cn } from '../ui/cn'
import { formatAge } from '../ui/figure'
import { type State, StateGlyph, stateColour, stateWord } from '../ui/state'
import { boxOf, type Mark, type Segment, type Timeline } from './health-timeline'
import { timeTicks } from './scale'

/** Percent of the width: a short outage is still seen. */
const LEAST = 0.35
const TICKS = 5
/** Percent of the width within which a label would stick out. */
const EDGE = 4

const stateOf = (segment: Segment): State => (segment.state === 'unseen' ? 'unknown' : segment.state)
const wordOf = (segment: Segment) =>
  segment.state === 'unseen' ? 'not known' : segment.state === 'gone' ? 'not registered' : stateWord(segment.state)

const clock = (at: number) => new Date(at).toISOString().slice(11, 19)

/** State, reason, from and to, and who, as one line of text. */
function told(segment: Segment): { main: string; rest: string } {
  const until = segment.open ? 'until now' : `to ${clock(segment.toMs)}`
  const from =
    segment.state === 'unseen'
      ? `Up ${until}`
      : `From ${clock(segment.fromMs)} ${until} UTC, ${formatAge(segment.toMs - segment.fromMs)}`
  const by = segment.actor === null ? '' : `, by ${segment.actor.replace(/^user:/, '')}`
  return { main: `${wordOf(segment)}: ${segment.reason}`, rest: `${from}${by}` }
}

const markTold = (mark: Mark) => ({
  main: mark.summary,
  rest: `${clock(mark.at)} UTC, by ${mark.actor.replace(/^user:/, '')}`,
})

interface Reading {
  row: string
  main: string
  rest: string
  state: State
}

/**
 * What each instance was over time. Segments tell state, reason, time and author when pointed at or reached by the arrow
 * keys, always in the same line below, so that nothing moves. What people did is marked by a hexagon above.
 */
export function HealthStrip(props: {
  rows: Timeline[]
  fromMs: number
  toMs: number
  /** the label of a row, such as a link */
  name: (id: string) => ReactNode
}) {
  const [reading, setReading] = useState<Reading | null>(null)
  return (
    <figure className="grid gap-1" onPointerLeave={() => setReading(null)}>
      <div className="grid gap-1.5">
        {props.rows.map((row) => (
          <Row key={row.instanceId} {...props} row={row} onRead={setReading} />
        ))}
      </div>
      <Axis fromMs={props.fromMs} toMs={props.toMs} />
      <figcaption className="flex min-h-9 items-start gap-2 text-xs text-muted" aria-live="off">
        {reading ? (
          <>
            <StateGlyph state={reading.state} size={10} className="mt-[3px]" />
            <span className="line-clamp-2">
              <span className="font-medium text-text">{reading.row}</span> {reading.main}. <span>{reading.rest}</span>
            </span>
          </>
        ) : (
          'Point at a stretch, or reach it with Tab and the arrow keys, to read state, reason, time and author.'
        )}
      </figcaption>
    </figure>
  )
}

const LANE =
  'grid grid-cols-[minmax(0,6rem)_minmax(0,1fr)] items-center gap-3 sm:grid-cols-[minmax(0,10rem)_minmax(0,1fr)]'

function Row(props: {
  row: Timeline
  fromMs: number
  toMs: number
  name: (id: string) => ReactNode
  onRead: (reading: Reading) => void
}) {
  const { row, fromMs, toMs, onRead } = props
  const [at, setAt] = useState<number | null>(null)
  const last = row.segments.length - 1
  const stop = Math.min(at ?? last, last)
  const read = (segment: Segment) => onRead({ row: row.instanceId, state: stateOf(segment), ...told(segment) })

  function onKey(event: KeyboardEvent<HTMLFieldSetElement>) {
    const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: last }[event.key]
    if (to === undefined || to < 0 || to > last) return
    event.preventDefault()
    setAt(to)
    event.currentTarget.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus()
  }

  return (
    <div className={LANE}>
      <div className="truncate text-xs">{props.name(row.instanceId)}</div>
      <fieldset className="relative h-6 min-w-0" aria-label={`${row.instanceId} over time`} onKeyDown={onKey}>
        {row.segments.map((segment, index) => (
          <Stretch
            // biome-ignore lint/suspicious/noArrayIndexKey: two segments may begin with the same entry, never at the same place
            key={`${segment.seq}-${index}`}
            segment={segment}
            index={index}
            box={boxOf(segment, fromMs, toMs, LEAST)}
            stop={index === stop}
            onRead={() => read(segment)}
            onReach={() => setAt(index)}
          />
        ))}
        {row.marks.map((mark) => (
          <span
            key={mark.seq}
            role="img"
            aria-label={`${markTold(mark).main}, ${markTold(mark).rest}`}
            className="absolute -top-1 z-10 -translate-x-1/2 rounded-full bg-surface p-px"
            style={{ left: `${boxOf({ fromMs: mark.at, toMs: mark.at }, fromMs, toMs, 0).left}%` }}
            onPointerEnter={() => onRead({ row: row.instanceId, state: 'operator', ...markTold(mark) })}
          >
            <StateGlyph state="operator" size={10} />
          </span>
        ))}
      </fieldset>
    </div>
  )
}

function Stretch(props: {
  segment: Segment
  index: number
  box: { left: number; width: number }
  /** reached by Tab; the others by the arrow keys */
  stop: boolean
  onRead: () => void
  onReach: () => void
}) {
  const { segment, box } = props
  const state = stateOf(segment)
  const { main, rest } = told(segment)
  const absent = segment.state === 'gone'
  return (
    <button
      type="button"
      data-at={props.index}
      tabIndex={props.stop ? 0 : -1}
      aria-label={`${main}, ${rest}`}
      onPointerEnter={props.onRead}
      onClick={props.onReach}
      onFocus={() => {
        props.onReach()
        props.onRead()
      }}
      className={cn(
        'absolute flex @container cursor-default items-center overflow-hidden rounded-[2px] border-r border-surface pl-1 focus-visible:z-20',
        segment.state === 'healthy' ? 'inset-y-1.5' : 'inset-y-0.5',
        segment.state === 'unseen' && 'hatched inset-y-1.5',
        segment.state === 'unknown' && 'hatched',
        absent && 'inset-y-1.5 px-0',
      )}
      style={{ left: `${box.left}%`, width: `${box.width}%`, ...fill(segment) }}
    >
      {absent ? <span className="w-full border-t border-dashed border-line-strong" /> : null}
      {segment.state !== 'healthy' && segment.state !== 'unseen' && !absent ? (
        <StateGlyph state={state} size={9} className="hidden @min-[14px]:block" />
      ) : null}
    </button>
  )
}

function fill(segment: Segment) {
  if (segment.state === 'gone' || segment.state === 'unseen') return {}
  const colour = stateColour(stateOf(segment))
  // Healthy is a thin full bar; everything else is taller, in its soft colour over a line in its full one.
  if (segment.state === 'healthy') return { background: colour }
  return { backgroundColor: `color-mix(in oklab, ${colour} 28%, var(--surface))`, borderBottom: `3px solid ${colour}` }
}

function Axis({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  return (
    <div className={LANE} aria-hidden>
      <span className="text-right text-xs text-faint">UTC</span>
      <div className="relative h-4 border-t border-line text-xs text-faint">
        {timeTicks(fromMs, toMs, TICKS)
          .map((at) => ({ at, left: boxOf({ fromMs: at, toMs: at }, fromMs, toMs, 0).left }))
          .filter(({ left }) => left > EDGE && left < 100 - EDGE)
          .map(({ at, left }) => (
            <span key={at} className="absolute -translate-x-1/2" style={{ left: `${left}%` }}>
              {new Date(at).toISOString().slice(11, 16)}
            </span>
          ))}
      </div>
    </div>
  )
}
