'use client'
import { useMemo } from 'react'
import type { Phase } from '@/core/saga/event'
import type { HistoryEntry, RunView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { type Bar, type GanttRow, ganttRows, tickStep, timeScale } from './gantt-rows'
import { Glyph } from './glyph'
import { useMoment } from './moment'
import { TallList } from './tall-list'
import { duration, phaseWord } from './words'

const TICKS = 8
const ROW = 25
/** What people did is marked above the bars; more than so many would be a smear, and as many stops of the Tab key. */
const MARKS_MAX = 40

/** Time from the start to the right: attempts as bars, the waits between them as hairlines, what people did above. */
export function Gantt(props: {
  run: RunView
  entries: readonly HistoryEntry[]
  selected: { step: string; phase: Phase } | null
  onSelect: (step: string, phase: Phase) => void
  onAt: (seq: number) => void
}) {
  const { run, entries, selected, onSelect, onAt } = props
  const now = useMoment()
  const rows = useMemo(() => ganttRows(run), [run])
  const keys = useMemo(() => rows.map(({ step, phase }) => `${step}/${phase}`), [rows])
  const to = useMemo(() => {
    let newest = run.updatedAt
    for (const { bars } of rows) for (const bar of bars) newest = Math.max(newest, bar.to ?? bar.from)
    return run.endedAt ?? Math.max(newest, now ?? 0)
  }, [run, rows, now])
  const scale = useMemo(() => timeScale(rows, run.startedAt, to), [rows, run.startedAt, to])
  const acts = useMemo(
    () => entries.filter((entry) => entry.operator && entry.seq <= run.seq).slice(-MARKS_MAX),
    [entries, run.seq],
  )
  if (rows.length === 0) return <p className="px-4 py-6 text-sm text-muted">Nothing has begun yet.</p>
  const percent = (time: number) => `${(scale.at(time) * 100).toFixed(3)}%`
  const ticks = ticksOf(run.startedAt, to, scale.folds)
  return (
    <div className="@container px-4 py-3">
      <p className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <Key className="bg-healthy">done</Key>
        <Key className="bg-undo">undone</Key>
        <Key className="bg-unhealthy">failed</Key>
        <Key className="hatched border border-unknown bg-unknown-soft">no answer</Key>
        <Key className="h-px! self-center bg-warning">waits for its next attempt</Key>
        {acts.length > 0 ? (
          <span className="inline-flex items-center gap-1.5">
            <Glyph shape="hexagon" tone="operator" size={11} /> by a person
          </span>
        ) : null}
        {scale.folds.length > 0 ? <Key className="hatched">silence, folded</Key> : null}
      </p>
      <div className="relative [--label:6.5rem] @min-[700px]:[--label:11rem]">
        <div className="relative ml-(--label) h-9 border-b border-line text-[11px] text-muted tabular-nums">
          {ticks.map((time, at) => (
            <span
              key={time}
              aria-hidden
              className={cn(
                'absolute bottom-0.5 whitespace-nowrap',
                at === 0 ? '' : '-translate-x-1/2',
                at % 3 === 0 ? '' : '@max-[560px]:hidden',
              )}
              style={{ left: percent(time) }}
            >
              {duration(time - run.startedAt)}
            </span>
          ))}
          {acts.map((entry) => (
            <button
              key={entry.seq}
              type="button"
              title={entry.summary}
              aria-label={`After entry ${entry.seq}: ${entry.summary}`}
              onClick={() => onAt(entry.seq)}
              className="absolute top-0 grid size-4 -translate-x-1/2 place-items-center rounded-sm hover:bg-sunken"
              style={{ left: percent(entry.at) }}
            >
              <Glyph shape="hexagon" tone="operator" size={11} />
            </button>
          ))}
        </div>
        <div aria-hidden className="pointer-events-none absolute top-9 right-0 bottom-0 left-(--label)">
          {ticks.map((time) => (
            <span key={time} className="absolute inset-y-0 w-px bg-line" style={{ left: percent(time) }} />
          ))}
          {acts.map((entry) => (
            <span
              key={entry.seq}
              className="absolute inset-y-0 border-l border-dotted border-operator opacity-60"
              style={{ left: percent(entry.at) }}
            />
          ))}
          {scale.folds.map((fold) => (
            <span
              key={fold.from}
              title={`${duration(fold.to - fold.from)} of silence`}
              className="hatched absolute inset-y-0 opacity-60"
              style={{ left: percent(fold.from), right: `${((1 - scale.at(fold.to)) * 100).toFixed(3)}%` }}
            />
          ))}
        </div>
        <TallList
          label="Attempts over time"
          keys={keys}
          heightOf={() => ROW}
          shown={selected ? keys.indexOf(`${selected.step}/${selected.phase}`) : -1}
          render={(at) => {
            const row = rows[at] as GanttRow
            const on = selected?.step === row.step && selected.phase === row.phase
            return <GanttLine row={row} to={to} at={scale.at} selected={on} onSelect={onSelect} />
          }}
        />
      </div>
    </div>
  )
}

function GanttLine(props: {
  row: GanttRow
  to: number
  at: (time: number) => number
  selected: boolean
  onSelect: (step: string, phase: Phase) => void
}) {
  const { row, selected } = props
  const name = phaseWord(row.phase, row.step)
  return (
    <button
      type="button"
      data-column="bars"
      aria-pressed={selected}
      aria-label={`${name}: ${said(row.bars)}`}
      onClick={() => props.onSelect(row.step, row.phase)}
      className={cn(
        'grid h-7 w-full grid-cols-[var(--label)_minmax(0,1fr)] items-center border-b border-line text-left hover:bg-sunken',
        selected && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <span
        className={cn(
          'flex min-w-0 items-center gap-1.5 pr-3 text-xs',
          row.phase === 'undo' ? 'pl-3 text-undo' : row.phase === 'probe' ? 'pl-3 text-muted' : 'font-medium',
        )}
        title={name}
      >
        {row.phase === 'do' ? null : (
          <Glyph
            shape={row.phase === 'undo' ? 'arrow' : 'question'}
            tone={row.phase === 'undo' ? 'undo' : 'muted'}
            size={11}
          />
        )}
        <span className="truncate">{row.step}</span>
      </span>
      <span className="relative block h-full">
        {row.bars.map((bar) => (
          <BarView
            key={`${bar.kind}${bar.from}/${bar.attempt}`}
            bar={bar}
            phase={row.phase}
            to={props.to}
            at={props.at}
          />
        ))}
      </span>
    </button>
  )
}

/** Round times from the start on, none within what is folded. */
function ticksOf(from: number, to: number, folds: readonly { from: number; to: number }[]): number[] {
  const folded = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const step = tickStep(Math.max(1, to - from - folded), TICKS)
  const ticks: number[] = []
  for (let at = 0; at <= to - from && ticks.length < 200; at += step) {
    const fold = folds.find((one) => from + at > one.from && from + at < one.to)
    if (fold) at = Math.floor((fold.to - from) / step) * step
    else ticks.push(from + at)
  }
  return ticks
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
