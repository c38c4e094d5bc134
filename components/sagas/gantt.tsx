'use client'
import { useMemo } from 'react'
import type { Phase } from '@/core/saga/event'
import type { RunView } from '@/core/saga/view'
import { useNow } from '../ui/ago'
import { cn } from '../ui/cn'
import { type Bar, ganttRows, tickStep, timeScale } from './gantt-rows'
import { duration, phaseWord } from './words'

const TICKS = 8

/** Time from the start to the right: attempts as bars, the waits between them as hairlines. */
export function Gantt(props: {
  run: RunView
  selected: { step: string; phase: Phase } | null
  onSelect: (step: string, phase: Phase) => void
}) {
  const { run, selected, onSelect } = props
  const now = useNow()
  const rows = useMemo(() => ganttRows(run), [run])
  const newest = Math.max(run.updatedAt, ...rows.flatMap(({ bars }) => bars.map((bar) => bar.to ?? bar.from)))
  const to = run.endedAt ?? Math.max(newest, now ?? 0)
  const scale = useMemo(() => timeScale(rows, run.startedAt, to), [rows, run.startedAt, to])
  if (rows.length === 0) return <p className="px-4 py-6 text-sm text-muted">Nothing has begun yet.</p>
  const percent = (time: number) => `${(scale.at(time) * 100).toFixed(3)}%`
  const folded = scale.folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const step = tickStep(Math.max(1, to - run.startedAt - folded), TICKS)
  const ticks: number[] = []
  for (let at = 0; at <= to - run.startedAt && ticks.length < 200; at += step) {
    const time = run.startedAt + at
    if (!scale.folds.some((fold) => time > fold.from && time < fold.to)) ticks.push(time)
    else {
      const fold = scale.folds.find((one) => time > one.from && time < one.to)
      if (fold) at = Math.floor((fold.to - run.startedAt) / step) * step
    }
  }
  return (
    <div className="px-4 py-3">
      <p className="mb-2 flex flex-wrap gap-x-4 text-xs text-muted">
        <Key className="bg-healthy">done</Key>
        <Key className="bg-undo">undone</Key>
        <Key className="bg-unhealthy">failed</Key>
        <Key className="hatched bg-unknown-soft">no answer</Key>
        <Key className="h-px! self-center bg-warning">waits for its next attempt</Key>
        {scale.folds.length > 0 ? <span>⫽ silence, folded</span> : null}
      </p>
      <div className="grid grid-cols-[minmax(5rem,11rem)_minmax(0,1fr)]">
        <span />
        <div aria-hidden className="relative h-5 border-b border-line text-[11px] text-faint tabular-nums">
          {ticks.map((time) => (
            <span
              key={time}
              className="absolute bottom-0.5 -translate-x-1/2 first:translate-x-0"
              style={{ left: percent(time) }}
            >
              {duration(time - run.startedAt)}
            </span>
          ))}
        </div>
        <ol aria-label="Attempts over time" className="col-span-2">
          {rows.map((row) => {
            const on = selected?.step === row.step && selected.phase === row.phase
            return (
              <li key={`${row.step}/${row.phase}`}>
                <button
                  type="button"
                  aria-pressed={on}
                  aria-label={`${phaseWord(row.phase, row.step)}: ${said(row.bars)}`}
                  onClick={() => onSelect(row.step, row.phase)}
                  className={cn(
                    'grid h-7 w-full grid-cols-[minmax(5rem,11rem)_minmax(0,1fr)] items-center border-b border-line text-left hover:bg-sunken',
                    on && 'bg-accent-soft hover:bg-accent-soft',
                  )}
                >
                  <span
                    className={cn(
                      'truncate pr-3 text-xs',
                      row.phase === 'undo'
                        ? 'pl-4 text-undo'
                        : row.phase === 'probe'
                          ? 'pl-4 text-muted'
                          : 'font-medium',
                    )}
                    title={phaseWord(row.phase, row.step)}
                  >
                    {row.phase === 'do' ? row.step : `${row.phase} of ${row.step}`}
                  </span>
                  <span className="relative block h-full">
                    {ticks.map((time) => (
                      <span
                        key={time}
                        aria-hidden
                        className="absolute inset-y-0 w-px bg-line"
                        style={{ left: percent(time) }}
                      />
                    ))}
                    {scale.folds.map((fold) => (
                      <span
                        key={fold.from}
                        aria-hidden
                        title={`${duration(fold.to - fold.from)} of silence`}
                        className="hatched absolute inset-y-0 opacity-60"
                        style={{ left: percent(fold.from), right: `${((1 - scale.at(fold.to)) * 100).toFixed(3)}%` }}
                      />
                    ))}
                    {row.bars.map((bar) => (
                      <BarView key={`${bar.kind}${bar.from}`} bar={bar} phase={row.phase} to={to} at={scale.at} />
                    ))}
                  </span>
                </button>
              </li>
            )
          })}
        </ol>
      </div>
    </div>
  )
}

function BarView(props: { bar: Bar; phase: 'do' | 'undo' | 'probe'; to: number; at: (time: number) => number }) {
  const { bar, phase } = props
  const left = props.at(bar.from)
  const width = Math.max(0, props.at(bar.to ?? props.to) - left)
  const title =
    bar.kind === 'backoff'
      ? `waits ${duration((bar.to ?? bar.from) - bar.from)}`
      : `${bar.attempt > 0 ? `attempt ${bar.attempt}, ` : ''}${bar.outcome}${bar.error ? ` (${bar.error})` : ''}, ${duration((bar.to ?? props.to) - bar.from)}${bar.worker ? `, ${bar.worker}` : ''}`
  const forward = phase === 'undo' ? 'bg-undo' : 'bg-healthy'
  return (
    <span
      title={title}
      className={cn(
        'absolute',
        bar.kind === 'backoff'
          ? 'top-1/2 h-px bg-warning'
          : bar.kind === 'wait'
            ? cn('inset-y-2.5 rounded-xs border', phase === 'undo' ? 'border-undo' : 'border-muted')
            : cn(
                'inset-y-2 rounded-xs',
                bar.outcome === 'succeeded' && forward,
                bar.outcome === 'running' &&
                  (phase === 'undo' ? 'border border-undo bg-undo-soft' : 'border border-healthy bg-healthy-soft'),
                bar.outcome === 'failed' && 'bg-unhealthy',
                bar.outcome === 'unknown' && 'hatched border border-unknown bg-unknown-soft',
              ),
      )}
      style={{
        left: `${(left * 100).toFixed(3)}%`,
        width: `max(${bar.kind === 'backoff' ? 0 : 3}px, ${(width * 100).toFixed(3)}%)`,
      }}
    />
  )
}

function Key({ className, children }: { className: string; children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={cn('h-2 w-4 rounded-xs', className)} /> {children}
    </span>
  )
}

function said(bars: readonly Bar[]): string {
  const attempts = bars.filter(({ kind }) => kind === 'attempt')
  const last = bars.at(-1)
  if (attempts.length === 0) return last?.to === null ? 'waits' : 'waited'
  return `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}, the last ${attempts.at(-1)?.outcome}`
}
