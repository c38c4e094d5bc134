/** "If this fails now, these undo in this order", and what an operator's step would let go on. */

import { mayBegin, mayUndo } from './decide.ts'
import type { SagaDefinition } from './definition.ts'
import type { Phase } from './event.ts'
import { graphOf, stepOf } from './graph.ts'
import { isInFlight, isUndoOpen, keyOf, type RunState, type StepState } from './state.ts'
import { isPivotCommitted, isPivotOpen, needsProbe } from './status.ts'

export interface PlannedUndo {
  step: string
  key: string
  /** what is undone: it is done, it may have happened, or it is under way and will be known first */
  because: 'succeeded' | 'unknown' | 'in-flight'
}

export interface Plan {
  /** `undo`: the stages are undone, one after another, the members of a stage beside each other; `park`: nothing is undone
   * after a pivot, the run waits for a person; `wait`: a pivot is under way and decides which; `nothing`: it just ends */
  outcome: 'undo' | 'park' | 'wait' | 'nothing'
  stages: PlannedUndo[][]
  /** steps that are done and have no undo */
  kept: string[]
  sentence: string
}

export function plan(definition: SagaDefinition, state: RunState): Plan {
  const owed = new Map<string, PlannedUndo>()
  const kept: string[] = []
  if (!state.ended) {
    for (const { name, undo } of definition.steps) {
      const step = state.steps[name] as StepState
      const because = reason(state, step)
      if (!because) continue
      if (undo) owed.set(name, { step: name, key: keyOf(step, 'undo'), because })
      else if (because !== 'in-flight') kept.push(name)
    }
  }
  const stages = stagesOf(definition, owed)
  const committed = state.direction === 'forward' && isPivotCommitted(definition, state)
  if (state.ended) return { outcome: 'nothing', stages: [], kept, sentence: `The run has ended: ${state.ended}.` }
  if (committed) {
    const sentence =
      'Its pivot is done: nothing is undone any more. A failure is retried, then the run waits for a person.'
    return { outcome: 'park', stages: [], kept, sentence }
  }
  if (state.direction === 'forward' && isPivotOpen(definition, state)) {
    const sentence = 'Its pivot is under way: if it succeeds nothing is undone, if it fails these undo in this order.'
    return { outcome: 'wait', stages, kept, sentence }
  }
  if (stages.length === 0) {
    return { outcome: 'nothing', stages, kept, sentence: 'Nothing is done that has an undo: the run would just end.' }
  }
  const order = stages.map((stage) => stage.map(({ step }) => step).join(' and ')).join(', then ')
  const sentence = `${state.direction === 'backward' ? 'Still to be undone' : 'If this fails now, these undo'}: ${order}.`
  return { outcome: 'undo', stages, kept, sentence }
}

/** Each undo as soon as all that was built upon its step is undone: by the longest chain of undos after it. */
function stagesOf(definition: SagaDefinition, owed: ReadonlyMap<string, PlannedUndo>): PlannedUndo[][] {
  const { next } = graphOf(definition)
  const chains = new Map<string, number>()
  const chainAfter = (name: string): number => {
    const known = chains.get(name)
    if (known !== undefined) return known
    let longest = 0
    for (const later of next.get(name) ?? []) longest = Math.max(longest, chainAfter(later) + (owed.has(later) ? 1 : 0))
    chains.set(name, longest)
    return longest
  }
  const stages: PlannedUndo[][] = []
  for (const [name, undo] of owed) {
    const at = chainAfter(name)
    const stage = stages[at] ?? []
    stages[at] = stage
    stage.push(undo)
  }
  return stages
}

function reason(state: RunState, step: StepState): PlannedUndo['because'] | null {
  if (state.direction === 'backward' && !isUndoOpen(step) && !(isInFlight(step) && step.undo.status === 'not-needed')) {
    return null
  }
  if (step.do.status === 'succeeded') return 'succeeded'
  if (step.do.status === 'leased' || step.do.status === 'waiting') return 'in-flight'
  if (step.do.status === 'unknown' || step.do.maybe) return 'unknown'
  return null
}

export interface Candidate {
  step: string
  phase: Phase
}

/** Lanes that could go on if the run were not paused, in the order of the definition. */
export function candidates(definition: SagaDefinition, state: RunState): Candidate[] {
  const found: Candidate[] = []
  for (const spec of definition.steps) {
    const step = state.steps[spec.name] as StepState
    const { name } = spec
    if (needsProbe(definition, step) || step.probe.status === 'ready') found.push({ step: name, phase: 'probe' })
    else if (state.direction === 'forward') {
      const { status } = step.do
      if (status === 'ready' || (status === 'pending' && mayBegin(state, spec))) found.push({ step: name, phase: 'do' })
    } else if (step.undo.status === 'ready' || (step.undo.status === 'owed' && mayUndo(definition, state, name))) {
      found.push({ step: name, phase: 'undo' })
    }
  }
  return found
}

/** Whether a ready lane may be handed out now: pause gates it, and so does a run that waits for its pivot to turn round. */
export function mayLease(
  definition: SagaDefinition,
  state: RunState,
  name: string,
  phase: Phase,
  doomed: boolean,
): boolean {
  if (state.ended || !state.admitted) return false
  const step = state.steps[name]
  if (step?.[phase].status !== 'ready') return false
  if (state.paused && !(state.allowed?.step === name && state.allowed.phase === phase)) return false
  if (phase === 'do') {
    if (state.direction === 'backward') return false
    if (doomed && stepOf(definition, name)?.kind !== 'pivot') return false
  }
  return true
}
