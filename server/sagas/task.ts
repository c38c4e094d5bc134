/** A piece of work as a worker gets it. */
import {
  DEFAULT_QUEUE,
  type HttpAction,
  type Json,
  type SagaAction,
  type SagaDefinition,
} from '../../core/saga/definition.ts'
import type { Phase } from '../../core/saga/event.ts'
import { stepOf } from '../../core/saga/graph.ts'
import { timeoutOf } from '../../core/saga/outcome.ts'
import { keyOf, type Lane, type RunState, type StepState } from '../../core/saga/state.ts'

export interface SagaTask {
  runId: string
  definition: string
  version: number
  step: string
  phase: Phase
  task: string
  queue: string
  iteration: number
  attempt: number
  /** sent back with the result; a result under an older one is refused */
  fence: number
  /** the same in every attempt; of a probe: the key of the do that is asked about */
  key: string
  /** the key of the do, for an undo to find what it undoes */
  doKey: string
  input: Json
  attributes: Readonly<Record<string, string>>
  /** of whoever started the run; null: it was not traced */
  traceparent: string | null
  /** how long the worker may be silent */
  leaseMs: number
  /** for this attempt */
  timeoutMs: number
}

export function actionOf(definition: SagaDefinition, name: string, phase: Phase): SagaAction | null {
  const spec = stepOf(definition, name)
  if (!spec) return null
  if (phase === 'do') return spec.action
  return (phase === 'undo' ? spec.undo?.action : spec.probe?.action) ?? null
}

/** Where a lane's work waits: `queue/task`, or `http`. Null for what nobody carries out. */
export function placeOf(definition: SagaDefinition, name: string, phase: Phase): { queue: string; key: string } | null {
  const action = actionOf(definition, name, phase)
  if (action?.type === 'task') {
    const queue = action.queue ?? DEFAULT_QUEUE
    return { queue, key: `${queue}/${action.task}` }
  }
  return action?.type === 'http' ? { queue: HTTP_QUEUE, key: HTTP_QUEUE } : null
}

/** No name of a queue: those begin with a letter or digit. */
export const HTTP_QUEUE = '@http'

export function taskOf(definition: SagaDefinition, state: RunState, name: string, phase: Phase): SagaTask | null {
  const step = state.steps[name] as StepState
  const spec = stepOf(definition, name)
  const action = actionOf(definition, name, phase)
  const lane = step[phase] as Lane<string>
  if (!spec || !lane.lease || action?.type !== 'task') return null
  return {
    runId: state.id,
    definition: state.definition,
    version: state.version,
    step: name,
    phase,
    task: action.task,
    queue: action.queue ?? DEFAULT_QUEUE,
    iteration: step.iteration,
    attempt: lane.lease.attempt,
    fence: lane.lease.fence,
    key: keyOf(step, phase),
    doKey: keyOf(step, 'do'),
    input: lane.input,
    attributes: state.attributes,
    traceparent: state.traceparent,
    leaseMs: spec.leaseMs,
    timeoutMs: timeoutOf(spec, phase),
  }
}

export interface HttpCall {
  runId: string
  step: string
  phase: Phase
  fence: number
  key: string
  action: HttpAction
  input: Json
  traceparent: string | null
  timeoutMs: number
}
