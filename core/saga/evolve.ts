/** How an event changes a run. Pure, and the only place where it happens; an illegal change throws. */
import { InternalError } from '../errors.ts'
import { type Json, SAGA_LIMITS, type SagaDefinition } from './definition.ts'
import type { HistoryEvent, Phase, SagaError, Started } from './event.ts'
import { stepOf } from './graph.ts'
import {
  type Attempt,
  assertTransition,
  DO_TRANSITIONS,
  type DoStatus,
  isUndoOpen,
  type Lane,
  lane,
  mayHaveHappened,
  PROBE_TRANSITIONS,
  type ProbeStatus,
  RUN_TRANSITIONS,
  type RunState,
  type StepState,
  UNDO_TRANSITIONS,
  type UndoStatus,
} from './state.ts'
import { deriveStatus } from './status.ts'

/**
 * The same as `evolve` for one event after another, but on one copy: 4,807 entries of a run with 801 steps take 20 ms instead
 * of 1,360. `from`: the state before the first of them; it stays as it is.
 */
export function fold(
  definition: SagaDefinition,
  history: Iterable<HistoryEvent>,
  from: RunState | null = null,
): RunState {
  let draft: RunState | null = from && ownCopy(from)
  for (const event of history) {
    if (event.type === 'run.started') {
      draft = begin(definition, event)
      continue
    }
    const state = mayFollow(draft, event)
    state.seq = event.seq
    state.updatedAt = event.at
    apply(definition, state, event)
  }
  if (!draft) throw new InternalError('A run without a history.')
  draft.status = deriveStatus(definition, draft)
  return draft
}

/** @throws InternalError when the event is not legal in `state` */
export function evolve(definition: SagaDefinition, state: RunState | null, event: HistoryEvent): RunState {
  if (event.type === 'run.started') return begin(definition, event)
  return evolveOwn(definition, ownCopy(mayFollow(state, event)), event)
}

/** The same on a state that nobody else holds, made by `ownCopy` or `run.started`: it is changed and returned. */
export function evolveOwn(definition: SagaDefinition, own: RunState | null, event: HistoryEvent): RunState {
  if (event.type === 'run.started') return begin(definition, event)
  const draft = mayFollow(own, event)
  const before = draft.status
  draft.seq = event.seq
  draft.updatedAt = event.at
  apply(definition, draft, event)
  draft.status = deriveStatus(definition, draft)
  if (draft.status !== before) assertTransition(RUN_TRANSITIONS, before, draft.status, `run ${draft.id}`)
  return draft
}

/** A copy that may be changed by `evolveOwn`; its steps are still shared, and copied when they change. */
export function ownCopy(state: RunState): RunState {
  return {
    id: state.id,
    definition: state.definition,
    version: state.version,
    seq: state.seq,
    status: state.status,
    direction: state.direction,
    input: state.input,
    idempotencyKey: state.idempotencyKey,
    attributes: state.attributes,
    parent: state.parent,
    redriveOf: state.redriveOf,
    startedBy: state.startedBy,
    traceparent: state.traceparent,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    endedAt: state.endedAt,
    deadlineAt: state.deadlineAt,
    deadlinePassed: state.deadlinePassed,
    admitted: state.admitted,
    paused: state.paused,
    allowed: state.allowed,
    breakpoints: state.breakpoints,
    passed: state.passed,
    cancelRequested: state.cancelRequested,
    compensateRequested: state.compensateRequested,
    cause: state.cause,
    fence: state.fence,
    inFlight: state.inFlight,
    signals: state.signals,
    ended: state.ended,
    steps: { ...state.steps },
  }
}

function mayFollow(state: RunState | null, event: HistoryEvent): RunState {
  if (!state) throw new InternalError('A history begins with run.started.')
  if (state.ended) throw new InternalError(`Run ${state.id} has ended (${state.ended}); ${event.type} comes too late.`)
  return state
}

function begin(definition: SagaDefinition, event: Started & { at: number; seq: number }): RunState {
  const carried = new Map(event.carried.map((c) => [c.step, c]))
  const reused = new Map(event.reused?.map((key) => [key.step, key]))
  // Histories of forks from before keys were listed: all of them began with the run that was forked.
  const isOlder = event.redriveOf?.keys === 'reused' && !event.reused
  const keyRoot = isOlder && event.redriveOf ? event.redriveOf.runId : event.runId
  const steps: Record<string, StepState> = {}
  for (const { name } of definition.steps) {
    const from = carried.get(name)
    const key = from ?? reused.get(name)
    steps[name] = {
      name,
      iteration: key?.iteration ?? 1,
      keyRoot: key?.keyRoot ?? keyRoot,
      keySpent: false,
      carried: from !== undefined,
      do: from
        ? {
            ...lane<DoStatus>(from.skipped ? 'skipped' : 'succeeded', event.at),
            input: from.input,
            output: from.output,
            endedAt: event.at,
          }
        : lane<DoStatus>('pending', event.at),
      undo: lane<UndoStatus>('not-needed', event.at),
      probe: lane<ProbeStatus>('none', event.at),
      edited: {},
    }
  }
  return {
    id: event.runId,
    definition: event.definition,
    version: event.version,
    seq: event.seq,
    status: 'queued',
    direction: 'forward',
    input: event.input,
    idempotencyKey: event.idempotencyKey,
    attributes: event.attributes,
    parent: event.parent,
    redriveOf: event.redriveOf,
    startedBy: event.by ?? null,
    traceparent: event.traceparent ?? null,
    startedAt: event.at,
    updatedAt: event.at,
    endedAt: null,
    deadlineAt: event.deadlineAt,
    deadlinePassed: false,
    admitted: false,
    paused: event.paused ? { since: event.at, by: event.by ?? null, breakpoint: null } : null,
    allowed: null,
    breakpoints: event.breakpoints,
    passed: [],
    cancelRequested: null,
    compensateRequested: null,
    cause: null,
    fence: 0,
    inFlight: 0,
    signals: [],
    ended: null,
    steps,
  }
}

/** `own`: nobody else holds the draft's steps, so that they need not be copied. */
function apply(definition: SagaDefinition, draft: RunState, event: Exclude<HistoryEvent, Started>): void {
  switch (event.type) {
    case 'run.admitted':
      if (draft.admitted) throw new InternalError(`Run ${draft.id} was admitted twice.`)
      draft.admitted = true
      return
    case 'run.paused': {
      draft.paused = { since: event.at, by: event.by ?? null, breakpoint: event.breakpoint }
      draft.allowed = null
      const hit = event.breakpoint
      if (hit) {
        draft.passed = [...draft.passed, momentOf(draft, hit.step, hit.at)].slice(-SAGA_LIMITS.steps * 4)
        draft.breakpoints = draft.breakpoints.filter(
          (b) => !(b.once && b.at === hit.at && (b.step === hit.step || b.step === '*')),
        )
      }
      return
    }
    case 'run.resumed':
      draft.paused = null
      draft.allowed = null
      return
    case 'run.allowed':
      draft.allowed = { step: event.step, phase: event.phase }
      return
    case 'breakpoint.set': {
      const { step, at } = event.breakpoint
      draft.breakpoints = [...draft.breakpoints.filter((b) => b.step !== step || b.at !== at), event.breakpoint]
      return
    }
    case 'breakpoint.cleared':
      draft.breakpoints = draft.breakpoints.filter(
        (b) => b.step !== event.breakpoint.step || b.at !== event.breakpoint.at,
      )
      return
    case 'run.deadline-passed':
      draft.deadlinePassed = true
      return
    case 'run.cancel-requested':
      draft.cancelRequested = event.by
      return
    case 'run.compensate-requested':
      draft.compensateRequested = event.by
      return
    case 'signal.received':
      draft.signals = [...draft.signals, { signal: event.signal, payload: event.payload, at: event.at }].slice(
        -SAGA_LIMITS.signalsKept,
      )
      return
    case 'undo.begun':
      beginUndo(definition, draft, event)
      return
    case 'run.ended':
      draft.ended = event.status
      draft.endedAt = event.at
      draft.paused = null
      draft.allowed = null
      return
    default:
      onStep(definition, draft, event)
  }
}

function onStep(
  definition: SagaDefinition,
  draft: RunState,
  event: Extract<HistoryEvent, { type: `step.${string}` | 'undo.forced' | 'undo.waived' }>,
): void {
  const before = draft.steps[event.step]
  if (!before) throw new InternalError(`Run ${draft.id} has no step "${event.step}".`)
  const step = copyOf(before)
  ;(draft.steps as Record<string, StepState>)[event.step] = step
  const { at } = event
  switch (event.type) {
    case 'step.ready': {
      if (event.phase === 'do' && draft.direction === 'backward') {
        throw new InternalError(`Run ${draft.id} is being undone; "${event.step}" must not begin (S4).`)
      }
      const phase = event.phase
      move(step, phase, 'ready', at)
      step[phase].input = event.input
      step[phase].tries = 0
      return
    }
    case 'step.leased': {
      if (event.phase === 'do' && draft.direction === 'backward') {
        throw new InternalError(`Run ${draft.id} is being undone; "${event.step}" must not begin (S4).`)
      }
      if (event.fence <= draft.fence) throw new InternalError(`Fence ${event.fence} was given before.`)
      draft.fence = event.fence
      draft.inFlight += 1
      const { fence, worker, actor, attempt } = event
      const l = move(step, event.phase, 'leased', at)
      l.lease = { fence, worker, actor, attempt, at }
      l.attempts += 1
      l.tries += 1
      l.startedAt ??= at
      l.error = null
      l.log = [
        ...l.log,
        { attempt, fence, worker, from: at, to: null, outcome: 'running' as const, error: null },
      ].slice(-SAGA_LIMITS.attemptsShown)
      return
    }
    case 'step.waiting': {
      const l = move(step, event.phase, 'waiting', at)
      l.waitFor = event.for
      l.startedAt ??= at
      if (event.for.type === 'child') {
        l.attempts += 1
        l.tries += 1
      }
      return
    }
    case 'step.succeeded': {
      const l = leave(draft, step, event.phase, at, 'succeeded', null)
      if (event.phase === 'probe') {
        move(step, 'probe', 'answered', at)
        resolve(definition, draft, step, event.happened === true, event.output, at, event.final !== false)
        step.keySpent = event.final === true
        return
      }
      move(step, event.phase, event.phase === 'do' ? 'succeeded' : 'compensated', at)
      l.output = event.output
      l.endedAt = at
      const waited = event.phase === 'do' ? stepOf(definition, step.name)?.action : undefined
      if (waited?.type === 'signal') takeSignal(draft, waited.signal)
      if (event.phase === 'do') oweIfUndoing(definition, draft, step, at)
      settleAllowance(draft, event.step, event.phase)
      return
    }
    case 'step.attempt-failed': {
      const l = leave(draft, step, event.phase, at, event.outcome, event.error)
      if (event.outcome === 'unknown') l.maybe = true
      l.error = event.error
      l.retryAt = null
      if (event.retryAt !== null && !(event.phase === 'do' && draft.direction === 'backward')) {
        move(step, event.phase, 'backoff', at).retryAt = event.retryAt
        return
      }
      l.endedAt = at
      if (event.phase === 'probe') move(step, 'probe', 'inconclusive', at)
      else if (event.phase === 'undo') move(step, 'undo', 'stuck', at)
      else {
        move(step, 'do', l.maybe ? 'unknown' : 'failed', at)
        oweIfUndoing(definition, draft, step, at)
      }
      settleAllowance(draft, event.step, event.phase)
      return
    }
    case 'step.retry-due':
      move(step, event.phase, 'ready', at).retryAt = null
      return
    case 'step.skipped': {
      const l = move(step, 'do', 'skipped', at)
      l.output = event.output
      l.endedAt = at
      l.waitFor = null
      l.by = { ...event.by, action: 'skip' }
      return
    }
    case 'step.retried': {
      if (event.newKey) {
        step.iteration += 1
        step.keySpent = false
      }
      const l = move(step, event.phase, 'ready', at)
      l.tries = 0
      l.endedAt = null
      l.retryAt = null
      l.by = { ...event.by, action: 'retry' }
      if (event.phase === 'do' && event.newKey) l.maybe = false
      const edited = event.phase === 'probe' ? undefined : step.edited[event.phase]
      if (edited) l.input = edited.input
      if (event.phase === 'do' && step.probe.status !== 'none') move(step, 'probe', 'none', at)
      return
    }
    case 'step.input-edited': {
      step.edited = { ...step.edited, [event.phase]: { input: event.input, by: event.by } }
      const l = step[event.phase]
      if (l.status === 'ready' || l.status === 'backoff') l.input = event.input
      return
    }
    case 'step.resolved':
      if (step.probe.status === 'leased') draft.inFlight -= 1
      if (step.probe.status !== 'none') move(step, 'probe', 'none', at).lease = null
      resolve(definition, draft, step, event.happened, event.output, at, true)
      step.do.by = { ...event.by, action: event.happened ? 'resolve as happened' : 'resolve as not happened' }
      return
    case 'undo.forced':
    case 'undo.waived': {
      const forced = event.type === 'undo.forced'
      const l = move(step, 'undo', forced ? 'forced' : 'waived', at)
      l.endedAt = at
      l.by = { ...event.by, action: forced ? 'force' : 'waive' }
      return
    }
  }
}

/** Puts one lane of a fresh copy into its next status; refuses what the tables do not list. */
function move(step: StepState, phase: Phase, to: string, at: number): Lane<string> {
  const what = `the ${phase} of "${step.name}"`
  const l: Lane<string> = step[phase]
  if (phase === 'do') assertTransition(DO_TRANSITIONS, l.status as DoStatus, to as DoStatus, what)
  else if (phase === 'undo') assertTransition(UNDO_TRANSITIONS, l.status as UndoStatus, to as UndoStatus, what)
  else assertTransition(PROBE_TRANSITIONS, l.status as ProbeStatus, to as ProbeStatus, what)
  l.status = to
  l.since = at
  return l
}

/** Ends what is under way in a lane: its lease, its wait, its attempt. */
function leave(
  draft: RunState,
  step: StepState,
  phase: Phase,
  at: number,
  outcome: Attempt['outcome'],
  error: SagaError | null,
): Lane<string> {
  const l: Lane<string> = step[phase]
  if (l.lease) {
    const { fence } = l.lease
    draft.inFlight -= 1
    l.log = l.log.map((a) => (a.fence === fence ? { ...a, to: at, outcome, error } : a))
    l.lease = null
  }
  l.waitFor = null
  return l
}

/** Field by field: a spread of objects of several hidden shapes takes V8's slow way. A run of 18 events 20 µs, else 44. */
function copyOf(step: StepState): StepState {
  return {
    name: step.name,
    iteration: step.iteration,
    keyRoot: step.keyRoot,
    keySpent: step.keySpent,
    carried: step.carried,
    do: copyOfLane(step.do),
    undo: copyOfLane(step.undo),
    probe: copyOfLane(step.probe),
    edited: step.edited,
  }
}

function copyOfLane<S>(l: Lane<S>): Lane<S> {
  return {
    status: l.status,
    since: l.since,
    attempts: l.attempts,
    tries: l.tries,
    lease: l.lease,
    input: l.input,
    output: l.output,
    error: l.error,
    maybe: l.maybe,
    retryAt: l.retryAt,
    waitFor: l.waitFor,
    startedAt: l.startedAt,
    endedAt: l.endedAt,
    log: l.log,
    by: l.by,
  }
}

function takeSignal(draft: RunState, signal: string): void {
  const at = draft.signals.findIndex((s) => s.signal === signal)
  if (at >= 0) draft.signals = draft.signals.filter((_, i) => i !== at)
}

function settleAllowance(draft: RunState, step: string, phase: Phase): void {
  if (draft.allowed?.step === step && draft.allowed.phase === phase) draft.allowed = null
}

/** What comes in while the run is being undone is undone as well. */
function oweIfUndoing(definition: SagaDefinition, draft: RunState, step: StepState, at: number): void {
  if (draft.direction !== 'backward' || !stepOf(definition, step.name)?.undo) return
  if (!mayHaveHappened(step)) return
  if (step.undo.status === 'not-needed') move(step, 'undo', 'owed', at)
}

/** `final`: a no that stays one. One that may change leaves the undo owed, which then keeps a late do from happening. */
function resolve(
  definition: SagaDefinition,
  draft: RunState,
  step: StepState,
  happened: boolean,
  output: Json,
  at: number,
  final: boolean,
): void {
  const l: Lane<string> = step.do
  if (happened || l.status !== 'failed') move(step, 'do', happened ? 'succeeded' : 'failed', at)
  l.maybe = !happened && !final && Boolean(stepOf(definition, step.name)?.undo)
  l.endedAt = at
  if (happened) {
    l.output = output
    l.error = null
    oweIfUndoing(definition, draft, step, at)
  } else if (final && isUndoOpen(step)) move(step, 'undo', 'not-needed', at)
}

function beginUndo(
  definition: SagaDefinition,
  draft: RunState,
  event: Extract<HistoryEvent, { type: 'undo.begun' }>,
): void {
  if (draft.direction === 'backward') throw new InternalError(`Run ${draft.id} is being undone already.`)
  draft.direction = 'backward'
  draft.cause = event.cause
  draft.allowed = null
  const steps: Record<string, StepState> = {}
  for (const [name, before] of Object.entries(draft.steps)) {
    const step = copyOf(before)
    steps[name] = step
    const { status } = step.do
    const stops = status === 'pending' || status === 'ready' || status === 'backoff'
    if (stops || (status === 'waiting' && step.do.waitFor?.type !== 'child')) {
      const to = step.do.maybe ? 'unknown' : step.do.attempts > 0 && status !== 'waiting' ? 'failed' : 'cancelled'
      const l = move(step, 'do', to, event.at)
      l.endedAt = event.at
      l.retryAt = null
      l.waitFor = null
    }
    oweIfUndoing(definition, draft, step, event.at)
  }
  draft.steps = steps
}

/** A moment that a breakpoint stops at once. */
export function momentOf(state: RunState, name: string, at: string): string {
  const step = state.steps[name]
  if (at === 'error') return `error:${name}:${step?.do.attempts ?? 0}`
  const tries = at === 'undo' ? 0 : (step?.iteration ?? 0)
  return `${at}:${name}:${tries}`
}
