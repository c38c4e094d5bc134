/**
 * What a run does next by itself. Pure: the same definition and state give the same decisions, which the engine records as
 * events before anything is done about them. What comes from outside (results, timers, people) is in outcome.ts and
 * operate.ts.
 */
import {
  type BreakpointAt,
  INPUT_TOO_LARGE,
  type Json,
  SAGA_LIMITS,
  type SagaDefinition,
  type Step,
} from './definition.ts'
import type { Cause, EndStatus, EventBody, HistoryEvent, Phase } from './event.ts'
import { evolveOwn, momentOf, ownCopy } from './evolve.ts'
import { afterAll, stepOf } from './graph.ts'
import { isDone, isInFlight, isProbing, isUndoOpen, mayHaveHappened, type RunState, type StepState } from './state.ts'
import { causeOf, isPivotOpen, needsProbe } from './status.ts'
import { fillIn, lookUp } from './template.ts'

/** Records `bodies` and then what follows from them, until nothing more follows. `at`: milliseconds since the epoch. */
export function advance(
  definition: SagaDefinition,
  before: RunState | null,
  bodies: readonly EventBody[],
  at: number,
): { state: RunState; events: HistoryEvent[] } {
  const events: HistoryEvent[] = []
  let state = before && ownCopy(before)
  const record = (body: EventBody) => {
    const event = { ...body, seq: (state?.seq ?? 0) + 1, at } as HistoryEvent
    state = evolveOwn(definition, state, event)
    events.push(event)
  }
  for (const body of bodies) record(body)
  for (;;) {
    const next: readonly EventBody[] = state ? decide(definition, state, at) : []
    if (next.length === 0) return { state: state as unknown as RunState, events }
    for (const body of next) {
      record(body)
      // A breakpoint stops what was decided together with it.
      if (body.type === 'run.paused') break
    }
  }
}

/** The next decisions; empty when the run waits for something from outside. `at`: milliseconds since the epoch. */
export function decide(definition: SagaDefinition, state: RunState, at: number): EventBody[] {
  if (state.ended) return []
  if (!state.admitted) return leaveQueue(state)
  if (state.paused) return decidePaused(definition, state, at)
  const stop = breakpointOnError(state)
  if (stop) return [stop]
  return state.direction === 'forward' ? forward(definition, state, at) : backward(definition, state)
}

function leaveQueue(state: RunState): EventBody[] {
  if (state.cancelRequested || state.compensateRequested) return [{ type: 'run.ended', status: 'cancelled' }]
  return state.deadlinePassed ? [{ type: 'run.ended', status: 'failed' }] : []
}

/** In a paused run only the lane that was let go on moves, and a person's word turns it round: its undos then wait. */
function decidePaused(definition: SagaDefinition, state: RunState, at: number): EventBody[] {
  const { allowed } = state
  if (state.direction === 'forward' && (state.cancelRequested || state.compensateRequested)) {
    const cause = causeOf(definition, state)
    if (cause && !isPivotOpen(definition, state)) return turn(definition, state, cause)
  }
  const step = allowed && state.steps[allowed.step]
  if (!allowed || !step) return []
  const spec = stepOf(definition, allowed.step) as Step
  if (allowed.phase === 'do') {
    if (step.do.status === 'pending' && mayBegin(state, spec)) return ready(definition, state, spec, 'do')
    if (step.do.status === 'ready') return wait(state, spec, at)
    if (step.do.status === 'waiting' && step.do.waitFor?.type === 'signal') return take(state, spec)
  }
  if (allowed.phase === 'undo' && step.undo.status === 'owed' && mayUndo(definition, state, spec.name)) {
    return ready(definition, state, spec, 'undo')
  }
  if (allowed.phase === 'probe' && needsProbe(definition, step)) return ready(definition, state, spec, 'probe')
  return []
}

function forward(definition: SagaDefinition, state: RunState, at: number): EventBody[] {
  const cause = causeOf(definition, state)
  const decisions: EventBody[] = []
  // A signal lets one step go on; what else waits for its like is looked at once it is taken.
  let taken = ''
  for (const spec of definition.steps) {
    const step = state.steps[spec.name] as StepState
    if (step.do.status === 'ready') decisions.push(...wait(state, spec, at))
    else if (step.do.status === 'waiting' && step.do.waitFor?.type === 'signal') {
      const { signal } = step.do.waitFor
      if (taken.includes(`${signal}\n`)) continue
      const given = take(state, spec)
      if (given.length > 0) taken += `${signal}\n`
      decisions.push(...given)
    } else if (needsProbe(definition, step)) decisions.push(...ready(definition, state, spec, 'probe'))
  }
  if (decisions.length > 0) return decisions
  if (cause) {
    // Whether there is a way back depends on the pivot that is under way.
    if (isPivotOpen(definition, state)) return []
    return turn(definition, state, cause)
  }
  let open = false
  for (const spec of definition.steps) {
    const step = state.steps[spec.name] as StepState
    if (!isDone(step)) open = true
    if (step.do.status !== 'pending' || !mayBegin(state, spec)) {
      if (isDone(step) && !step.carried) {
        const stop = breakpoint(state, spec.name, 'after')
        if (stop) return [stop]
      }
      continue
    }
    const stop = breakpoint(state, spec.name, 'before')
    decisions.push(...(stop ? [stop] : ready(definition, state, spec, 'do')))
  }
  if (!open) return [{ type: 'run.ended', status: 'succeeded' }]
  return decisions
}

/** Turns round, or ends at once when there is nothing to turn round for. */
function turn(definition: SagaDefinition, state: RunState, cause: Cause): EventBody[] {
  const steps = Object.values(state.steps)
  const owes = steps.some(
    (step) => isInFlight(step) || step.do.maybe || (mayHaveHappened(step) && stepOf(definition, step.name)?.undo),
  )
  const untouched = steps.every((step) => step.do.attempts === 0 && !isInFlight(step))
  if (untouched && !owes && (cause.type === 'cancel' || cause.type === 'compensate')) {
    return [{ type: 'run.ended', status: 'cancelled' }]
  }
  return [{ type: 'undo.begun', cause }]
}

function backward(definition: SagaDefinition, state: RunState): EventBody[] {
  const decisions: EventBody[] = []
  let open = false
  for (const spec of definition.steps) {
    const step = state.steps[spec.name] as StepState
    if (isInFlight(step) || isUndoOpen(step) || isProbing(step)) open = true
    if (needsProbe(definition, step)) {
      decisions.push(...ready(definition, state, spec, 'probe'))
      continue
    }
    if (step.undo.status !== 'owed' || !mayUndo(definition, state, spec.name)) continue
    const stop = breakpoint(state, spec.name, 'undo')
    decisions.push(...(stop ? [stop] : ready(definition, state, spec, 'undo')))
  }
  if (open || decisions.length > 0) return decisions
  return [{ type: 'run.ended', status: endOf(state) }]
}

function endOf(state: RunState): EndStatus {
  const steps = Object.values(state.steps)
  if (steps.some((step) => step.undo.status === 'waived')) return 'partially-compensated'
  if (steps.some((step) => step.undo.status === 'compensated' || step.undo.status === 'forced')) return 'compensated'
  // Only waits had begun: to the person who cancelled it, nothing ever happened.
  const isCancelled = state.cause?.type === 'cancel' || state.cause?.type === 'compensate'
  if (isCancelled && steps.every((step) => step.do.status === 'cancelled')) return 'cancelled'
  return 'failed'
}

/** A step begins when all that it waits for is done. */
export function mayBegin(state: RunState, spec: Step): boolean {
  for (const name of spec.after) if (!isDone(state.steps[name] as StepState)) return false
  return true
}

/** S3: an undo begins when everything that was built upon its step is settled. */
export function mayUndo(definition: SagaDefinition, state: RunState, name: string): boolean {
  const own = state.steps[name] as StepState
  if (isProbing(own)) return false
  for (const later of afterAll(definition, name)) {
    const step = state.steps[later] as StepState
    if (isInFlight(step) || isUndoOpen(step) || isProbing(step)) return false
  }
  return true
}

/** Actions that nobody carries out: they wait. A child is started by the engine, which gives it its id. */
function wait(state: RunState, spec: Step, at: number): EventBody[] {
  const { action } = spec
  if (action.type === 'timer') {
    const dueAt = action.ms === undefined ? timeOf(lookUp(action.until ?? '', scopeOf(state))) : at + action.ms
    return [{ type: 'step.waiting', step: spec.name, phase: 'do', for: { type: 'timer', dueAt: dueAt ?? at } }]
  }
  if (action.type === 'signal') {
    return [{ type: 'step.waiting', step: spec.name, phase: 'do', for: { type: 'signal', signal: action.signal } }]
  }
  return []
}

function timeOf(value: Json): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : value
  return typeof at === 'number' && Number.isFinite(at) ? at : null
}

/** The signal that a step waits for may have come already. */
function take(state: RunState, spec: Step): EventBody[] {
  const wanted = spec.action.type === 'signal' ? spec.action.signal : null
  const signal = state.signals.find((s) => s.signal === wanted)
  return signal ? [{ type: 'step.succeeded', step: spec.name, phase: 'do', output: signal.payload }] : []
}

function ready(definition: SagaDefinition, state: RunState, spec: Step, phase: Phase): EventBody[] {
  const { name: step } = spec
  const input = inputOf(definition, state, spec, phase)
  const size = isFilledIn(state, spec, phase) ? sizeOf(input) : 0
  if (size <= SAGA_LIMITS.value) return [{ type: 'step.ready', step, phase, input }]
  const message = `What its template puts together is ${size} characters long; ${SAGA_LIMITS.value} are allowed. Edit its input, and pass less in a new version.`
  const error = { code: INPUT_TOO_LARGE, message }
  return [
    { type: 'step.ready', step, phase, input: null },
    { type: 'step.attempt-failed', step, phase, error, outcome: 'failed', retryAt: null },
  ]
}

/** By a template, and so perhaps larger than anything that was handed in. */
function isFilledIn(state: RunState, spec: Step, phase: Phase): boolean {
  if (phase === 'probe' || state.steps[spec.name]?.edited[phase]) return false
  return (phase === 'do' ? spec.input : spec.undo?.input) !== undefined
}

/** Characters of JSON. */
function sizeOf(value: Json): number {
  try {
    return JSON.stringify(value).length
  } catch {
    // Nested too deep, or longer than any string.
    return Number.MAX_SAFE_INTEGER
  }
}

/** What the lane will be given: an operator's edit, else the template filled in, else the default. */
export function inputOf(_definition: SagaDefinition, state: RunState, spec: Step, phase: Phase): Json {
  const step = state.steps[spec.name] as StepState
  if (phase === 'do') {
    if (step.edited.do) return step.edited.do.input
    return spec.input === undefined ? state.input : fillIn(spec.input, scopeOf(state))
  }
  if (phase === 'probe') return step.do.input
  if (step.edited.undo) return step.edited.undo.input
  const done = { input: step.do.input, output: step.do.output }
  if (spec.undo?.input === undefined) return done
  return fillIn(spec.undo.input, { ...(scopeOf(state) as { [key: string]: Json }), do: done })
}

/** What the paths of templates see. */
export function scopeOf(state: RunState): Json {
  const steps: { [key: string]: Json } = {}
  for (const [name, step] of Object.entries(state.steps)) {
    if (isDone(step) || mayHaveHappened(step)) steps[name] = { input: step.do.input, output: step.do.output }
  }
  const { id, definition, version, startedAt, attributes } = state
  return { input: state.input, steps, run: { id, definition, version, startedAt, attributes: { ...attributes } } }
}

function breakpoint(state: RunState, step: string, at: BreakpointAt): EventBody | null {
  if (state.breakpoints.length === 0) return null
  if (!state.breakpoints.some((b) => b.at === at && (b.step === step || b.step === '*'))) return null
  if (state.passed.includes(momentOf(state, step, at))) return null
  return { type: 'run.paused', breakpoint: { step, at } }
}

function breakpointOnError(state: RunState): EventBody | null {
  if (state.direction === 'backward' || !state.breakpoints.some((b) => b.at === 'error')) return null
  for (const [name, step] of Object.entries(state.steps)) {
    const { status } = step.do
    if (status !== 'backoff' && status !== 'failed' && status !== 'unknown') continue
    const stop = breakpoint(state, name, 'error')
    if (stop) return stop
  }
  return null
}
