'use client'

/** One entry, whole: who, when, by which operation, and what its key became. */
import { useQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { holdfastError, useTRPC } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { buttonStyle } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { ErrorState } from '@/components/ui/error-state'
import { Sheet } from '@/components/ui/sheet'
import { SkeletonRows } from '@/components/ui/skeleton'
import type { JournalEvent } from '@/core/event'
import { DiffView } from './diff-view'
import { actorWords, hrefOf } from './names'

export function EntryPanel(props: {
  seq: number
  onClose: () => void
  /** the address of the list with one more filter */
  only: (filter: Record<string, string>) => string
}) {
  const { seq } = props
  const trpc = useTRPC()
  const found = useQuery(trpc.journal.list.queryOptions({ data: { before: seq + 1, limit: 1 } }))
  const entry = found.data?.events[0]?.seq === seq ? (found.data.events[0] as JournalEvent) : null
  return (
    <Sheet
      label={`Entry ${seq}`}
      onClose={props.onClose}
      title={
        <>
          <h2 className="text-base font-semibold">
            Entry <span className="mono">{seq}</span>
          </h2>
          <p className="truncate text-xs text-muted">{entry?.kind ?? ' '}</p>
        </>
      }
      actions={entry ? <CopyButton text={JSON.stringify(entry, null, 2)} label="entry as JSON" /> : null}
    >
      {found.isPending ? (
        <SkeletonRows rows={8} />
      ) : found.isError ? (
        <ErrorState message={holdfastError(found.error).message} onRetry={() => void found.refetch()} />
      ) : entry ? (
        <Whole entry={entry} only={props.only} />
      ) : (
        <p className="text-sm text-muted">
          There is no entry {seq} in the journal (any more). Old entries are folded together after the time that the
          control plane is set to keep them.
        </p>
      )}
    </Sheet>
  )
}

function Whole({ entry, only }: { entry: JournalEvent; only: (filter: Record<string, string>) => string }) {
  const trpc = useTRPC()
  const before = useQuery(trpc.journal.list.queryOptions({ data: { key: entry.key, before: entry.seq, limit: 1 } }))
  const previous = before.data?.events[0]
  const href = hrefOf(entry.key, entry.service)
  return (
    <div className="grid gap-5">
      <p className="text-base">{entry.summary}</p>
      <dl className="grid gap-1.5 text-sm">
        <Line label="When">
          <time dateTime={new Date(entry.at).toISOString()}>{exact(entry.at)}</time>{' '}
          <Ago at={entry.at} className="whitespace-nowrap text-muted" />
        </Line>
        <Line label="Who" filter={{ href: only({ actor: entry.actor }), words: 'only theirs' }}>
          <span title={entry.actor}>{actorWords(entry.actor)}</span>
        </Line>
        <Line label="Key" filter={{ href: only({ key: entry.key }), words: 'only this key' }}>
          {href ? (
            <Link href={href} className="mono break-all text-accent hover:text-accent-hover">
              {entry.key}
            </Link>
          ) : (
            <span className="mono break-all">{entry.key}</span>
          )}
        </Line>
        {entry.service === null ? null : (
          <Line label="Service" filter={{ href: only({ service: entry.service }), words: 'only this service' }}>
            <Link
              href={`/services/${encodeURIComponent(entry.service)}`}
              className="break-all text-accent hover:text-accent-hover"
            >
              {entry.service}
            </Link>
          </Line>
        )}
        <Line label="Kind" filter={{ href: only({ kinds: entry.kind }), words: 'only this kind' }}>
          {entry.kind}
        </Line>
        <Line label="Operation">
          {entry.operationId === null ? (
            <span className="text-muted">none: it came about by itself</span>
          ) : (
            <span className="flex items-start gap-1">
              <span className="mono min-w-0 break-all text-xs leading-5">{entry.operationId}</span>
              <CopyButton text={entry.operationId} label="operation id" />
            </span>
          )}
        </Line>
      </dl>
      <section className="grid gap-2">
        <h3 className="text-sm font-semibold">
          {previous ? (
            <>
              What changed since{' '}
              <Link
                href={only({ seq: String(previous.seq) })}
                className="text-accent underline underline-offset-2 hover:text-accent-hover"
              >
                entry <span className="mono">{previous.seq}</span>
              </Link>
            </>
          ) : (
            'What it began with'
          )}
        </h3>
        {before.isPending ? (
          <SkeletonRows rows={4} />
        ) : (
          <DiffView
            before={previous?.value ?? null}
            after={entry.value}
            none={entry.value === null ? 'It is gone; nothing was recorded of it before.' : 'No field changed.'}
          />
        )}
        {entry.value === null && previous ? <p className="text-xs text-muted">After this entry it is gone.</p> : null}
      </section>
      <Link href={`/journal/at?seq=${entry.seq}`} className={buttonStyle({ variant: 'secondary' })}>
        <History aria-hidden />
        Show the registry as it was
      </Link>
    </div>
  )
}

export function exact(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

export function Line(props: { label: string; children: ReactNode; filter?: { href: string; words: string } }) {
  return (
    <div className="grid grid-cols-[5rem_minmax(0,1fr)_auto] items-start gap-x-3">
      <dt className="text-muted">{props.label}</dt>
      <dd className="min-w-0">{props.children}</dd>
      {props.filter ? (
        <dd>
          <Link
            href={props.filter.href}
            className="whitespace-nowrap text-xs text-muted underline-offset-2 hover:text-text hover:underline"
          >
            {props.filter.words}
          </Link>
        </dd>
      ) : null}
    </div>
  )
}
