'use client'
import { useState } from 'react'
import type { RunView } from '@/core/saga/view'
import { Button } from '../ui/button'
import { isEnded, planSentence, STAGES_MAX } from './words'

const BECAUSE = { succeeded: 'it is done', unknown: 'it may have happened', 'in-flight': 'it is under way' } as const

/** "If this fails now": what would be undone, stage after stage. */
export function PlanView({ run }: { run: RunView }) {
  const { plan } = run
  const [all, setAll] = useState(false)
  const shown = all ? plan.stages : plan.stages.slice(0, STAGES_MAX)
  if (isEnded(run.status)) return <p className="text-sm text-muted">The run is over.</p>
  return (
    <div className="grid gap-2">
      <p className="text-sm">{planSentence(run)}</p>
      {plan.stages.length > 0 ? (
        <ol className="grid gap-1">
          {shown.map((stage, at) => (
            <li key={stage[0]?.key ?? at} className="grid grid-cols-[1.5rem_minmax(0,1fr)] items-start gap-2 text-sm">
              <span className="mt-px grid size-5 place-items-center rounded-full border border-dashed border-undo text-[11px] leading-none text-undo tabular-nums">
                {at + 1}
              </span>
              <span className="grid gap-0.5">
                {stage.map(({ step, because }) => (
                  <span key={step}>
                    {step} <span className="text-xs text-muted">{BECAUSE[because]}</span>
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ol>
      ) : null}
      {shown.length < plan.stages.length ? (
        <Button size="sm" variant="quiet" className="justify-self-start" onClick={() => setAll(true)}>
          Show the other {plan.stages.length - shown.length} stages
        </Button>
      ) : null}
      {plan.kept.length > 0 ? (
        <p className="text-xs text-muted">
          Done and without an undo, so it stays: {plan.kept.slice(0, STAGES_MAX).join(', ')}
          {plan.kept.length > STAGES_MAX ? ` and ${plan.kept.length - STAGES_MAX} more` : ''}.
        </p>
      ) : null}
    </div>
  )
}
