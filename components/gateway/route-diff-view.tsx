import type { RouteSpec } from '@/core/gateway/route'
import { cn } from '../ui/cn'
import { type RouteChange, routeDiff } from './route-diff'

const MARKS: Record<RouteChange['kind'], { sign: string; word: string; tone: string }> = {
  added: { sign: '+', word: 'added', tone: 'text-healthy' },
  removed: { sign: '−', word: 'removed', tone: 'text-unhealthy' },
  changed: { sign: '~', word: 'changed', tone: 'text-accent' },
  moved: { sign: '↕', word: 'moved', tone: 'text-undo' },
}

/** What becomes of a route, a line a change. */
export function RouteDiffView({ before, after }: { before: RouteSpec | null; after: RouteSpec | null }) {
  const changes = routeDiff(before, after)
  if (changes.length === 0) return <p className="text-sm text-muted">Nothing changes.</p>
  return (
    <dl className="divide-y divide-line rounded-md border border-line bg-surface">
      {changes.map((change, at) => {
        const { sign, word, tone } = MARKS[change.kind]
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same step may be added twice
          <div key={at} className="grid grid-cols-[minmax(0,9.5rem)_minmax(0,1fr)] gap-3 px-2.5 py-1.5">
            <dt className="flex min-w-0 gap-1.5 text-xs leading-5 text-muted">
              <span aria-hidden className={cn('mono w-3 shrink-0 text-center font-semibold', tone)}>
                {sign}
              </span>
              <span className="sr-only">{word}: </span>
              <span className="min-w-0 break-words">{change.what}</span>
            </dt>
            <dd className="min-w-0 text-sm leading-5 break-words">
              {change.before === null ? null : (
                <del className={cn('text-muted decoration-faint', change.kind === 'removed' && 'decoration-unhealthy')}>
                  <span className="sr-only">was </span>
                  {change.before}
                </del>
              )}
              {change.before !== null && change.after !== null ? (
                <span aria-hidden className="mx-1.5 text-faint">
                  →
                </span>
              ) : null}
              {change.after === null ? null : (
                <ins className="font-medium no-underline">
                  <span className="sr-only">{change.before === null ? '' : ' is '}</span>
                  {change.after}
                </ins>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
