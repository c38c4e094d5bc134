'use client'
import type { Breakpoint } from '@/core/saga/event'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { Popover } from '../ui/popover'
import { Switch } from '../ui/switch'
import { Glyph } from './glyph'

const SIDES: { at: Breakpoint['at']; label: string }[] = [
  { at: 'before', label: 'Before it begins' },
  { at: 'after', label: 'After it is done' },
  { at: 'error', label: 'On an error' },
]

const PLACE: Record<Breakpoint['at'], string> = { before: 'top-1', error: 'top-4', after: 'bottom-1', undo: 'top-4' }

const isSet = (all: readonly Breakpoint[], step: string, at: Breakpoint['at']) =>
  all.some((b) => b.at === at && b.step === step)
const isEverywhere = (all: readonly Breakpoint[], at: Breakpoint['at']) =>
  all.some((b) => b.at === at && b.step === '*')

/** Left of a step: where it stops on its way forward. */
export function BreakpointGutter(props: {
  step: string
  breakpoints: readonly Breakpoint[]
  onBreakpoint: ((step: string, at: Breakpoint['at'], on: boolean) => void) | null
  onRunTo: ((step: string) => void) | null
}) {
  const { step, breakpoints, onBreakpoint, onRunTo } = props
  const set = SIDES.filter(({ at }) => isSet(breakpoints, step, at))
  const all = SIDES.filter(({ at }) => isEverywhere(breakpoints, at))
  const word = set.length === 0 ? 'none' : set.map(({ at }) => at).join(', ')
  // At its place in the row: before on top, on an error in the middle, after below.
  const marks = (
    <span className="relative block h-11 w-full">
      {set.map(({ at }) => (
        <Glyph
          key={at}
          shape="hexagon"
          tone="operator"
          size={13}
          className={cn('absolute left-1/2 -translate-x-1/2', PLACE[at])}
        />
      ))}
      {set.length > 0 ? null : (
        <Glyph
          shape="hexagon-open"
          tone={all.length > 0 ? 'operator' : 'faint'}
          size={13}
          className={cn(
            'absolute left-1/2 -translate-x-1/2',
            PLACE[all[0]?.at ?? 'before'],
            all.length === 0 && 'opacity-0 group-hover/row:opacity-60 group-focus-within/row:opacity-60',
          )}
        />
      )}
    </span>
  )
  if (!onBreakpoint) {
    return <span title={`Breakpoints: ${word}`}>{marks}</span>
  }
  return (
    <Popover
      align="start"
      label={`Where ${step} stops`}
      trigger={
        <button type="button" aria-label={`Breakpoints of ${step}: ${word}`} className="hover:bg-sunken">
          {marks}
        </button>
      }
    >
      <div className="grid gap-2.5">
        <p className="font-medium">Stop at {step}</p>
        {SIDES.map(({ at, label }) => (
          <Switch key={at} checked={isSet(breakpoints, step, at)} onChange={(on) => onBreakpoint(step, at, on)}>
            {label}
            {isEverywhere(breakpoints, at) ? <span className="ml-1 text-xs text-muted">(every step does)</span> : null}
          </Switch>
        ))}
        {onRunTo ? (
          <Button size="sm" onClick={() => onRunTo(step)}>
            Run to here
          </Button>
        ) : null}
      </div>
    </Popover>
  )
}

/** Right of an undo: whether the run stops before it. One press. */
export function UndoBreakpoint(props: {
  step: string
  hasUndo: boolean
  breakpoints: readonly Breakpoint[]
  onBreakpoint: ((step: string, at: Breakpoint['at'], on: boolean) => void) | null
}) {
  const { step, breakpoints, onBreakpoint } = props
  const on = isSet(breakpoints, step, 'undo')
  const everywhere = isEverywhere(breakpoints, 'undo')
  if (!props.hasUndo) return <span />
  const mark = on ? (
    <Glyph shape="hexagon" tone="operator" size={13} />
  ) : (
    <Glyph
      shape="hexagon-open"
      tone={everywhere ? 'operator' : 'faint'}
      size={13}
      className={cn(!everywhere && 'opacity-0 group-hover/row:opacity-60 group-focus-within/row:opacity-60')}
    />
  )
  if (!onBreakpoint) return <span className="grid h-11 place-items-center">{mark}</span>
  return (
    <button
      type="button"
      aria-pressed={on}
      aria-label={`Stop before the undo of ${step}`}
      title={`Stop before the undo of ${step}`}
      onClick={() => onBreakpoint(step, 'undo', !on)}
      className="grid h-11 w-full place-items-center hover:bg-sunken"
    >
      {mark}
    </button>
  )
}
