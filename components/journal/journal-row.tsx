import Link from 'next/link'
import { Ago } from '@/components/ui/ago'
import { cn } from '@/components/ui/cn'
import type { Entry } from './entries'
import { actorWords } from './names'

/** Columns: number, age, kind, what happened, service, who. On a narrow screen two lines. */
export const JOURNAL_COLUMNS = 'md:grid-cols-[4.5rem_5.5rem_11rem_minmax(0,1fr)_minmax(0,9rem)_minmax(0,10rem)]'

export function JournalRow({ entry, selected, onOpen }: { entry: Entry; selected: boolean; onOpen: () => void }) {
  return (
    <div
      className={cn(
        'relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-2 text-sm hover:bg-sunken md:h-9 md:py-0',
        JOURNAL_COLUMNS,
        selected && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <span className="mono order-3 text-xs text-faint md:order-none">{entry.seq}</span>
      <Ago at={entry.at} className="relative z-10 order-2 w-fit whitespace-nowrap text-xs text-muted md:order-none" />
      <span className="order-4 truncate text-xs text-muted md:order-none" title={entry.kind}>
        {entry.kind}
      </span>
      <button
        type="button"
        data-row
        aria-pressed={selected}
        onClick={onOpen}
        title={entry.summary}
        className="order-1 truncate text-left after:absolute after:inset-0 md:order-none"
      >
        {entry.summary}
      </button>
      <span className="hidden min-w-0 md:block">
        {entry.service === null ? null : (
          <Link
            href={`/services/${encodeURIComponent(entry.service)}`}
            className="relative z-10 block w-fit max-w-full truncate text-accent hover:text-accent-hover"
          >
            {entry.service}
          </Link>
        )}
      </span>
      <span className="hidden truncate text-muted md:block" title={entry.actor}>
        {actorWords(entry.actor)}
      </span>
    </div>
  )
}
