'use client'
import { Pause, Play } from 'lucide-react'
import Link from 'next/link'
import { type FocusEvent, type PointerEvent, useState } from 'react'
import { Legend } from '../../latency/trace-view'
import { usePaused } from '../../live'
import { holdfastError } from '../../trpc'
import { Button, buttonStyle } from '../../ui/button'
import { cn } from '../../ui/cn'
import { EmptyState } from '../../ui/empty-state'
import { ErrorState } from '../../ui/error-state'
import { formatCount } from '../../ui/figure'
import { SkeletonRows } from '../../ui/skeleton'
import { Snippet } from '../../ui/snippet'
import { useGateway } from '../use-gateway'
import { keyOf, SHOWN_MAX } from './buffer'
import { type LogFilter, type LogSearch, logHref } from './filter'
import { LOG_COLUMNS, LogRow } from './log-row'
import { useRequestLog } from './use-request-log'

/** Requests as they come, the newest first. They stand still while somebody points at them, or has paused them. */
export function LogList(props: {
  filter: LogFilter
  search: LogSearch
  open: string | null
  onOpen: (id: string) => void
  onClear: () => void
}) {
  const { filter, search, open } = props
  const paused = usePaused()
  const [holding, setHolding] = useState(false)
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const held = paused || holding
  const { buffer, kept, show } = useRequestLog(filter, held || pointed || focused)
  const { shown, fresh, missed } = buffer
  const filtered = Object.keys(filter).length > 0
  return (
    <section aria-label="Live log" className="@container">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-4 pb-1 text-xs text-muted">
        <Button
          size="sm"
          aria-pressed={holding}
          onClick={() => setHolding(!holding)}
          title={holding ? 'Show requests as they come' : 'Hold what is shown; nothing is lost'}
        >
          {holding ? <Play aria-hidden /> : <Pause aria-hidden />}
          {holding ? 'Go on' : 'Hold the log'}
        </Button>
        <p aria-live="off">
          {shown.length === 0
            ? ''
            : `The newest ${formatCount(shown.length)}${shown.length === SHOWN_MAX ? '; older ones make room' : ''}.`}
          {held ? (paused ? ' All pages are paused.' : ' Held.') : ''}
          {missed > 0 ? ` ${formatCount(missed)} were more than can be followed.` : ''}
        </p>
        <span className="ml-auto flex min-h-7 flex-wrap items-center gap-x-4 gap-y-1">
          <Legend />
          {fresh === 0 ? null : held ? (
            <Button size="sm" variant="quiet" onClick={show}>
              Show {formatCount(fresh)} new
            </Button>
          ) : (
            <span title="They are shown as soon as you point elsewhere">{formatCount(fresh)} new wait</span>
          )}
        </span>
      </div>
      <div
        aria-hidden
        className={cn(
          'hidden items-end gap-x-3 border-y border-line px-4 py-1 text-xs font-medium text-muted @2xl:grid',
          LOG_COLUMNS,
        )}
      >
        <span>Time (UTC)</span>
        <span>Status</span>
        <span>Request</span>
        <span className="hidden @4xl:block">Route</span>
        <span className="hidden @4xl:block">Answered by</span>
        <span className="text-right">Took</span>
        <span>Made of</span>
      </div>
      {shown.length > 0 ? (
        <ol
          aria-label="Requests"
          onPointerEnter={(event: PointerEvent) => setPointed(event.pointerType === 'mouse')}
          onPointerLeave={() => setPointed(false)}
          onFocus={(event: FocusEvent<HTMLElement>) => setFocused(event.target.matches(':focus-visible'))}
          onBlur={() => setFocused(false)}
        >
          {shown.map((entry) => (
            <LogRow
              key={keyOf(entry)}
              entry={entry}
              href={logHref(search, entry.id)}
              open={open === entry.id}
              onOpen={props.onOpen}
            />
          ))}
        </ol>
      ) : kept.isError ? (
        <ErrorState message={holdfastError(kept.error).message} onRetry={() => void kept.refetch()} />
      ) : kept.isPending ? (
        <SkeletonRows rows={10} className="p-4" />
      ) : filtered ? (
        <EmptyState
          title="No request matches"
          action={<Button onClick={props.onClear}>Clear the filters of the log</Button>}
        >
          Those that do appear here as they come.
        </EmptyState>
      ) : (
        <NoRequests />
      )}
    </section>
  )
}

function NoRequests() {
  const { gateway } = useGateway()
  const url = gateway?.url ?? null
  return (
    <EmptyState title="No request has come yet">
      <div className="grid min-w-0 justify-items-center gap-3">
        <p>
          Here is what routes with the middleware <code className="text-xs">access-log</code> let through, and whatever
          fails.
        </p>
        {url === null ? (
          <p>
            No worker of the gateway is connected, so nothing passes. They start with the control plane unless{' '}
            <code className="text-xs">HOLDFAST_GATEWAY_WORKERS</code> is 0.
          </p>
        ) : (
          <>
            <div className="w-96 max-w-full">
              <Snippet label="Command that sends a request" code={`curl -i ${url}/`} />
            </div>
            <Link href="/gateway/try" className={buttonStyle()}>
              Try a request
            </Link>
          </>
        )}
      </div>
    </EmptyState>
  )
}
