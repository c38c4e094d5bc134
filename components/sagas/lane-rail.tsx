import type { StepView } from '@/core/saga/view'
import { cn } from '../ui/cn'
import { Glyph, GlyphParts } from './glyph'
import { TONE_CLASS } from './glyph-shapes'
import { DO_MARKS, type Mark } from './words'

/** Whether the run has come to a row. */
export type Reach = 'within' | 'end' | 'beyond'

const NODE = 18

/** A state on its rail. The rail is solid as far as the run has gone, on the undo side as far as it has come back. */
export function LaneNode(props: {
  side: 'do' | 'undo'
  mark: Mark
  /** what it will be, when an earlier moment is looked at */
  ghost: keyof typeof DO_MARKS | null
  planned?: number | null
  isFirst: boolean
  isLast: boolean
  passed: boolean
  reach: Reach
  back: boolean
}) {
  const { side, mark, ghost, passed, reach } = props
  const isUndo = side === 'undo'
  const line = (end: 'top' | 'bottom') => {
    if (end === 'top' ? props.isFirst : props.isLast) return null
    const open = (end === 'top' ? reach !== 'beyond' : reach === 'within') && (!isUndo || props.back)
    const colour = isUndo
      ? passed
        ? 'border-undo'
        : 'border-dashed border-undo'
      : passed
        ? 'border-healthy'
        : 'border-line-strong'
    return (
      <span
        aria-hidden
        className={cn(
          'absolute left-1/2 w-0 -translate-x-1/2 border-l',
          end === 'top' ? 'top-0 bottom-1/2' : 'top-1/2 -bottom-px',
          open ? colour : 'border-dashed border-line',
        )}
      />
    )
  }
  return (
    <span className="relative grid h-11 place-items-center">
      {line('top')}
      {line('bottom')}
      <span className="relative grid size-5 place-items-center rounded-full bg-bg">
        {props.planned && mark.shape === 'dash' ? (
          <span className="grid size-5 place-items-center rounded-full border border-dashed border-undo text-[11px] leading-none text-undo tabular-nums">
            {props.planned}
          </span>
        ) : mark.shape === 'none' ? (
          <span aria-hidden className="h-px w-2 bg-line-strong" />
        ) : (
          <Glyph shape={mark.shape} tone={mark.tone} size={NODE} />
        )}
        {props.planned && mark.shape !== 'dash' ? (
          <span className="absolute -right-1 -bottom-1 grid size-3.5 place-items-center rounded-full border border-undo bg-bg text-[9px] leading-none text-undo tabular-nums">
            {props.planned}
          </span>
        ) : null}
        {ghost && ghost !== 'pending' ? (
          <svg
            viewBox="0 0 16 16"
            width={NODE}
            height={NODE}
            aria-hidden
            className={cn('absolute opacity-25', TONE_CLASS[DO_MARKS[ghost].tone])}
          >
            <GlyphParts shape={DO_MARKS[ghost].shape} />
          </svg>
        ) : null}
      </span>
    </span>
  )
}

/** What ties an undo to its do: nothing while it is not owed, and the way back where the run turned. */
export function LaneLink({ step, isTurn }: { step: StepView; isTurn: boolean }) {
  const { status } = step.undo
  if (isTurn && (!step.hasUndo || status === 'not-needed')) {
    return (
      <svg aria-hidden viewBox="0 0 88 44" preserveAspectRatio="none" className="h-11 w-full text-undo">
        <path d="M0 22H74" fill="none" stroke="currentColor" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
        <path
          d="M72 17 80 22 72 27"
          fill="none"
          stroke="currentColor"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    )
  }
  const owed = status !== 'not-needed'
  return (
    <span className="grid h-11 items-center">
      <span
        aria-hidden
        className={cn(
          'block border-t',
          !step.hasUndo
            ? 'border-transparent'
            : owed
              ? status === 'compensated' || status === 'forced'
                ? 'border-undo'
                : 'border-dashed border-undo'
              : step.do.status === 'succeeded'
                ? 'border-dotted border-line-strong'
                : 'border-dotted border-line',
        )}
      />
    </span>
  )
}
