import Link from 'next/link'
import { memo } from 'react'
import type { RequestEntry } from '@/core/gateway/view'
import { cn } from '../../ui/cn'
import { formatMs } from '../../ui/figure'
import { inPlace } from '../../ui/in-place'
import { StateGlyph } from '../../ui/state'
import { CutBar } from '../cut-bar'
import { REFUSAL_WORDS, requestState, statusWord } from '../words'

/** Time, outcome, request; route and instance where there is room; how long it took and of what. */
export const LOG_COLUMNS =
  'grid-cols-[minmax(0,1fr)_auto] @2xl:grid-cols-[5.5rem_4.5rem_minmax(0,1fr)_4.5rem_6rem] @4xl:grid-cols-[5.5rem_4.5rem_minmax(0,1.6fr)_minmax(0,0.8fr)_minmax(0,1fr)_4.5rem_7rem]'

export const LogRow = memo(function LogRow(props: {
  entry: RequestEntry
  href: string
  open: boolean
  onOpen: (id: string) => void
}) {
  const { entry } = props
  return (
    <li
      className={cn(
        'relative grid items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-1 text-sm hover:bg-sunken',
        LOG_COLUMNS,
        props.open && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <Clock at={entry.at} />
      <Status entry={entry} />
      <span className="min-w-0 truncate">
        <Link
          href={props.href}
          scroll={false}
          prefetch={false}
          onClick={(event) => inPlace(event, () => props.onOpen(entry.id))}
          aria-current={props.open ? 'true' : undefined}
          title={`${entry.method} ${entry.host}${entry.path}`}
          className="mono after:absolute after:inset-0 hover:underline"
        >
          <span className="text-muted">{entry.method}</span> {entry.path}
        </Link>
        {entry.refusal === null ? null : (
          <span className="ml-2 text-xs text-warning">{REFUSAL_WORDS[entry.refusal].word}</span>
        )}
        {entry.fault ? (
          <span className="ml-2 inline-flex items-center gap-1 text-xs text-operator">
            <StateGlyph state="operator" size={9} /> fault
          </span>
        ) : null}
      </span>
      <span className="hidden truncate text-muted @4xl:block" title={entry.route ?? undefined}>
        {entry.route ?? 'no route'}
      </span>
      <span className="hidden truncate text-muted @4xl:block" title={entry.instance ?? undefined}>
        {entry.instance ?? '–'}
        {entry.attempts > 1 ? <span className="text-warning"> ×{entry.attempts}</span> : null}
      </span>
      <span className="text-right tabular-nums">{formatMs(entry.cut.totalMs)}</span>
      <CutBar cut={entry.cut} className="hidden @2xl:block" />
    </li>
  )
})

function Status({ entry }: { entry: RequestEntry }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap tabular-nums">
      <StateGlyph state={requestState(entry)} size={9} />
      <span className={cn(entry.status === null && 'text-xs text-muted')}>{statusWord(entry)}</span>
    </span>
  )
}

function Clock({ at }: { at: number }) {
  const exact = new Date(at).toISOString()
  return (
    <time
      dateTime={exact}
      title={`${exact.slice(0, 10)} ${exact.slice(11, 23)} UTC`}
      className="mono text-xs text-muted"
    >
      {exact.slice(11, 22)}
    </time>
  )
}
