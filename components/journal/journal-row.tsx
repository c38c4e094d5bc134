import Link from 'next/link'
import { Ago } from '@/components/ui/ago'
import { cn } from '@/components/ui/cn'
import { StateGlyph } from '@/components/ui/state'
import type { Entry } from './entries'
import { actorWords, stateOf } from './names'

/**
 * Columns by the room there is, with or without the panel beside the list: number, age, what happened, service; with more
 * room the kind and who. In the least room two lines.
 */
export const JOURNAL_COLUMNS =
  '@2xl:grid-cols-[4rem_5.5rem_minmax(0,1fr)_minmax(0,8rem)] @4xl:grid-cols-[4rem_5.5rem_minmax(0,1fr)_minmax(0,8rem)_minmax(0,9rem)] @6xl:grid-cols-[4.5rem_5.5rem_11.5rem_minmax(0,1fr)_minmax(0,9rem)_minmax(0,10rem)]'

export function JournalRow({ entry, selected, onOpen }: { entry: Entry; selected: boolean; onOpen: () => void }) {
  const state = stateOf(entry)
  return (
    <div
      className={cn(
        'relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-2 text-sm hover:bg-sunken @2xl:h-9 @2xl:py-0',
        JOURNAL_COLUMNS,
        selected && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <span className="order-3 truncate text-xs text-muted @2xl:order-none">
        <span className="mono">{entry.seq}</span>
        <span className="@2xl:hidden"> · {actorWords(entry.actor)}</span>
      </span>
      <Ago
        at={entry.at}
        className="relative z-10 order-2 w-fit justify-self-end whitespace-nowrap text-xs text-muted @2xl:order-none @2xl:justify-self-start"
      />
      <span className="order-4 truncate text-xs text-muted @2xl:hidden @6xl:order-none @6xl:block" title={entry.kind}>
        {entry.kind}
      </span>
      <span className="order-1 flex min-w-0 items-center gap-2 @2xl:order-none">
        <span className="grid w-3 shrink-0 place-items-center">
          {state === null ? (
            <span aria-hidden className="size-1 rounded-full bg-line-strong" />
          ) : (
            <StateGlyph state={state} size={11} />
          )}
        </span>
        <button
          type="button"
          data-row
          aria-pressed={selected}
          onClick={onOpen}
          title={entry.summary}
          className="min-w-0 truncate text-left after:absolute after:inset-0"
        >
          {entry.summary}
        </button>
      </span>
      <span className="hidden min-w-0 @2xl:block">
        {entry.service === null ? null : (
          <Link
            href={`/services/${encodeURIComponent(entry.service)}`}
            className="relative z-10 block w-fit max-w-full truncate text-accent hover:text-accent-hover"
          >
            {entry.service}
          </Link>
        )}
      </span>
      <span className="hidden truncate text-muted @4xl:block" title={entry.actor}>
        {actorWords(entry.actor)}
      </span>
    </div>
  )
}
