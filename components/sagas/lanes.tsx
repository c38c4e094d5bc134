'use client'
import { memo, useMemo } from 'react'
import type { Breakpoint, Phase } from '@/core/saga/event'
import type { RunView, StepView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { BreakpointGutter, UndoBreakpoint } from './breakpoints'
import { Glyph } from './glyph'
import { type LaneRow, laneRows, undoOrder } from './lane-layout'
import { LaneLink, LaneNode, type Reach } from './lane-rail'
import { LaneTime } from './lane-time'
import { actionWords, markOf } from './words'

/** From so many steps on, those out of sight are not laid out. */
const CONTAINED_FROM = 60

export interface LanesProps {
  run: RunView
  /** as it is now, when an earlier moment is looked at: what is still to come shows through */
  later: RunView | null
  selected: { step: string; phase: Phase } | null
  onSelect: (step: string, phase: Phase) => void
  /** numbers the undos that would follow a failure */
  showPlan: boolean
  /** null: looking only */
  onBreakpoint: ((step: string, at: Breakpoint['at'], on: boolean) => void) | null
  onRunTo: ((step: string) => void) | null
}

/** Every undo drawn opposite its do: down the left rail, and back up the right one. */
export function Lanes(props: LanesProps) {
  const { run, later } = props
  const rows = useMemo(() => laneRows(run.lanes), [run.lanes])
  const order = useMemo(() => undoOrder(run.plan.stages), [run.plan])
  const laterByName = useMemo(() => new Map(later?.lanes.map((step) => [step.name, step])), [later])
  const [reach, turnAt] = useMemo(() => [reachOf(rows), turnOf(run, rows)], [run, rows])
  return (
    <div className="@container">
      <div
        aria-hidden
        className={cn('grid h-8 items-center border-b border-line text-xs font-medium text-muted', LANE_GRID)}
      >
        <span />
        <span>Step</span>
        <span className="hidden pr-3 text-right @min-[820px]:block">Do</span>
        <span className="text-center">↓</span>
        <span />
        <span className="text-center">↑</span>
        <span className="pl-3">Undo</span>
        <span className="hidden @min-[820px]:block" />
        <span />
      </div>
      <ol aria-label="Steps and their undos">
        {rows.map((row, at) => (
          <Row
            key={row.step.name}
            row={row}
            later={laterByName.get(row.step.name) ?? null}
            isFirst={at === 0}
            isLast={at === rows.length - 1}
            contained={rows.length >= CONTAINED_FROM}
            reach={at < reach ? 'within' : at === reach ? 'end' : 'beyond'}
            back={run.direction === 'backward'}
            isTurn={at === turnAt}
            planned={props.showPlan ? (order.get(row.step.name) ?? null) : null}
            breakpoints={run.breakpoints}
            next={run.next.find(({ step }) => step === row.step.name)?.phase ?? null}
            isHeld={run.paused !== null}
            pivot={row.step.kind === 'pivot' ? (run.pivotCommitted ? 'passed' : 'ahead') : null}
            selected={props.selected?.step === row.step.name ? props.selected.phase : null}
            onSelect={props.onSelect}
            onBreakpoint={props.onBreakpoint}
            onRunTo={props.onRunTo}
          />
        ))}
      </ol>
    </div>
  )
}

export const LANE_GRID =
  'grid-cols-[1.75rem_minmax(0,1fr)_2rem_1.5rem_2rem_minmax(0,0.8fr)_1.75rem] @min-[820px]:grid-cols-[2.25rem_minmax(0,1fr)_10rem_2.25rem_5.5rem_2.25rem_10rem_minmax(0,0.6fr)_2.25rem]'

/** The last row that the run has come to. */
function reachOf(rows: readonly LaneRow[]): number {
  return rows.findLastIndex(
    ({ step }) => step.do.startedAt !== null || step.do.status === 'succeeded' || step.do.status === 'skipped',
  )
}

/** The row where the run turned back; -1 when it goes forward. */
function turnOf(run: RunView, rows: readonly LaneRow[]): number {
  if (run.direction !== 'backward') return -1
  const { cause } = run
  if (cause?.type === 'step') return rows.findIndex(({ step }) => step.name === cause.step)
  return reachOf(rows)
}

interface RowProps {
  row: LaneRow
  later: StepView | null
  isFirst: boolean
  isLast: boolean
  contained: boolean
  reach: Reach
  back: boolean
  isTurn: boolean
  planned: number | null
  breakpoints: readonly Breakpoint[]
  next: Phase | null
  isHeld: boolean
  pivot: 'passed' | 'ahead' | null
  selected: Phase | null
  onSelect: LanesProps['onSelect']
  onBreakpoint: LanesProps['onBreakpoint']
  onRunTo: LanesProps['onRunTo']
}

const Row = memo(function Row(props: RowProps) {
  const { row, later, planned, next, selected, reach, back } = props
  const { step, group } = row
  const { name } = step
  const doMark = markOf(step, 'do')
  const undoMark = markOf(step, 'undo')
  const ghost = later !== null && step.do.status === 'pending'
  const probe = step.probe && step.probe.status !== 'none' ? markOf(step, 'probe') : null
  const half = (phase: Phase) =>
    cn(
      'flex h-11 min-w-0 items-center text-left transition-colors duration-150 hover:bg-sunken',
      selected === phase && 'bg-accent-soft hover:bg-accent-soft',
    )
  return (
    <li
      className={cn('group/row border-b border-line', ghost && 'text-faint')}
      style={props.contained ? { contentVisibility: 'auto', containIntrinsicSize: 'auto 45px' } : undefined}
    >
      <div className={cn('grid items-stretch', LANE_GRID)}>
        <BreakpointGutter
          step={name}
          breakpoints={props.breakpoints}
          onBreakpoint={props.onBreakpoint}
          onRunTo={step.do.status === 'pending' ? props.onRunTo : null}
        />
        <button
          type="button"
          aria-pressed={selected === 'do'}
          onClick={() => props.onSelect(name, 'do')}
          className={cn(
            half('do'),
            'relative @min-[820px]:col-span-2 @min-[820px]:grid @min-[820px]:grid-cols-[minmax(0,1fr)_10rem]',
          )}
        >
          <Bracket group={group} />
          <span className={cn('min-w-0', group ? 'pl-3' : 'pl-1')}>
            <span className="flex min-w-0 items-center gap-2">
              <span className={cn('truncate font-medium', ghost ? 'text-faint' : 'text-text')} title={name}>
                {name}
              </span>
              {step.kind === 'compensatable' ? null : (
                <span className="rounded-sm border border-line px-1 text-[11px] leading-4 text-muted">{step.kind}</span>
              )}
              {step.carried ? (
                <span className="rounded-sm border border-line px-1 text-[11px] leading-4 text-operator">
                  carried over
                </span>
              ) : null}
              {props.isHeld && next === 'do' ? <Next /> : null}
            </span>
            <span className="mono block truncate text-xs text-faint @max-[819px]:hidden">
              {actionWords(step.action)}
              {step.do.error && step.do.status !== 'succeeded' ? (
                <span className="ml-2 text-unhealthy" title={step.do.error.message}>
                  {step.do.error.code}
                </span>
              ) : null}
            </span>
            <span className="flex items-center gap-1.5 text-xs @min-[820px]:hidden">{doMark.word}</span>
          </span>
          <span className="hidden min-w-0 pr-3 text-right @min-[820px]:block">
            <span className={cn('block truncate text-sm', toneText(doMark.tone, ghost))}>
              {step.parked ? 'waits for you' : doMark.word}
              {probe ? <span className="text-muted"> · {probe.word}</span> : null}
            </span>
            <LaneTime lane={step.do} />
          </span>
        </button>
        <LaneNode
          side="do"
          mark={doMark}
          ghost={ghost ? (later?.do.status ?? null) : null}
          isFirst={props.isFirst}
          isLast={props.isLast}
          passed={step.do.status === 'succeeded' || step.do.status === 'skipped'}
          reach={reach}
          back={back}
        />
        <LaneLink step={step} isTurn={props.isTurn} />
        <LaneNode
          side="undo"
          mark={undoMark}
          ghost={null}
          planned={planned}
          isFirst={props.isFirst}
          isLast={props.isLast}
          passed={step.undo.status === 'compensated' || step.undo.status === 'forced'}
          reach={reach}
          back={back}
        />
        <button
          type="button"
          aria-pressed={selected === 'undo'}
          aria-label={`Undo of ${name}: ${undoMark.word}`}
          disabled={!step.hasUndo}
          onClick={() => props.onSelect(name, 'undo')}
          className={cn(
            half('undo'),
            'pl-3 disabled:cursor-default disabled:hover:bg-transparent @min-[820px]:col-span-2 @min-[820px]:grid @min-[820px]:grid-cols-[10rem_minmax(0,1fr)]',
          )}
        >
          <span className="min-w-0">
            <span className={cn('block truncate text-sm', toneText(undoMark.tone, false))}>
              {undoMark.word}
              {props.isHeld && next === 'undo' ? <Next /> : null}
            </span>
            {step.hasUndo ? <LaneTime lane={step.undo} /> : null}
          </span>
          <span className="hidden min-w-0 @min-[820px]:block">
            {step.undo.error && step.undo.status !== 'compensated' ? (
              <span className="mono block truncate text-xs text-unhealthy" title={step.undo.error.message}>
                {step.undo.error.code}
              </span>
            ) : null}
          </span>
        </button>
        <UndoBreakpoint
          step={name}
          hasUndo={step.hasUndo}
          breakpoints={props.breakpoints}
          onBreakpoint={props.onBreakpoint}
        />
      </div>
      {props.pivot ? (
        <p
          className={cn(
            'flex h-6 items-center gap-3 border-t border-line px-2 text-[11px]',
            props.pivot === 'passed' ? 'text-text' : 'text-muted',
          )}
        >
          <span
            aria-hidden
            className={cn(
              'h-px flex-1',
              props.pivot === 'passed' ? 'bg-text' : 'border-t border-dashed border-line-strong',
            )}
          />
          {props.pivot === 'passed'
            ? 'past the point of no return: nothing above is undone any more'
            : 'point of no return'}
          <span
            aria-hidden
            className={cn(
              'h-px flex-1',
              props.pivot === 'passed' ? 'bg-text' : 'border-t border-dashed border-line-strong',
            )}
          />
        </p>
      ) : null}
    </li>
  )
})

function Next() {
  return (
    <span className="ml-1.5 inline-flex items-center gap-1 text-xs font-normal text-operator">
      <Glyph shape="hexagon-open" tone="operator" size={10} /> next
    </span>
  )
}

/** Steps of one level go beside each other. */
function Bracket({ group }: { group: LaneRow['group'] }) {
  if (group === null) return null
  return (
    <span
      aria-hidden
      className={cn(
        'absolute left-0 w-1.5 border-l border-line-strong',
        group === 'first' && 'top-2 -bottom-px rounded-tl-sm border-t',
        group === 'middle' && 'top-0 -bottom-px',
        group === 'last' && 'top-0 bottom-2 rounded-bl-sm border-b',
      )}
    />
  )
}

function toneText(tone: string, ghost: boolean): string {
  if (ghost) return 'text-faint'
  return (
    {
      healthy: 'text-healthy',
      warning: 'text-warning',
      unhealthy: 'text-unhealthy',
      unknown: 'text-unknown',
      operator: 'text-operator',
      undo: 'text-undo',
      muted: 'text-muted',
      faint: 'text-faint',
    } as Record<string, string>
  )[tone] as string
}
