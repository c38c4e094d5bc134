import { cn } from '@/components/ui/cn'
import { type Change, diff, shown } from './diff'

/** What became of a key: changed fields first, what stayed the same folded away. */
export function DiffView(props: { before: unknown; after: unknown; none: string; wide?: boolean }) {
  const { before, after, none, wide = false } = props
  const changes = diff(before, after)
  const moved = changes.filter((change) => change.kind !== 'same')
  const same = changes.filter((change) => change.kind === 'same')
  return (
    <div className="grid gap-2">
      {moved.length === 0 ? <p className="text-sm text-muted">{none}</p> : <Rows changes={moved} wide={wide} />}
      {same.length > 0 ? (
        <details>
          <summary className="cursor-default py-1 text-xs text-muted hover:text-text">
            {same.length === 1 ? '1 field stayed the same' : `${same.length} fields stayed the same`}
          </summary>
          <Rows changes={same} wide={wide} />
        </details>
      ) : null}
    </div>
  )
}

function Rows({ changes, wide }: { changes: readonly Change[]; wide: boolean }) {
  return (
    <dl className="divide-y divide-line rounded-md border border-line">
      {changes.map((change) => (
        <div
          key={change.path}
          className={cn(
            'grid gap-x-3 px-2.5 py-1.5',
            wide ? 'sm:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]' : 'grid-cols-[minmax(0,9rem)_minmax(0,1fr)]',
          )}
        >
          <dt
            className={cn('mono text-xs leading-5 text-muted', wide ? 'break-words' : 'truncate')}
            title={change.path}
          >
            {change.path}
          </dt>
          <dd className="min-w-0 text-sm leading-5 break-words">
            <Values change={change} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Values({ change }: { change: Change }) {
  const { path, kind, before, after } = change
  if (kind === 'same') return <span>{shown(path, after)}</span>
  return (
    <>
      {kind === 'added' ? null : (
        <del className={cn('text-muted decoration-faint', kind === 'removed' && 'decoration-unhealthy')}>
          <span className="sr-only">was </span>
          {shown(path, before)}
        </del>
      )}
      {kind === 'changed' ? (
        <span aria-hidden className="mx-1.5 text-faint">
          →
        </span>
      ) : null}
      {kind === 'removed' ? null : (
        <ins className="font-medium no-underline">
          <span className="sr-only">{kind === 'changed' ? 'is ' : ''}</span>
          {shown(path, after)}
        </ins>
      )}
    </>
  )
}
