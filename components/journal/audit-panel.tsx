'use client'

/** One act, whole: who did what to what, why, and what it was before and after. */
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { holdfastError, useTRPC } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { CopyButton } from '@/components/ui/copy-button'
import { ErrorState } from '@/components/ui/error-state'
import { Sheet } from '@/components/ui/sheet'
import { SkeletonRows } from '@/components/ui/skeleton'
import { DiffView } from './diff-view'
import { exact, Line } from './entry-panel'
import { actorWords, hrefOf } from './names'
import type { Audited } from './rows'

export function AuditPanel(props: {
  id: number
  onClose: () => void
  only: (filter: Record<string, string>) => string
}) {
  const { id } = props
  const trpc = useTRPC()
  const found = useQuery(trpc.audit.list.queryOptions({ data: { before: id + 1, limit: 1 } }))
  const entry = found.data?.entries[0]?.id === id ? found.data.entries[0] : null
  return (
    <Sheet
      label={`Audit entry ${id}`}
      onClose={props.onClose}
      title={
        <>
          <h2 className="text-base font-semibold">{entry?.action ?? `Audit entry ${id}`}</h2>
          <p className="mono truncate text-xs text-muted">{entry?.target ?? ' '}</p>
        </>
      }
      actions={entry ? <CopyButton text={JSON.stringify(entry, null, 2)} label="audit entry as JSON" /> : null}
    >
      {found.isPending ? (
        <SkeletonRows rows={8} />
      ) : found.isError ? (
        <ErrorState message={holdfastError(found.error).message} onRetry={() => void found.refetch()} />
      ) : entry ? (
        <Whole entry={entry} only={props.only} />
      ) : (
        <p className="text-sm text-muted">There is no audit entry {id} (any more).</p>
      )}
    </Sheet>
  )
}

function Whole({ entry, only }: { entry: Audited; only: (filter: Record<string, string>) => string }) {
  const href = hrefOf(entry.target, null)
  return (
    <div className="grid gap-5">
      <dl className="grid gap-1.5 text-sm">
        <Line label="When">
          <time dateTime={new Date(entry.at).toISOString()}>{exact(entry.at)}</time>{' '}
          <Ago at={entry.at} className="whitespace-nowrap text-muted" />
        </Line>
        <Line label="Who" filter={{ href: only({ actor: entry.actor }), words: 'only theirs' }}>
          <span title={entry.actor}>{actorWords(entry.actor)}</span>
        </Line>
        <Line label="What" filter={{ href: only({ action: entry.action }), words: 'only this action' }}>
          {entry.action}
        </Line>
        <Line label="To what" filter={{ href: only({ target: entry.target }), words: 'only this target' }}>
          {href ? (
            <Link href={href} className="mono break-all text-accent hover:text-accent-hover">
              {entry.target}
            </Link>
          ) : (
            <span className="mono break-all">{entry.target}</span>
          )}
        </Line>
        <Line label="Why">{entry.reason ?? <span className="text-muted">no reason was asked for</span>}</Line>
        <Line label="Entry">
          {entry.seq === null ? (
            <span className="text-muted">none in the journal: the registry did not change</span>
          ) : (
            <Link
              href={`/journal?seq=${entry.seq}&before=${entry.seq + 1}`}
              className="text-accent hover:text-accent-hover"
            >
              <span className="mono">{entry.seq}</span> in the journal
            </Link>
          )}
        </Line>
        <Line label="Operation">
          {entry.operationId === null ? (
            <span className="text-muted">without an id</span>
          ) : (
            <span className="flex items-start gap-1">
              <span className="mono min-w-0 break-all text-xs leading-5">{entry.operationId}</span>
              <CopyButton text={entry.operationId} label="operation id" />
            </span>
          )}
        </Line>
      </dl>
      <section className="grid gap-2">
        <h3 className="text-sm font-semibold">Before and after</h3>
        <DiffView
          before={entry.before}
          after={entry.after}
          none="Nothing was recorded of the state before and after."
        />
      </section>
    </div>
  )
}
