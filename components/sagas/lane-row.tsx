'use client'
import { memo } from 'react'
import type { Breakpoint, Phase } from '@/core/saga/event'
import type { StepView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { BreakpointGutter, UndoBreakpoint } from './breakpoints'
import { Glyph } from './glyph'
import type { LaneRow as Place } from './lane-layout'
import { LaneLink, LaneNode, type Reach } from './lane-rail'
import { LaneTime } from './lane-time'
import { actionWords, markOf } from './words'

export const LANE_GRID =
  'grid-cols-[1.75rem_minmax(0,1fr)_2rem_1.5rem_2rem_minmax(0,0.8fr)_1.75rem] @min-[820px]:grid-cols-[2.25rem_minmax(0,1fr)_10rem_2.25rem_5.5rem_2.25rem_10rem_minmax(0,0.6fr)_2.25rem]'

export interface LaneRowProps {
  row: Place
  later: StepView | null
  isFirst: boolean
  isLast: boolean
  reach: Reach
  back: boolean
  isTurn: boolean
  planned: number | null
  breakpoints: readonly Breakpoint[]
  next: Phase | null
  isHeld: boolean
  pivot: 'passed' | 'ahead' | null
  selected: Phase | null
  onSelect: (step: string, phase: Phase) => void
  /** null: looking only */
  onBreakpoint: ((step: string, at: Breakpoint['at'], on: boolean) => void) | null
  onRunTo: ((step: string) => void) | null
}

/** A step: on the left its do, opposite its undo. */
export const LaneRow = memo(function LaneRow(props: LaneRowProps) {
  const { row, later, planned, next, selected, reach, back } = props
  const { step, group } = row
  const { name } = step
  // A task that is called like its step needs no second line.
  const action = actionWords(step.action)
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
    <div className={cn('group/row border-b border-line', ghost && 'text-faint')}>
      <div className={cn('grid items-stretch', LANE_GRID)}>
        <BreakpointGutter
          step={name}
          breakpoints={props.breakpoints}
          onBreakpoint={props.onBreakpoint}
          onRunTo={step.do.status === 'pending' ? props.onRunTo : null}
        />
        <button
          type="button"
          data-column="do"
          aria-label={`${name}: ${doMark.word}${step.do.error && step.do.status !== 'succeeded' ? `, ${step.do.error.code}` : ''}`}
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
              {step.do.edited ? <Edited /> : null}
              {props.isHeld && next === 'do' ? <Next /> : null}
            </span>
            <span className="mono block truncate text-xs text-muted @max-[819px]:hidden">
              {action === name ? null : <span className="mr-2">{action}</span>}
              {step.do.error && step.do.status !== 'succeeded' ? (
                <span className="text-unhealthy" title={step.do.error.message}>
                  {step.do.error.code}
                </span>
              ) : null}
            </span>
            <span className="flex items-center gap-1.5 text-xs @min-[820px]:hidden">{doMark.word}</span>
          </span>
          <span className="hidden min-w-0 pr-3 text-right @min-[820px]:block">
            <span className={cn('block truncate text-sm', toneText(doMark.tone, ghost))}>
              {doMark.word}
              {probe ? <span className="text-muted"> · {probe.word}</span> : null}
            </span>
            <LaneTime lane={step.do} parked={step.parked} />
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
          data-column="undo"
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
              {step.undo.edited ? <Edited /> : null}
              {props.isHeld && next === 'undo' ? <Next /> : null}
            </span>
            {step.hasUndo ? <LaneTime lane={step.undo} parked={step.undo.status === 'stuck'} /> : null}
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
    </div>
  )
})

/** A person has changed what it is given. */
function Edited() {
  return (
    <span className="ml-1.5 inline-flex items-center gap-1 text-xs font-normal text-operator">
      <Glyph shape="hexagon" tone="operator" size={10} /> edited
    </span>
  )
}

function Next() {
  return (
    <span className="ml-1.5 inline-flex items-center gap-1 text-xs font-normal text-operator">
      <Glyph shape="hexagon-open" tone="operator" size={10} /> next
    </span>
  )
}

/** Steps of one level go beside each other. */
function Bracket({ group }: { group: Place['group'] }) {
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
      faint: 'text-muted',
    } as Record<string, string>
  )[tone] as string
}
