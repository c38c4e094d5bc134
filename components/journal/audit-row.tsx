import { Ago } from '@/components/ui/ago'
import { cn } from '@/components/ui/cn'
import { actorWords } from './names'
import type { Audited } from './rows'

/** Columns: age, who, what, to what, why. On a narrow screen three lines. */
export const AUDIT_COLUMNS =
  '@2xl:grid-cols-[5.5rem_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.4fr)] @4xl:grid-cols-[5.5rem_minmax(0,12rem)_minmax(0,11rem)_minmax(0,15rem)_minmax(0,1fr)]'

export function AuditRow(props: { entry: Audited; target: string; selected: boolean; onOpen: () => void }) {
  const { entry } = props
  return (
    <div
      className={cn(
        'relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-2 text-sm hover:bg-sunken @2xl:h-9 @2xl:py-0',
        AUDIT_COLUMNS,
        props.selected && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <Ago
        at={entry.at}
        className="relative z-10 order-2 w-fit justify-self-end whitespace-nowrap text-xs text-muted @2xl:order-none @2xl:justify-self-start"
      />
      <span className="order-3 truncate text-muted @2xl:order-none @2xl:text-text" title={entry.actor}>
        {actorWords(entry.actor)}
      </span>
      <button
        type="button"
        data-row
        aria-pressed={props.selected}
        onClick={props.onOpen}
        className="order-1 truncate text-left font-medium after:absolute after:inset-0 @2xl:order-none"
      >
        {entry.action}
        <span className="sr-only">
          {' '}
          of {props.target} by {actorWords(entry.actor)}
        </span>
      </button>
      <span
        className="order-4 w-full truncate text-right text-muted @max-2xl:max-w-44 @2xl:order-none @2xl:text-left"
        title={entry.target}
      >
        {props.target}
      </span>
      <span
        className={cn(
          'order-5 col-span-2 truncate text-muted @2xl:hidden @4xl:order-none @4xl:col-span-1 @4xl:block',
          !entry.reason && '@max-2xl:hidden',
        )}
        title={entry.reason ?? undefined}
      >
        {entry.reason ?? '–'}
      </span>
    </div>
  )
}
