'use client'
import type { RunView } from '@/core/saga/view'
import { type GraphStep, StepGraph } from './step-graph'
import { markOf } from './words'

/** The run as a graph: on the left of each step what it has done, on the right its undo where one is owed. */
export function RunGraph(props: { run: RunView; selected: string | null; onSelect: (step: string) => void }) {
  const steps: GraphStep[] = props.run.lanes.map((step) => ({
    name: step.name,
    after: step.after,
    kind: step.kind,
    note: step.undo.status === 'not-needed' ? markOf(step, 'do').word : markOf(step, 'undo').word,
    mark: markOf(step, 'do'),
    undo: step.undo.status === 'not-needed' ? null : markOf(step, 'undo'),
    done: step.do.status === 'succeeded' || step.do.status === 'skipped',
  }))
  return (
    <StepGraph
      label="Steps and what they come after"
      steps={steps}
      selected={props.selected}
      onSelect={props.onSelect}
    />
  )
}
