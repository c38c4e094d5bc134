'use client'
import { useMemo } from 'react'
import type { Breakpoint, Phase } from '@/core/saga/event'
import type { RunView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { laneRows, type LaneRow as Place, undoOrder } from './lane-layout'
import { LANE_GRID, LaneRow } from './lane-row'
import { TallList } from './tall-list'

/** px, with the hairline below; a pivot has a line of its own under it */
const ROW = 40
const PIVOT_LINE = 22

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
  const keys = useMemo(() => rows.map(({ step }) => step.name), [rows])
  const next = useMemo(() => new Map(run.next.map(({ step, phase }) => [step, phase])), [run.next])
  const shown = props.selected ? keys.indexOf(props.selected.step) : -1
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
      <TallList
        label="Steps and their undos"
        keys={keys}
        heightOf={(at) => ROW + (rows[at]?.step.kind === 'pivot' ? PIVOT_LINE : 0)}
        shown={shown}
        render={(at) => {
          const row = rows[at]
          return row ? (
            <LaneRow
              row={row}
              later={laterByName.get(row.step.name) ?? null}
              isFirst={at === 0}
              isLast={at === rows.length - 1}
              reach={at < reach ? 'within' : at === reach ? 'end' : 'beyond'}
              back={run.direction === 'backward'}
              isTurn={at === turnAt}
              planned={props.showPlan ? (order.get(row.step.name) ?? null) : null}
              breakpoints={run.breakpoints}
              next={next.get(row.step.name) ?? null}
              isHeld={run.paused !== null}
              pivot={row.step.kind === 'pivot' ? (run.pivotCommitted ? 'passed' : 'ahead') : null}
              selected={props.selected?.step === row.step.name ? props.selected.phase : null}
              onSelect={props.onSelect}
              onBreakpoint={props.onBreakpoint}
              onRunTo={props.onRunTo}
            />
          ) : null
        }}
      />
    </div>
  )
}

/** The last row that the run has come to. */
function reachOf(rows: readonly Place[]): number {
  return rows.findLastIndex(
    ({ step }) => step.do.startedAt !== null || step.do.status === 'succeeded' || step.do.status === 'skipped',
  )
}

/** The row where the run turned back; -1 when it goes forward. */
function turnOf(run: RunView, rows: readonly Place[]): number {
  if (run.direction !== 'backward') return -1
  const { cause } = run
  if (cause?.type === 'step') return rows.findIndex(({ step }) => step.name === cause.step)
  return reachOf(rows)
}
