/** The run's status, drawn from its lanes. */
import type { SagaDefinition } from './definition.ts'
import type { Cause } from './event.ts'
import { graphOf, stepOf } from './graph.ts'
import type { RunState, RunStatus, StepState } from './state.ts'
import { isProbing } from './state.ts'

/** True once a pivot has succeeded: from there on nothing is undone. */
export function isPivotCommitted(definition: SagaDefinition, state: RunState): boolean {
  for (const name of graphOf(definition).pivots) if (state.steps[name]?.do.status === 'succeeded') return true
  return false
}

/** A pivot that may have happened: neither way is open until that is known. */
export function isPivotOpen(definition: SagaDefinition, state: RunState): boolean {
  for (const name of graphOf(definition).pivots) {
    const pivot = state.steps[name]
    if (!pivot) continue
    const { status, maybe } = pivot.do
    if (status === 'leased' || status === 'waiting' || status === 'unknown' || isProbing(pivot)) return true
    if (maybe && (status === 'ready' || status === 'backoff')) return true
  }
  return false
}

/** A do that has ended badly and that the run cannot get over by undoing: a person has to. */
export function isParked(definition: SagaDefinition, state: RunState, step: StepState, committed: boolean): boolean {
  if (state.direction === 'backward' || isProbing(step)) return false
  const { status } = step.do
  if (status !== 'failed' && status !== 'unknown') return false
  const spec = stepOf(definition, step.name)
  if (committed || spec?.kind === 'retriable') return true
  return spec?.kind === 'pivot' && status === 'unknown'
}

/** Why the run should be undone, if it should; what is parked is no reason. */
export function causeOf(definition: SagaDefinition, state: RunState): Cause | null {
  if (state.direction === 'backward' || isPivotCommitted(definition, state)) return null
  if (state.cancelRequested) return { type: 'cancel', by: state.cancelRequested }
  if (state.compensateRequested) return { type: 'compensate', by: state.compensateRequested }
  if (state.deadlinePassed) return { type: 'deadline' }
  for (const { name } of definition.steps) {
    const step = state.steps[name]
    if (!step || (step.do.status !== 'failed' && step.do.status !== 'unknown')) continue
    if (needsProbe(definition, step) || isProbing(step) || isParked(definition, state, step, false)) continue
    return { type: 'step', step: name, error: step.do.error }
  }
  return null
}

/** An unknown do whose participant can be asked and has not been yet. */
export function needsProbe(definition: SagaDefinition, step: StepState): boolean {
  return step.do.status === 'unknown' && step.probe.status === 'none' && !step.do.by && hasProbe(definition, step.name)
}

function hasProbe(definition: SagaDefinition, name: string): boolean {
  const spec = stepOf(definition, name)
  return spec?.probe !== null && spec?.probe !== undefined
}

export function deriveStatus(definition: SagaDefinition, state: RunState): RunStatus {
  if (state.ended) return state.ended
  if (!state.admitted) return 'queued'
  if (state.paused) return 'paused'
  let parked = false
  let waiting = false
  let active = false
  const backward = state.direction === 'backward'
  const committed = !backward && isPivotCommitted(definition, state)
  for (const name in state.steps) {
    const step = state.steps[name] as StepState
    if (backward ? step.undo.status === 'stuck' : isParked(definition, state, step, committed)) parked = true
    const { status } = step.do
    if (status === 'waiting') waiting = true
    else if (status === 'ready' || status === 'leased' || status === 'backoff' || isProbing(step)) active = true
  }
  if (backward) return parked ? 'stuck' : 'compensating'
  if (parked) return 'stuck'
  return waiting && !active ? 'waiting' : 'running'
}
