'use client'
import type { Phase } from '@/core/saga/event'
import type { DefinitionView, LaneView, RunView, StepView } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { Glyph } from './glyph'
import { JsonView } from './json-view'
import { nextInput } from './next-input'

/** What went in, what came out, and what would go in next. */
export function StepValues(props: {
  run: RunView
  definition: DefinitionView
  step: StepView
  phase: Phase
  lane: LaneView<string>
}) {
  const { run, step, phase, lane } = props
  const { edited } = lane
  const begun = lane.input !== null || lane.attempts > 0 || lane.startedAt !== null
  const next = phase === 'probe' || begun || edited ? null : nextInput(run, props.definition, step.name, phase)
  const runInput = { label: "the run's input", value: run.input }
  const against = phase === 'do' ? runInput : { label: 'its output', value: step.do.output }
  return (
    <div className="grid gap-3">
      {edited ? (
        <div className="grid gap-1 border-l-2 border-operator pl-3">
          <p className="flex items-center gap-1.5 text-xs text-operator">
            <Glyph shape="hexagon" tone="operator" size={11} /> edited by {actorWords(edited.actor)}: {edited.reason}
          </p>
          <JsonView
            label="Input of the next attempt"
            value={edited.input}
            against={lane.input === null ? runInput : { label: 'the input before', value: lane.input }}
          />
        </div>
      ) : null}
      {next && (phase === 'do' || step.do.status === 'succeeded') ? (
        <div className="grid gap-1">
          <JsonView label="Input it would get now" value={next.value} against={runInput} />
          {next.missing.length > 0 ? (
            <p className="text-xs text-muted">
              Not known before {next.missing.join(', ')} {next.missing.length === 1 ? 'is' : 'are'} done: shown as null.
            </p>
          ) : null}
        </div>
      ) : next ? (
        <p className="text-sm text-muted">Its input is made when it is owed: of what {step.name} got and gave.</p>
      ) : begun ? (
        <JsonView label="Input" value={lane.input} against={against} />
      ) : null}
      {lane.output !== null || lane.status === 'succeeded' || lane.status === 'compensated' ? (
        <JsonView label="Output" value={lane.output} against={{ label: 'the input', value: lane.input }} />
      ) : null}
    </div>
  )
}
