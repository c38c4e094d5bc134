'use client'
import type { LaneView } from '@/core/saga/view'
import { Ago } from '../ui/ago'
import { Glyph } from './glyph'
import type { Shape, Tone } from './glyph-shapes'
import { useMoment } from './moment'
import { duration } from './words'
import { WorkerName } from './worker-name'

const MARKS: Record<string, { shape: Shape; tone: Tone; word: string }> = {
  running: { shape: 'busy', tone: 'healthy', word: 'under way' },
  succeeded: { shape: 'disc', tone: 'healthy', word: 'succeeded' },
  failed: { shape: 'diamond', tone: 'unhealthy', word: 'failed' },
  unknown: { shape: 'question', tone: 'unknown', word: 'no answer' },
}

/** Every attempt with who took it, how long it took and how it ended; the waits between them. */
export function AttemptList({ lane }: { lane: LaneView<string> }) {
  const now = useMoment()
  if (lane.log.length === 0) return <p className="text-sm text-muted">None yet.</p>
  const left = lane.attempts - lane.log.length
  return (
    <div className="grid gap-1">
      {left > 0 ? <p className="text-xs text-muted">The {left} before these are in the history.</p> : null}
      <ol className="divide-y divide-line rounded-md border border-line text-sm">
        {lane.log.map((attempt, at) => {
          const mark = MARKS[attempt.outcome] ?? MARKS.running
          const next = lane.log[at + 1]
          const end = attempt.to ?? now
          return (
            <li key={attempt.fence} className="grid gap-0.5 px-2.5 py-1.5">
              <div className="flex items-center gap-2">
                <span className="w-5 text-xs text-muted tabular-nums">{attempt.attempt}</span>
                {mark ? <Glyph shape={mark.shape} tone={mark.tone} size={13} /> : null}
                <span>{mark?.word}</span>
                <span className="text-muted tabular-nums" suppressHydrationWarning>
                  {end === null ? '' : duration(Math.max(0, end - attempt.from))}
                </span>
                <span className="ml-auto truncate text-xs text-muted" title={`fence ${attempt.fence}`}>
                  <WorkerName worker={attempt.worker} />, <Ago at={attempt.from} />
                </span>
              </div>
              {attempt.error ? (
                <p className="pl-7 text-xs break-words text-muted">
                  <span className="mono text-unhealthy">{attempt.error.code}</span> {attempt.error.message}
                </p>
              ) : null}
              {next && attempt.to !== null ? (
                <p className="pl-7 text-xs text-muted">then waited {duration(Math.max(0, next.from - attempt.to))}</p>
              ) : null}
            </li>
          )
        })}
      </ol>
    </div>
  )
}
