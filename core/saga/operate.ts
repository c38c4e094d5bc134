/** What a person may do to a run, and when. Each gives the events to record, or says what the run is now and why not. */
import { ConflictError, NotFoundError, ValidationError } from '../errors.ts'
import { type BreakpointAt, INPUT_TOO_LARGE, type Json, type SagaDefinition } from './definition.ts'
import type { By, EventBody, Phase } from './event.ts'
import { candidates } from './plan.ts'
import { isInFlight, type RunState, type StepState } from './state.ts'
import { causeOf, isPivotCommitted, isPivotOpen } from './status.ts'

export type Operation =
  | { type: 'pause' }
  | { type: 'resume' }
  // lets one lane go on; the run stays paused
  | { type: 'step'; step?: string | undefined; phase?: Phase | undefined }
  // goes on; with `until`, up to just before that step
  | { type: 'continue'; until?: string | undefined }
  | { type: 'setBreakpoint'; step: string; at: BreakpointAt; once: boolean }
  | { type: 'clearBreakpoint'; step: string; at: BreakpointAt }
  | { type: 'retryStep'; step: string; phase: Phase; newKey: boolean }
  | { type: 'skipStep'; step: string; output: Json }
  | { type: 'editInput'; step: string; phase: 'do' | 'undo'; input: Json }
  | { type: 'resolveUnknown'; step: string; happened: boolean; output: Json }
  | { type: 'compensate' }
  | { type: 'cancel' }
  | { type: 'terminate' }
  | { type: 'force'; step: string }
  | { type: 'waive'; step: string }

export type OperationType = Operation['type']

/** @throws ConflictError with the run's present state, NotFoundError for an unknown step */
export function operate(definition: SagaDefinition, state: RunState, operation: Operation, by: By): EventBody[] {
  if (state.ended)
    throw conflict(state, `has ended (${state.ended}) and can no longer be changed. Redrive it as a fork.`)
  switch (operation.type) {
    case 'pause':
      if (state.paused)
        throw conflict(state, `is paused already${state.paused.by ? ` by ${state.paused.by.actor}` : ''}.`)
      return [{ type: 'run.paused', breakpoint: null, by }]
    case 'resume':
      if (!state.paused) throw conflict(state, 'is not paused.')
      return [{ type: 'run.resumed', by }]
    case 'continue': {
      if (!state.paused) throw conflict(state, 'is not paused.')
      const { until } = operation
      if (until === undefined) return [{ type: 'run.resumed', by }]
      const { status } = known(state, until).do
      if (status !== 'pending') throw conflict(state, `has passed "${until}" (${status}).`)
      const breakpoint = { step: until, at: 'before' as const, once: true }
      return [
        { type: 'breakpoint.set', breakpoint, by },
        { type: 'run.resumed', by },
      ]
    }
    case 'step':
      return stepOver(definition, state, operation, by)
    case 'setBreakpoint': {
      if (operation.step !== '*') known(state, operation.step)
      const { step, at, once } = operation
      return [{ type: 'breakpoint.set', breakpoint: { step, at, once }, by }]
    }
    case 'clearBreakpoint': {
      const { step, at } = operation
      if (!state.breakpoints.some((b) => b.step === step && b.at === at)) {
        throw conflict(state, `has no breakpoint ${at} "${step}".`)
      }
      return [{ type: 'breakpoint.cleared', breakpoint: { step, at }, by }]
    }
    case 'retryStep':
      return retry(state, operation, by)
    case 'skipStep':
      return skip(state, operation.step, operation.output, by)
    case 'editInput':
      return edit(state, operation, by)
    case 'resolveUnknown': {
      const step = known(state, operation.step)
      if (step.do.status !== 'unknown' && !(step.do.status === 'failed' && step.do.maybe)) {
        throw conflict(state, `knows the outcome of "${step.name}": its do is ${step.do.status}.`)
      }
      if (step.undo.status !== 'not-needed' && step.undo.status !== 'owed' && step.undo.status !== 'ready') {
        throw conflict(state, `has begun to undo "${step.name}" (${step.undo.status}).`)
      }
      const { happened, output } = operation
      return [{ type: 'step.resolved', step: step.name, happened, output, by }]
    }
    case 'compensate':
      refuseAfterPivot(definition, state, 'compensated')
      if (isPivotOpen(definition, state) && causeOf(definition, state))
        throw conflict(state, 'waits for its pivot already.')
      return [{ type: 'run.compensate-requested', by }]
    case 'cancel':
      refuseAfterPivot(definition, state, 'cancelled')
      if (state.cancelRequested) throw conflict(state, `was cancelled already by ${state.cancelRequested.actor}.`)
      return [{ type: 'run.cancel-requested', by }]
    case 'terminate':
      return [{ type: 'run.ended', status: 'terminated', by }]
    case 'force':
    case 'waive': {
      const step = known(state, operation.step)
      const { status } = step.undo
      if (status !== 'owed' && status !== 'ready' && status !== 'backoff' && status !== 'stuck') {
        throw conflict(state, `has no undo of "${step.name}" to ${operation.type}: it is ${status}.`)
      }
      return [{ type: operation.type === 'force' ? 'undo.forced' : 'undo.waived', step: step.name, by }]
    }
  }
}

function stepOver(
  definition: SagaDefinition,
  state: RunState,
  operation: Extract<Operation, { type: 'step' }>,
  by: By,
): EventBody[] {
  if (!state.paused) throw conflict(state, 'is not paused. Pause it first.')
  if (!state.admitted) throw conflict(state, 'is queued; its first step waits for room.')
  if (operation.step !== undefined) known(state, operation.step)
  const cause = causeOf(definition, state)
  if (cause && !isPivotOpen(definition, state)) {
    // The next thing that happens is the turn; what it makes due can then be stepped over.
    return [{ type: 'undo.begun', cause }]
  }
  const open = candidates(definition, state)
  const next = open.find(
    (c) =>
      (operation.step === undefined || c.step === operation.step) &&
      (operation.phase === undefined || c.phase === operation.phase),
  )
  if (next) return [{ type: 'run.allowed', ...next, by }]
  if (open.length > 0) {
    const names = open.map((c) => `${c.phase} of "${c.step}"`).join(', ')
    throw conflict(state, `cannot step "${operation.step}" now. Next could be: ${names}.`)
  }
  if (Object.values(state.steps).some(isInFlight)) throw conflict(state, 'waits for what is under way.')
  return [{ type: 'run.resumed', by }]
}

function retry(state: RunState, operation: Extract<Operation, { type: 'retryStep' }>, by: By): EventBody[] {
  const step = known(state, operation.step)
  const { phase, newKey } = operation
  const { status } = step[phase]
  if (phase === 'probe') throw new ValidationError('Retry the do or the undo of a step.')
  if (status === 'backoff') return [{ type: 'step.retry-due', step: step.name, phase }]
  if (phase === 'do') {
    if (state.direction === 'backward') {
      throw conflict(state, `is being undone; no step begins any more. Redrive it as a fork from "${step.name}".`)
    }
    if (status !== 'failed' && status !== 'unknown')
      throw conflict(state, `cannot retry "${step.name}": it is ${status}.`)
    if (newKey && step.do.maybe) {
      throw conflict(
        state,
        `does not know whether "${step.name}" has happened; under a new key it could happen twice. Resolve it first, or keep the key.`,
      )
    }
  } else if (status !== 'stuck') {
    throw conflict(state, `cannot retry the undo of "${step.name}": it is ${status}.`)
  } else if (newKey) {
    throw new ValidationError('An undo keeps its key: its participant must be able to tell a repetition.')
  }
  if (step[phase].error?.code === INPUT_TOO_LARGE && !step.edited[phase]) {
    throw conflict(
      state,
      `cannot begin ${phase === 'undo' ? 'the undo of ' : ''}"${step.name}": its input is too large. Edit it first.`,
    )
  }
  return [{ type: 'step.retried', step: step.name, phase, newKey: newKey || (phase === 'do' && step.keySpent), by }]
}

function skip(state: RunState, name: string, output: Json, by: By): EventBody[] {
  const step = known(state, name)
  if (state.direction === 'backward') throw conflict(state, 'is being undone; there is nothing to skip.')
  const { status } = step.do
  if (status === 'leased' || status === 'succeeded' || status === 'skipped' || status === 'cancelled') {
    throw conflict(state, `cannot skip "${name}": it is ${status}.`)
  }
  if (status === 'unknown' || step.do.maybe) {
    throw conflict(state, `does not know whether "${name}" has happened. Resolve that before you skip it.`)
  }
  if (status === 'waiting' && step.do.waitFor?.type === 'child') {
    throw conflict(state, `cannot skip "${name}": its child ${step.do.waitFor.runId} runs. Cancel that first.`)
  }
  return [{ type: 'step.skipped', step: name, output, by }]
}

function edit(state: RunState, operation: Extract<Operation, { type: 'editInput' }>, by: By): EventBody[] {
  const step = known(state, operation.step)
  const { phase, input } = operation
  const { status } = step[phase]
  const settled =
    phase === 'do'
      ? ['leased', 'waiting', 'succeeded', 'skipped', 'cancelled']
      : ['leased', 'waiting', 'compensated', 'forced', 'waived']
  if (settled.includes(status)) throw conflict(state, `cannot edit the ${phase} of "${step.name}": it is ${status}.`)
  return [{ type: 'step.input-edited', step: step.name, phase, input, by }]
}

function known(state: RunState, name: string): StepState {
  const step = Object.hasOwn(state.steps, name) ? state.steps[name] : undefined
  if (!step) throw new NotFoundError(`Run ${state.id} of "${state.definition}" has no step "${name}".`)
  return step
}

function refuseAfterPivot(definition: SagaDefinition, state: RunState, word: string): void {
  if (state.direction === 'backward') throw conflict(state, 'is being undone already.')
  if (isPivotCommitted(definition, state)) {
    throw conflict(state, `is past its pivot and cannot be ${word}. Let it finish, or terminate it without undo.`)
  }
}

export function conflict(state: RunState, why: string): ConflictError {
  return new ConflictError(`Run ${state.id} ${why}`, {
    details: { status: state.ended ?? state.status, direction: state.direction, seq: state.seq },
  })
}
