'use client'
import Link from 'next/link'
import type { RunView } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { Ago, useNow } from '../ui/ago'
import { Badge } from '../ui/badge'
import { CopyButton } from '../ui/copy-button'
import { Glyph, MarkLabel } from './glyph'
import { causeWords, definitionHref, duration, isEnded, RUN_MARKS, runHref, waitsFor } from './words'

/** What run it is, what it is at, and what it waits for. */
export function RunHeader({ run }: { run: RunView }) {
  const now = useNow()
  const mark = RUN_MARKS[run.status]
  const waits = waitsFor(run, now)
  const cause = causeWords(run, actorWords)
  const byPerson = run.cause?.type === 'cancel' || run.cause?.type === 'compensate'
  return (
    <header className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="flex min-w-0 items-baseline gap-2 text-xl font-semibold">
          <span className="wrap-anywhere">{run.idempotencyKey ?? run.definition}</span>
        </h1>
        <MarkLabel mark={mark} className="text-base font-medium" />
        {run.direction === 'backward' && !isEnded(run.status) ? (
          <Badge className="text-undo">
            <Glyph shape="arrow" tone="undo" size={12} /> on its way back
          </Badge>
        ) : null}
      </div>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Link href={`${definitionHref(run.definition)}?version=${run.version}`} className="text-accent hover:underline">
          {run.definition} v{run.version}
        </Link>
        <span className="flex items-center">
          <span className="mono">{run.id}</span>
          <CopyButton text={run.id} label="the run's id" />
        </span>
        <span>
          started <Ago at={run.startedAt} />
          {run.startedBy ? ` by ${actorWords(run.startedBy.actor)}: ${run.startedBy.reason}` : ''}
        </span>
        <span className="tabular-nums" suppressHydrationWarning>
          {run.endedAt !== null
            ? `took ${duration(run.endedAt - run.startedAt)}`
            : now === null
              ? ''
              : `${duration(Math.max(0, now - run.startedAt))} so far`}
        </span>
        {run.deadlineAt !== null && !isEnded(run.status) ? (
          <span>
            deadline <Ago at={run.deadlineAt} />
          </span>
        ) : null}
        {Object.entries(run.attributes).map(([name, value]) => (
          <Link key={name} href={`/sagas?attr=${encodeURIComponent(`${name}:${value}`)}`} className="hover:text-text">
            <Badge>
              <span className="text-faint">{name}</span> {value}
            </Badge>
          </Link>
        ))}
        {run.parent ? (
          <Link href={runHref(run.parent.runId)} className="text-accent hover:underline">
            child of {run.parent.runId} at {run.parent.step}
          </Link>
        ) : null}
        {run.redriveOf ? (
          <Link href={runHref(run.redriveOf.runId)} className="text-accent hover:underline">
            fork of {run.redriveOf.runId} at {run.redriveOf.step},{' '}
            {run.redriveOf.keys === 'new' ? 'new keys' : 'the same keys'}
          </Link>
        ) : null}
      </p>
      {waits.length > 0 ? (
        <p className="text-sm" aria-live="polite" suppressHydrationWarning>
          <span
            className={
              run.attention === null
                ? ''
                : run.status === 'paused'
                  ? 'font-medium text-operator'
                  : 'font-medium text-unhealthy'
            }
          >
            {waits[0]}
          </span>
          {waits.slice(1, 3).map((line) => (
            <span key={line} className="ml-2 text-muted">
              {line}
            </span>
          ))}
          {waits.length > 3 ? <span className="ml-2 text-muted">And {waits.length - 3} more.</span> : null}
        </p>
      ) : null}
      {cause !== null && byPerson ? (
        <p className="flex items-start gap-2 text-sm text-operator">
          <Glyph shape="hexagon" tone="operator" size={12} className="mt-1" /> {cause}
        </p>
      ) : run.error && isEnded(run.status) && run.status !== 'succeeded' ? (
        <p className="text-sm text-muted">
          Because of {run.error.step ?? 'the run'}:{' '}
          <span className="mono text-xs text-unhealthy">{run.error.code}</span> {run.error.message}
        </p>
      ) : cause !== null && !isEnded(run.status) ? (
        <p className="text-sm text-muted">{cause}</p>
      ) : null}
    </header>
  )
}
