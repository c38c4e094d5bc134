'use client'
import type { Breakpoint } from '@/core/saga/event'
import { place } from '@/core/saga/sentence'
import type { RunView } from '@/core/saga/view'
import { Button } from '../ui/button'
import { Popover } from '../ui/popover'
import { Switch } from '../ui/switch'
import { useActing } from './acting'
import { Glyph } from './glyph'

const EVERYWHERE: { at: Breakpoint['at']; label: string }[] = [
  { at: 'before', label: 'Before every step' },
  { at: 'error', label: 'On an error of any step' },
  { at: 'undo', label: 'Before every undo' },
]

/** All breakpoints of a run in one place, and those that hold for every step. */
export function BreakpointsMenu({ run }: { run: RunView }) {
  const { may, act } = useActing()
  const own = run.breakpoints.filter(({ step }) => step !== '*')
  const n = run.breakpoints.length
  const isOn = (at: Breakpoint['at']) => run.breakpoints.some((b) => b.step === '*' && b.at === at)
  return (
    <Popover
      align="start"
      label="Breakpoints of the run"
      trigger={
        <Button variant="quiet" className={n > 0 ? 'text-operator' : ''}>
          <Glyph shape={n > 0 ? 'hexagon' : 'hexagon-open'} tone={n > 0 ? 'operator' : 'muted'} size={13} />
          {n === 0 ? 'Breakpoints' : n === 1 ? '1 breakpoint' : `${n} breakpoints`}
        </Button>
      }
      className="w-72"
    >
      <div className="grid gap-3">
        {own.length === 0 ? (
          <p className="text-muted">Set one at a step: left of it for its do, right of it for its undo.</p>
        ) : (
          <ul className="grid gap-1">
            {own.map(({ step, at, once }) => (
              <li key={`${at} ${step}`} className="flex items-center justify-between gap-2">
                <span className="min-w-0 truncate">
                  Stops {place({ step, at })}
                  {once ? ', once' : ''}
                </span>
                {may ? (
                  <Button
                    size="sm"
                    variant="quiet"
                    aria-label={`No longer stop ${place({ step, at })}`}
                    onClick={() => act({ kind: 'clearBreakpoint', step, at })}
                  >
                    Clear
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
        {may ? (
          <div className="grid gap-2 border-t border-line pt-3">
            {EVERYWHERE.map(({ at, label }) => (
              <Switch
                key={at}
                checked={isOn(at)}
                onChange={(on) => act({ kind: on ? 'setBreakpoint' : 'clearBreakpoint', step: '*', at })}
              >
                {label}
              </Switch>
            ))}
          </div>
        ) : null}
      </div>
    </Popover>
  )
}
