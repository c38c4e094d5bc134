'use client'
import { RUN_STATUSES, type RunStatus } from '@/core/saga/state'
import type { Counts } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { formatCount } from '../ui/figure'
import { Glyph } from './glyph'
import { RUN_MARKS } from './words'

/** Runs by state; each total is also the filter for it. */
export function CountsBar(props: {
  counts: Counts
  chosen: readonly RunStatus[]
  onChoose: (state: RunStatus[]) => void
}) {
  const { counts, chosen, onChoose } = props
  const total = RUN_STATUSES.reduce((sum, status) => sum + counts[status], 0)
  const button = 'inline-flex h-7 items-center gap-1.5 rounded-md border px-1.5 text-xs transition-colors duration-150'
  return (
    <fieldset className="-mx-4 flex gap-1.5 overflow-x-auto px-4 pb-0.5 *:shrink-0 md:mx-0 md:flex-wrap md:overflow-visible md:px-0">
      <legend className="sr-only">Runs by state; choose to see only those</legend>
      <button
        type="button"
        aria-pressed={chosen.length === 0}
        onClick={() => onChoose([])}
        className={cn(
          button,
          chosen.length === 0 ? 'border-accent bg-accent-soft text-text' : 'border-line text-muted',
        )}
      >
        <span className="font-medium text-text tabular-nums">{formatCount(total)}</span> all
      </button>
      {RUN_STATUSES.map((status) => {
        const mark = RUN_MARKS[status]
        const on = chosen.includes(status)
        const none = counts[status] === 0
        return (
          <button
            key={status}
            type="button"
            aria-pressed={on}
            onClick={() => onChoose(on ? chosen.filter((s) => s !== status) : [...chosen, status])}
            className={cn(
              button,
              on ? 'border-accent bg-accent-soft text-text' : 'border-line text-muted hover:bg-sunken hover:text-text',
            )}
          >
            <Glyph shape={mark.shape} tone={mark.tone} size={12} className={none ? 'opacity-40' : ''} />
            <span className={cn('tabular-nums', none ? '' : 'font-medium text-text')}>
              {formatCount(counts[status])}
            </span>
            {mark.word}
          </button>
        )
      })}
    </fieldset>
  )
}
