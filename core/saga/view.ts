/** What pages draw. Made by the server, and by a page that folds the history up to a moment of the past. */
import type { Json, SagaDefinition, StepKind } from './definition.ts'
import type { Breakpoint, By, Cause, HistoryEvent, Phase, Redrive, SagaError } from './event.ts'
import { stepOf } from './graph.ts'
import { type Candidate, candidates, type Plan, plan } from './plan.ts'
import { place } from './sentence.ts'
import {
  type Attempt,
  type Direction,
  type DoStatus,
  isDone,
  keyOf,
  type Lane,
  type ProbeStatus,
  RUN_STATUSES,
  type RunState,
  type RunStatus,
  type UndoStatus,
} from './state.ts'
import { isParked, isPivotCommitted } from './status.ts'

/** One line of a list; also the value of the journal's `saga/<id>`. */
export interface RunSummary {
  id: string
  definition: string
  version: number
  status: RunStatus
  direction: Direction
  startedAt: number
  updatedAt: number
  endedAt: number | null
  /** done and undone among all */
  steps: { total: number; done: number; undone: number; owed: number }
  /** lanes under way, waiting or parked, a few */
  current: { step: string; phase: Phase; status: string; attempts?: number | undefined }[]
  error: (SagaError & { step: string | null }) | null
  /** why a person is asked for; null when none is */
  attention: string | null
  /** since when */
  attentionSince: number | null
  attributes: Readonly<Record<string, string>>
  idempotencyKey: string | null
  parent: { runId: string; step: string } | null
  redriveOf: Redrive | null
}

export type Counts = Record<RunStatus, number>

export interface LaneView<S> {
  status: S
  since: number
  attempts: number
  input: Json
  output: Json
  error: SagaError | null
  /** an attempt of it may have happened */
  maybe: boolean
  worker: string | null
  retryAt: number | null
  waitFor:
    | { type: 'timer'; dueAt: number }
    | { type: 'signal'; signal: string }
    | { type: 'child'; runId: string }
    | null
  startedAt: number | null
  endedAt: number | null
  log: readonly Attempt[]
  /** a person settled it: drawn apart */
  by: (By & { action: string }) | null
  key: string
  edited: (By & { input: Json }) | null
}

export interface StepView {
  name: string
  description: string
  kind: StepKind
  action: SagaDefinition['steps'][number]['action']
  after: string[]
  inputSchema: Json | null
  iteration: number
  carried: boolean
  /** its participant refuses the present key: a retry gets a new one */
  keySpent: boolean
  parked: boolean
  hasUndo: boolean
  do: LaneView<DoStatus>
  undo: LaneView<UndoStatus>
  /** null without a probe */
  probe: LaneView<ProbeStatus> | null
}

export interface RunView extends RunSummary {
  seq: number
  input: Json
  startedBy: By | null
  deadlineAt: number | null
  cause: Cause | null
  paused: RunState['paused']
  /** paused, and nothing is under way any more */
  quiesced: boolean
  inFlight: number
  allowed: RunState['allowed']
  breakpoints: readonly Breakpoint[]
  pivotCommitted: boolean
  /** a person wants it undone, and its pivot must be known first */
  asked: (By & { for: 'cancel' | 'compensate' }) | null
  signalsKept: readonly { signal: string; at: number }[]
  /** in the order of the definition */
  lanes: StepView[]
  plan: Plan
  /** what a step over would let go on */
  next: Candidate[]
}

export type HistoryEntry = HistoryEvent & {
  /** a sentence for people */
  summary: string
  /** done by a person */
  operator: boolean
}

export interface DefinitionView extends SagaDefinition {
  createdAt: number
  createdBy: string
}

export interface DefinitionSummary {
  name: string
  description: string
  latest: number
  versions: number
  steps: number
  updatedAt: number
  updatedBy: string
  breakpoints: readonly Breakpoint[]
  /** runs by status, of all versions */
  counts: Counts
}

export function noCounts(): Counts {
  return Object.fromEntries(RUN_STATUSES.map((status) => [status, 0])) as Counts
}

export function summaryOf(definition: SagaDefinition, state: RunState): RunSummary {
  let done = 0
  let undone = 0
  let owed = 0
  let error: RunSummary['error'] = null
  let attentionSince: number | null = null
  const waits: string[] = []
  const current: RunSummary['current'] = []
  const committed = isPivotCommitted(definition, state)
  for (const name in state.steps) {
    const step = state.steps[name]
    if (!step) continue
    if (isDone(step)) done += 1
    const undo = step.undo.status
    if (undo === 'compensated' || undo === 'forced') undone += 1
    else if (undo !== 'not-needed' && undo !== 'waived') owed += 1
    const failure = step.undo.error ?? step.do.error
    if (failure && !isDone(step)) error ??= { ...failure, step: name }
    if (undo === 'stuck') {
      waits.push(`the undo of ${name} is stuck`)
      attentionSince = Math.min(attentionSince ?? step.undo.since, step.undo.since)
      if (step.undo.error) error = { ...step.undo.error, step: name }
    } else if (!state.ended && isParked(definition, state, step, committed)) {
      waits.push(step.do.status === 'unknown' ? `whether ${name} happened is unknown` : `${name} has failed for good`)
      attentionSince = Math.min(attentionSince ?? step.do.since, step.do.since)
    }
    if (current.length < 5 && !state.ended) {
      for (const phase of ['do', 'undo', 'probe'] as const) {
        const { status, attempts } = step[phase]
        if (
          status === 'leased' ||
          status === 'backoff' ||
          status === 'waiting' ||
          status === 'stuck' ||
          status === 'ready'
        ) {
          current.push({ step: name, phase, status, attempts })
        }
      }
    }
  }
  const hit = state.paused?.breakpoint
  if (hit && !state.ended) {
    waits.push(`stopped ${place(hit)}`)
    attentionSince = Math.min(attentionSince ?? Number.POSITIVE_INFINITY, state.paused?.since ?? state.updatedAt)
  }
  if (state.cause?.type === 'deadline')
    error ??= { code: 'DEADLINE', message: 'The run passed its deadline.', step: null }
  return {
    id: state.id,
    definition: state.definition,
    version: state.version,
    status: state.status,
    direction: state.direction,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    endedAt: state.endedAt,
    steps: { total: definition.steps.length, done, undone, owed },
    current,
    error: state.ended === 'succeeded' ? null : error,
    attention: state.ended || waits.length === 0 ? null : waits.join('; '),
    attentionSince: state.ended ? null : attentionSince,
    attributes: state.attributes,
    idempotencyKey: state.idempotencyKey,
    parent: state.parent && { runId: state.parent.runId, step: state.parent.step },
    redriveOf: state.redriveOf,
  }
}

/** A child goes on while its parent is paused. */
function hasChildAtWork(state: RunState): boolean {
  return Object.values(state.steps).some(
    (step) => step.do.waitFor?.type === 'child' || step.undo.waitFor?.type === 'child',
  )
}

function askedOf(state: RunState, committed: boolean): RunView['asked'] {
  if (state.ended || state.direction === 'backward' || committed) return null
  if (state.cancelRequested) return { ...state.cancelRequested, for: 'cancel' }
  return state.compensateRequested && { ...state.compensateRequested, for: 'compensate' }
}

export function viewOf(definition: SagaDefinition, state: RunState): RunView {
  const committed = isPivotCommitted(definition, state)
  return {
    ...summaryOf(definition, state),
    seq: state.seq,
    input: state.input,
    startedBy: state.startedBy,
    deadlineAt: state.deadlineAt,
    cause: state.cause,
    paused: state.paused,
    quiesced: state.paused !== null && state.inFlight === 0 && !hasChildAtWork(state),
    inFlight: state.inFlight,
    allowed: state.allowed,
    breakpoints: state.breakpoints,
    pivotCommitted: committed,
    asked: askedOf(state, committed),
    signalsKept: state.signals.map(({ signal, at }) => ({ signal, at })),
    lanes: Object.values(state.steps).flatMap((step) => {
      const spec = stepOf(definition, step.name)
      if (!spec) return []
      const view = <S>(lane: Lane<S>, phase: Phase): LaneView<S> => {
        const { lease, tries: _tries, ...rest } = lane
        const edit = phase === 'probe' ? undefined : step.edited[phase]
        return {
          ...rest,
          worker: lease?.worker ?? null,
          key: keyOf(step, phase),
          edited: edit ? { ...edit.by, input: edit.input } : null,
        }
      }
      return {
        name: step.name,
        description: spec.description,
        kind: spec.kind,
        action: spec.action,
        after: spec.after,
        inputSchema: spec.inputSchema,
        iteration: step.iteration,
        carried: step.carried,
        keySpent: step.keySpent,
        parked: !state.ended && isParked(definition, state, step, committed),
        hasUndo: spec.undo !== null,
        do: view(step.do, 'do'),
        undo: view(step.undo, 'undo'),
        probe: spec.probe ? view(step.probe, 'probe') : null,
      }
    }),
    plan: plan(definition, state),
    next: state.ended ? [] : candidates(definition, state),
  }
}
