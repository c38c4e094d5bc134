import Link from 'next/link'
import { RUN_STATUSES } from '@/core/saga/state'
import type { Counts } from '@/core/saga/view'
import { formatCount } from '../ui/figure'
import { Glyph } from './glyph'
import { RUN_MARKS } from './words'

/** How many runs are in which state, those alone that there are. `saga`: each leads to its runs. */
export function CountMarks({ counts, saga }: { counts: Counts; saga?: string }) {
  const some = RUN_STATUSES.filter((status) => counts[status] > 0)
  if (some.length === 0) return <span className="text-faint">none yet</span>
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1 text-xs">
      {some.map((status) => {
        const mark = RUN_MARKS[status]
        const body = (
          <>
            <Glyph shape={mark.shape} tone={mark.tone} size={12} />
            <span className="font-medium tabular-nums">{formatCount(counts[status])}</span>
            <span className="text-muted">{mark.word}</span>
          </>
        )
        return saga === undefined ? (
          <span key={status} className="inline-flex items-center gap-1.5">
            {body}
          </span>
        ) : (
          <Link
            key={status}
            href={`/sagas?saga=${encodeURIComponent(saga)}&state=${status}`}
            prefetch={false}
            className="inline-flex items-center gap-1.5 hover:underline"
          >
            {body}
          </Link>
        )
      })}
    </span>
  )
}
