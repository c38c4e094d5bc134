'use client'
import { ChevronLeft, ChevronRight, SkipForward } from 'lucide-react'
import { useMemo } from 'react'
import type { HistoryEntry } from '@/core/saga/view'
import { DiffView } from '../journal/diff-view'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { Popover } from '../ui/popover'
import { entryMark } from './entry-words'
import { Glyph } from './glyph'
import { toneColour } from './glyph-shapes'
import { digest, type Replay, stepOfEntry } from './replay'

/** Marks drawn at most: more would be a smear. */
const TICKS_MAX = 400

/** Goes through the history: the whole page shows the run as it was after the entry that is chosen. */
export function Scrubber(props: {
  entries: readonly HistoryEntry[]
  complete: boolean
  head: number
  at: number | null
  onAt: (seq: number | null) => void
  replay: Replay
}) {
  const { entries, complete, head, at, onAt, replay } = props
  const here = at === null ? head : Math.min(at, head)
  const entry = complete ? entries[here - 1] : undefined
  const ticks = useMemo(() => ticksOf(entries, head), [entries, head])
  const mark = entry ? entryMark(entry) : null
  return (
    <section
      aria-label="Through the history"
      className={cn('grid gap-1 border-t border-line px-4 pt-1.5 pb-2', at === null ? 'bg-surface' : 'bg-accent-soft')}
    >
      <div className="flex items-center gap-2">
        <Button
          size="icon"
          variant="quiet"
          aria-label="One entry back"
          disabled={!complete || here <= 1}
          onClick={() => onAt(here - 1)}
          className="size-7"
        >
          <ChevronLeft aria-hidden />
        </Button>
        <div className="relative h-7 min-w-0 flex-1">
          <svg
            aria-hidden
            viewBox="0 0 1000 20"
            preserveAspectRatio="none"
            className="absolute inset-x-2 top-1 h-2.5 w-[calc(100%-1rem)]"
          >
            {ticks.map(({ x, colour, tall }) => (
              <path
                key={x}
                d={`M${x} ${tall ? 0 : 7}V20`}
                stroke={colour}
                strokeWidth={tall ? 2 : 1}
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </svg>
          <input
            type="range"
            min={1}
            max={Math.max(1, head)}
            value={here}
            disabled={!complete || head <= 1}
            onChange={(event) => onAt(Number(event.target.value))}
            aria-label="Entry of the history"
            aria-valuetext={entry ? `${here} of ${head}: ${entry.summary}` : `${here} of ${head}`}
            className="scrubber absolute inset-x-0 bottom-0 h-4 w-full"
          />
        </div>
        <Button
          size="icon"
          variant="quiet"
          aria-label="One entry on"
          disabled={at === null}
          onClick={() => onAt(here + 1)}
          className="size-7"
        >
          <ChevronRight aria-hidden />
        </Button>
        <Button size="sm" variant={at === null ? 'quiet' : 'primary'} disabled={at === null} onClick={() => onAt(null)}>
          <SkipForward aria-hidden /> Now
        </Button>
      </div>
      <div className="flex min-h-6 min-w-0 items-center gap-2 text-xs">
        <span className="shrink-0 text-muted tabular-nums">
          {at === null ? `${head} entries` : `as it was after ${here} of ${head}`}
        </span>
        {mark ? <Glyph shape={mark.shape} tone={mark.tone} size={12} /> : null}
        <span className="min-w-0 flex-1 truncate" title={entry?.summary}>
          {entry ? entry.summary : complete ? '' : 'The history is being read…'}
        </span>
        {entry ? (
          <Popover
            label="What this entry changed"
            trigger={
              <Button size="sm" variant="quiet">
                What it changed
              </Button>
            }
            className="w-[min(34rem,calc(100vw-2rem))]"
          >
            <Changed replay={replay.follow(entries)} entry={entry} />
          </Popover>
        ) : null}
      </div>
    </section>
  )
}

function Changed({ replay, entry }: { replay: Replay; entry: HistoryEntry }) {
  const step = stepOfEntry(entry)
  const before = entry.seq === 1 ? null : replay.view(entry.seq - 1)
  const after = replay.view(entry.seq)
  return (
    <div className="grid gap-2">
      <p className="font-medium">{entry.summary}</p>
      <DiffView before={digest(before, step)} after={digest(after, step)} none="Nothing that a person sees." />
    </div>
  )
}

/** Where something worth a look happened. */
function ticksOf(entries: readonly HistoryEntry[], head: number): { x: number; colour: string; tall: boolean }[] {
  const found = new Map<number, { x: number; colour: string; tall: boolean }>()
  for (const entry of entries) {
    const { shape, tone } = entryMark(entry)
    const dull = tone === 'faint' || tone === 'muted' || shape === 'busy' || shape === 'ring'
    const slot = Math.round(((entry.seq - 1) / Math.max(1, head - 1)) * TICKS_MAX)
    const tall = entry.operator || tone === 'unhealthy' || entry.type === 'undo.begun'
    const known = found.get(slot)
    if (known && (known.tall || !tall)) continue
    found.set(slot, {
      x: (slot / TICKS_MAX) * 1_000,
      colour: dull ? 'var(--line-strong)' : toneColour(tone),
      tall,
    })
  }
  return [...found.values()]
}
