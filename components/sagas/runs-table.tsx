'use client'
import Link from 'next/link'
import { memo, type RefObject } from 'react'
import type { RunSummary } from '@/core/saga/view'
import { Rows, type RowsHandle } from '../services/rows'
import { Ago, useNow } from '../ui/ago'
import { cn } from '../ui/cn'
import { MarkLabel } from './glyph'
import { currentWords, duration, RUN_MARKS, runHref } from './words'

const GRID =
  '@min-[760px]:grid-cols-[1.25rem_8.5rem_minmax(8rem,0.9fr)_minmax(7rem,1fr)_minmax(10rem,1.6fr)_5.5rem_4rem_5.5rem] @min-[1180px]:grid-cols-[1.25rem_9.5rem_minmax(9rem,0.9fr)_minmax(9rem,1fr)_minmax(12rem,1.8fr)_7rem_4.5rem_6rem_5rem]'

/** Runs, newest first, however many. */
export function RunsTable(props: {
  ids: readonly string[]
  runs: ReadonlyMap<string, RunSummary>
  chosen: ReadonlySet<string>
  onChoose: (id: string, on: boolean) => void
  onChooseAll: (on: boolean) => void
  scroller: RefObject<HTMLElement | null>
  handle: RefObject<RowsHandle | null>
}) {
  const { ids, chosen } = props
  const all = ids.length > 0 && ids.every((id) => chosen.has(id))
  return (
    <div role="table" aria-label="Runs" aria-rowcount={ids.length + 1} className="@container">
      <div role="rowgroup" className="sticky top-0 z-10 bg-bg">
        <div
          role="row"
          className={cn(
            'hidden h-8 items-center gap-x-3 border-b border-line px-4 text-xs font-medium text-muted @min-[760px]:grid',
            GRID,
          )}
        >
          <div role="columnheader">
            <input
              type="checkbox"
              aria-label="Choose all runs listed"
              checked={all}
              onChange={(event) => props.onChooseAll(event.target.checked)}
              className="block size-3.5 accent-(--accent)"
            />
          </div>
          <div role="columnheader">State</div>
          <div role="columnheader">Saga</div>
          <div role="columnheader">Key</div>
          <div role="columnheader">Now at</div>
          <div role="columnheader">Steps</div>
          <div role="columnheader" className="text-right">
            Attempts
          </div>
          <div role="columnheader" className="text-right">
            Started
          </div>
          <div role="columnheader" className="hidden text-right @min-[1180px]:block">
            Took
          </div>
        </div>
      </div>
      <Rows
        keys={ids}
        estimate={37}
        scroller={props.scroller}
        handle={props.handle}
        render={(id, at) => {
          const run = props.runs.get(id)
          return run ? <RunRow run={run} at={at} chosen={chosen.has(id)} onChoose={props.onChoose} /> : null
        }}
      />
    </div>
  )
}

const RunRow = memo(function RunRow(props: {
  run: RunSummary
  at: number
  chosen: boolean
  onChoose: (id: string, on: boolean) => void
}) {
  const { run, chosen } = props
  const mark = RUN_MARKS[run.status]
  const attempts = run.current.reduce((most, { attempts }) => Math.max(most, attempts ?? 0), 0)
  const words = currentWords(run)
  const told = words !== '' ? words : run.error ? `${run.error.step ?? 'run'}: ${run.error.code}` : ''
  return (
    <div
      role="row"
      aria-rowindex={props.at + 2}
      className={cn(
        'relative grid grid-cols-[1.25rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-2 text-sm transition-colors duration-150 hover:bg-sunken @min-[760px]:h-9 @min-[760px]:py-0',
        GRID,
        chosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <div role="cell" className="z-[1] row-span-3 @min-[760px]:row-span-1">
        <input
          type="checkbox"
          aria-label={`Choose run ${run.id}`}
          checked={chosen}
          onChange={(event) => props.onChoose(run.id, event.target.checked)}
          className="block size-3.5 accent-(--accent)"
        />
      </div>
      <div role="cell" className="flex min-w-0 items-center">
        <MarkLabel mark={mark} />
      </div>
      <div role="cell" className="min-w-0 truncate">
        <Link
          href={runHref(run.id)}
          prefetch={false}
          data-row={run.id}
          className="font-medium after:absolute after:inset-0 hover:underline"
        >
          {run.definition}
          <span className="sr-only"> run {run.id}</span>
        </Link>
        <span className="ml-1.5 text-xs text-muted">v{run.version}</span>
      </div>
      <KeyCell run={run} />
      <div
        role="cell"
        className={cn(
          'col-span-2 min-w-0 truncate @min-[760px]:col-span-1',
          run.attention === null ? 'text-muted' : run.status === 'paused' ? 'text-operator' : 'text-unhealthy',
        )}
        title={told}
      >
        {told}
      </div>
      <div role="cell" className="hidden min-w-0 @min-[760px]:block">
        <Progress run={run} />
      </div>
      <div role="cell" className="hidden text-right tabular-nums @min-[760px]:block">
        {attempts === 0 ? <span className="text-muted">–</span> : attempts}
      </div>
      <div role="cell" className="hidden text-right text-muted tabular-nums @min-[760px]:block">
        <Ago at={run.startedAt} />
      </div>
      <div role="cell" className="hidden text-right tabular-nums @min-[1180px]:block">
        <Took run={run} />
      </div>
    </div>
  )
})

/** What a person knows the run by: its idempotency key, else an attribute, else its id. */
function KeyCell({ run }: { run: RunSummary }) {
  const [attribute] = Object.entries(run.attributes)
  const text = run.idempotencyKey ?? (attribute ? `${attribute[0]}: ${attribute[1]}` : run.id)
  return (
    <div role="cell" className="mono min-w-0 truncate text-xs text-muted" title={`${text} · run ${run.id}`}>
      {text}
    </div>
  )
}

/** Steps done and undone among all, as a bar and in words. */
function Progress({ run }: { run: RunSummary }) {
  const { total, done, undone, owed } = run.steps
  const share = (n: number) => `${(n / Math.max(1, total)) * 100}%`
  const kept = Math.max(0, done - undone - owed)
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="flex h-1.5 w-12 overflow-hidden rounded-full bg-line">
        <span className="h-full bg-healthy" style={{ width: share(kept) }} />
        <span className="hatched h-full bg-undo-soft" style={{ width: share(owed) }} />
        <span className="h-full bg-undo" style={{ width: share(undone) }} />
      </span>
      <span className="text-xs whitespace-nowrap text-muted tabular-nums">
        {done}/{total}
        {undone > 0 ? <span className="text-undo"> ↩{undone}</span> : null}
      </span>
    </span>
  )
}

function Took({ run }: { run: RunSummary }) {
  const now = useNow()
  if (run.endedAt !== null) return <>{duration(run.endedAt - run.startedAt)}</>
  return (
    <span className="text-muted" suppressHydrationWarning>
      {now === null ? '–' : `${duration(Math.max(0, now - run.startedAt))}…`}
    </span>
  )
}
