'use client'
import type { BreakpointAt } from '@/core/saga/definition'
import { cn } from '../ui/cn'
import { Glyph } from './glyph'

const SIDES: BreakpointAt[] = ['before', 'after', 'error', 'undo']
type Point = { step: string; at: BreakpointAt }

/** Where a run stops from the start on. */
export function StartBreakpoints(props: {
  steps: readonly { name: string; undo: unknown }[]
  breakpoints: readonly Point[]
  onChange: (breakpoints: Point[]) => void
}) {
  const { breakpoints, onChange } = props
  const is = (step: string, at: BreakpointAt) => breakpoints.some((b) => b.step === step && b.at === at)
  return (
    <details className="rounded-md border border-line">
      <summary className="px-3 py-2 text-sm font-medium">
        Breakpoints{' '}
        <span className="font-normal text-muted">{breakpoints.length === 0 ? 'none' : breakpoints.length}</span>
      </summary>
      <div className="max-h-64 overflow-y-auto border-t border-line">
        <table className="w-full text-sm">
          <thead>
            <tr className="text-xs text-muted">
              <th scope="col" className="px-3 py-1 text-left font-medium">
                Step
              </th>
              {SIDES.map((at) => (
                <th key={at} scope="col" className="px-2 py-1 font-medium">
                  {at}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.steps.map((step) => (
              <tr key={step.name} className="border-t border-line">
                <th scope="row" className="truncate px-3 py-1 text-left font-normal">
                  {step.name}
                </th>
                {SIDES.map((at) => {
                  const on = is(step.name, at)
                  const none = at === 'undo' && step.undo === null
                  return (
                    <td key={at} className="px-2 text-center">
                      {none ? null : (
                        <button
                          type="button"
                          aria-pressed={on}
                          aria-label={`Stop ${at} ${step.name}`}
                          onClick={() =>
                            onChange(
                              on
                                ? breakpoints.filter((b) => b.step !== step.name || b.at !== at)
                                : [...breakpoints, { step: step.name, at }],
                            )
                          }
                          className="grid h-7 w-full place-items-center rounded-sm hover:bg-sunken"
                        >
                          <Glyph
                            shape={on ? 'hexagon' : 'hexagon-open'}
                            tone={on ? 'operator' : 'faint'}
                            size={13}
                            className={cn(!on && 'opacity-60')}
                          />
                        </button>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
