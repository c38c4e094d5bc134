/** Sagas that are steps of sagas. */
import { type Json, SAGA_LIMITS, type SagaDefinition } from '../../core/saga/definition.ts'
import type { Breakpoint, EventBody, Phase } from '../../core/saga/event.ts'
import { stepOf } from '../../core/saga/graph.ts'
import { type Failure, succeeded } from '../../core/saga/outcome.ts'
import { isDone, keyOf, type RunState, type StepState } from '../../core/saga/state.ts'
import type { NewRun } from './engine.ts'
import { hashOf } from './hash.ts'
import type { LaneRef } from './workers.ts'

export function childInput(
  now: number,
  definition: SagaDefinition,
  parent: RunState,
  child: { ref: LaneRef; id: string; breakpoints: readonly Breakpoint[] },
): NewRun {
  const { step, phase } = child.ref
  const own = parent.steps[step] as StepState
  const { input } = own[phase]
  return {
    definition,
    inputHash: hashOf(input),
    started: {
      type: 'run.started',
      runId: child.id,
      definition: definition.name,
      version: definition.version,
      input,
      // One child an attempt: its own steps have the keys that stay the same within it.
      idempotencyKey: `${keyOf(own, phase)}:${own[phase].attempts}`,
      attributes: {},
      breakpoints: child.breakpoints.filter((b) => b.step === '*' || stepOf(definition, b.step)),
      paused: false,
      parent: { runId: parent.id, step, phase },
      redriveOf: null,
      carried: [],
      deadlineAt: definition.deadlineMs === null ? null : now + definition.deadlineMs,
      ...(parent.traceparent === null ? {} : { traceparent: parent.traceparent }),
    },
  }
}

/** What a child's end means for the step that waited for it. */
export function childOutcome(
  definition: SagaDefinition,
  child: RunState,
  of: { step: string; phase: Phase },
  failure: (what: Failure) => EventBody,
): EventBody[] {
  if (child.ended === 'succeeded') {
    const output: { [key: string]: Json } = {}
    for (const { name } of definition.steps) {
      const step = child.steps[name]
      if (step && isDone(step)) output[name] = step.do.output
    }
    const size = JSON.stringify(output).length
    if (size <= SAGA_LIMITS.value) return [succeeded(of.phase, of.step, output)]
    const message = `What its child ${child.id} gives is ${size} characters long; ${SAGA_LIMITS.value} are allowed. The child has succeeded.`
    const tooLarge = { code: 'OUTPUT_TOO_LARGE', message }
    return [failure({ error: tooLarge, outcome: 'unknown', retryable: false, retryAfterMs: null })]
  }
  const error = {
    code: `CHILD_${(child.ended ?? '').toUpperCase()}`,
    message: `Its child ${child.id} is ${child.ended}.`,
  }
  // Only one that left nothing behind has certainly not happened.
  const outcome = child.ended === 'terminated' || child.ended === 'partially-compensated' ? 'unknown' : 'failed'
  return [failure({ error, outcome, retryable: of.phase === 'undo', retryAfterMs: null })]
}
