import Link from 'next/link'
import type { Revision } from '@/core/gateway/view'
import { Ago } from '../../ui/ago'
import { Badge } from '../../ui/badge'
import { cn } from '../../ui/cn'
import { inPlace } from '../../ui/in-place'
import { StateGlyph } from '../../ui/state'
import { who } from '../words'
import { changeWord } from './revision-detail'

/** The history, the newest first, a row each. */
export function RevisionList(props: {
  revisions: readonly Revision[]
  /** in force */
  now: number
  open: number | null
  onOpen: (revision: number) => void
}) {
  return (
    <ol aria-label="Revisions" className="border-t border-line">
      {props.revisions.map((revision) => (
        <li
          key={revision.revision}
          className={cn(
            'relative grid grid-cols-[3rem_minmax(0,1fr)_auto] items-baseline gap-x-3 gap-y-0.5 border-b border-line px-4 py-2 text-sm hover:bg-sunken',
            props.open === revision.revision && 'bg-accent-soft hover:bg-accent-soft',
          )}
        >
          <span className="text-right font-semibold">
            <Link
              href={`/gateway/revisions?revision=${revision.revision}`}
              scroll={false}
              prefetch={false}
              onClick={(event) => inPlace(event, () => props.onOpen(revision.revision))}
              aria-label={`Revision ${revision.revision}`}
              aria-current={props.open === revision.revision ? 'true' : undefined}
              className="after:absolute after:inset-0 hover:underline"
            >
              {revision.revision}
            </Link>
          </span>
          <span className="min-w-0">
            <span className="break-words">{revision.reason}</span>{' '}
            {revision.revision === props.now ? <Badge className="ml-1 text-text">in force</Badge> : null}
            {revision.rolledBackTo === null ? null : (
              <span className="ml-1 inline-flex items-center gap-1 text-xs whitespace-nowrap text-undo">
                <StateGlyph state="undo" size={10} /> back to {revision.rolledBackTo}
              </span>
            )}
            <span className="block truncate text-xs text-muted" title={changesWord(revision)}>
              {changesWord(revision)}
            </span>
          </span>
          <span className="text-right text-xs whitespace-nowrap text-muted">
            {who(revision.actor)}
            <Ago at={revision.at} className="block" />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** `shop changed, orders removed` */
function changesWord({ changes }: Revision): string {
  return changes.map(({ route, before, after }) => `${route} ${changeWord(before, after)}`).join(', ')
}
