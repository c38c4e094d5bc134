'use client'
import { ChevronDown, GitFork, ListOrdered, Pause, PencilLine, Play, StepForward } from 'lucide-react'
import type { RunView } from '@/core/saga/view'
import { Button } from '../ui/button'
import { Menu, type MenuItem } from '../ui/menu'
import { useActing } from './acting'
import { BreakpointsMenu } from './breakpoints-menu'
import { QuietLight } from './quiet-light'
import { RunLegend } from './run-legend'
import { isEnded, phaseWord } from './words'

/** Steps offered in a menu; all others have the same in their row. */
const CHOICES_MAX = 40

/** What moves a run: pause, go on, step by step, up to a step, back, or to its end. */
export function DebuggerBar(props: { run: RunView; showPlan: boolean; onPlan: (on: boolean) => void }) {
  const { run, showPlan } = props
  const { may, why, reason, act, changeReason } = useActing()
  const ended = isEnded(run.status)
  const pending = run.lanes.filter((step) => step.do.status === 'pending')
  const backward = run.direction === 'backward'
  const [next] = run.next
  const more: (MenuItem | null)[] = [
    { label: 'Compensate now…', onSelect: () => act({ kind: 'compensate' }), disabled: backward || run.pivotCommitted },
    {
      label: 'Cancel…',
      onSelect: () => act({ kind: 'cancel' }),
      disabled: backward || run.pivotCommitted || run.asked?.for === 'cancel',
    },
    null,
    { label: 'Terminate without undo…', onSelect: () => act({ kind: 'terminate' }), danger: true },
  ]
  return (
    <div role="toolbar" aria-label="Debugger" className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
      <QuietLight run={run} />
      {!may ? (
        <p className="text-xs text-muted">Looking only. {why}</p>
      ) : ended ? (
        <Button onClick={() => act({ kind: 'redrive', step: null })}>
          <GitFork aria-hidden /> Redrive as a fork
        </Button>
      ) : (
        <>
          {run.paused ? (
            <Button variant="primary" title="Continue (c)" onClick={() => act({ kind: 'continue' })}>
              <Play aria-hidden /> Continue
            </Button>
          ) : (
            <Button title="Pause (c)" onClick={() => act({ kind: 'pause' })}>
              <Pause aria-hidden /> Pause
            </Button>
          )}
          <span className="flex">
            <Button
              disabled={!run.paused}
              title={next ? `Step over ${phaseWord(next.phase, next.step)} (n)` : 'Step over (n)'}
              onClick={() => act({ kind: 'step' })}
              className="rounded-r-none"
            >
              <StepForward aria-hidden /> Step over
            </Button>
            <Menu
              align="start"
              trigger={
                <Button
                  disabled={!run.paused || run.next.length < 2}
                  aria-label="Choose what to step over"
                  className="-ml-px rounded-l-none px-1.5"
                >
                  <ChevronDown aria-hidden />
                </Button>
              }
              items={run.next.slice(0, CHOICES_MAX).map(({ step, phase }) => ({
                label: phaseWord(phase, step),
                onSelect: () => act({ kind: 'step', step, phase }),
              }))}
            />
          </span>
          <Menu
            align="start"
            trigger={
              <Button disabled={!run.paused || pending.length === 0 || backward}>
                Run to <ChevronDown aria-hidden />
              </Button>
            }
            items={pending
              .slice(0, CHOICES_MAX)
              .map(({ name }) => ({ label: name, onSelect: () => act({ kind: 'continue', until: name }) }))}
          />
        </>
      )}
      {ended ? null : (
        <Button
          variant={showPlan ? 'secondary' : 'quiet'}
          aria-pressed={showPlan}
          title="Numbers the undos in the lanes (f)"
          onClick={() => props.onPlan(!showPlan)}
          className={showPlan ? 'border-undo text-undo' : ''}
        >
          <ListOrdered aria-hidden /> {backward ? 'What is still undone' : 'If it fails now'}
        </Button>
      )}
      {ended || (!may && run.breakpoints.length === 0) ? null : <BreakpointsMenu run={run} />}
      <span className="ml-auto flex flex-wrap items-center gap-2">
        {may && reason !== '' && !ended ? (
          <Button
            variant="quiet"
            size="sm"
            onClick={changeReason}
            aria-label={`Change the reason, now: ${reason}`}
            className="max-w-64"
          >
            <PencilLine aria-hidden />
            <span className="truncate">{reason}</span>
          </Button>
        ) : null}
        {may && !ended ? (
          <Menu
            trigger={
              <Button>
                End it <ChevronDown aria-hidden />
              </Button>
            }
            items={more}
          />
        ) : null}
        <RunLegend />
      </span>
    </div>
  )
}
