/** What a run is at a moment, and which changes of it are legal. Direction is kept apart from status. */
import { InternalError } from '../errors.ts'
import type { Json } from './definition.ts'
import type { Breakpoint, By, Cause, EndStatus, Phase, Redrive, SagaError, WaitFor } from './event.ts'

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'succeeded',
  'compensating',
  'compensated',
  'stuck',
  'partially-compensated',
  'failed',
  'cancelled',
  'terminated',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]
export type Direction = 'forward' | 'backward'

export const DO_STATUSES = [
  'pending',
  'ready',
  'leased',
  'backoff',
  'waiting',
  'succeeded',
  'failed',
  'unknown',
  'skipped',
  'cancelled',
] as const
export type DoStatus = (typeof DO_STATUSES)[number]

export const UNDO_STATUSES = [
  'not-needed',
  'owed',
  'ready',
  'leased',
  'backoff',
  'waiting',
  'compensated',
  'stuck',
  'forced',
  'waived',
] as const
export type UndoStatus = (typeof UNDO_STATUSES)[number]

/** `answered`: it said whether the do has happened; `inconclusive`: it could not. */
export const PROBE_STATUSES = ['none', 'ready', 'leased', 'backoff', 'answered', 'inconclusive'] as const
export type ProbeStatus = (typeof PROBE_STATUSES)[number]

const OVER: readonly RunStatus[] = []
const OPEN_ENDS: readonly RunStatus[] = ['failed', 'cancelled', 'terminated']

export const RUN_TRANSITIONS: Record<RunStatus, readonly RunStatus[]> = {
  queued: ['running', 'waiting', 'paused', ...OPEN_ENDS],
  running: ['waiting', 'paused', 'succeeded', 'compensating', 'stuck', ...OPEN_ENDS],
  waiting: ['running', 'paused', 'succeeded', 'compensating', 'stuck', ...OPEN_ENDS],
  paused: ['queued', 'running', 'waiting', 'compensating', 'stuck', ...OPEN_ENDS],
  compensating: ['paused', 'compensated', 'stuck', 'partially-compensated', 'failed', 'cancelled', 'terminated'],
  stuck: ['running', 'waiting', 'paused', 'compensating', 'terminated'],
  succeeded: OVER,
  compensated: OVER,
  'partially-compensated': OVER,
  failed: OVER,
  cancelled: OVER,
  terminated: OVER,
}

export const DO_TRANSITIONS: Record<DoStatus, readonly DoStatus[]> = {
  pending: ['ready', 'cancelled', 'skipped'],
  ready: ['leased', 'waiting', 'skipped', 'cancelled', 'failed', 'unknown', 'succeeded'],
  leased: ['succeeded', 'failed', 'unknown', 'backoff'],
  backoff: ['ready', 'skipped', 'failed', 'unknown'],
  waiting: ['succeeded', 'failed', 'unknown', 'skipped', 'cancelled', 'backoff'],
  failed: ['ready', 'skipped', 'succeeded'],
  unknown: ['ready', 'succeeded', 'failed', 'skipped'],
  succeeded: [],
  skipped: [],
  cancelled: [],
}

export const UNDO_TRANSITIONS: Record<UndoStatus, readonly UndoStatus[]> = {
  'not-needed': ['owed'],
  owed: ['ready', 'forced', 'waived', 'not-needed'],
  ready: ['leased', 'waiting', 'stuck', 'forced', 'waived', 'not-needed'],
  leased: ['compensated', 'backoff', 'stuck'],
  backoff: ['ready', 'stuck', 'forced', 'waived'],
  waiting: ['compensated', 'backoff', 'stuck'],
  stuck: ['ready', 'forced', 'waived'],
  compensated: [],
  forced: [],
  waived: [],
}

export const PROBE_TRANSITIONS: Record<ProbeStatus, readonly ProbeStatus[]> = {
  none: ['ready'],
  ready: ['leased', 'none'],
  leased: ['answered', 'backoff', 'inconclusive', 'none'],
  backoff: ['ready', 'inconclusive', 'none'],
  // A do that is tried again may become unknown again.
  answered: ['none'],
  inconclusive: ['none'],
}

export interface Lease {
  fence: number
  worker: string
  actor: string
  attempt: number
  at: number
}

/** One attempt, as the Gantt draws it. */
export interface Attempt {
  attempt: number
  fence: number
  worker: string
  from: number
  to: number | null
  outcome: 'running' | 'succeeded' | 'failed' | 'unknown'
  error: SagaError | null
}

export interface Lane<S> {
  status: S
  /** since when it has this status */
  since: number
  /** begun so far */
  attempts: number
  /** begun since it was last made ready by the run itself or a person: what the retry budget is counted by */
  tries: number
  lease: Lease | null
  /** null until it is ready */
  input: Json
  output: Json
  error: SagaError | null
  /** an attempt of it has ended without anyone knowing whether it happened */
  maybe: boolean
  retryAt: number | null
  waitFor: WaitFor | null
  /** of the first attempt */
  startedAt: number | null
  endedAt: number | null
  /** the newest ones */
  log: readonly Attempt[]
  /** who settled it in the run's stead */
  by: (By & { action: string }) | null
}

export interface StepState {
  name: string
  /** counts the keys it used: an operator may ask for a retry under a new one */
  iteration: number
  keyRoot: string
  /** its participant has said that it refuses this key from now on: a retry needs a new one */
  keySpent: boolean
  /** taken over by a fork */
  carried: boolean
  do: Lane<DoStatus>
  undo: Lane<UndoStatus>
  probe: Lane<ProbeStatus>
  /** set by an operator, used when the lane is next made ready */
  edited: { readonly do?: { input: Json; by: By }; readonly undo?: { input: Json; by: By } }
}

export interface RunState {
  id: string
  definition: string
  version: number
  /** of the last event */
  seq: number
  status: RunStatus
  direction: Direction
  input: Json
  idempotencyKey: string | null
  attributes: Readonly<Record<string, string>>
  parent: { runId: string; step: string; phase: Phase } | null
  redriveOf: Redrive | null
  startedBy: By | null
  traceparent: string | null
  startedAt: number
  updatedAt: number
  endedAt: number | null
  deadlineAt: number | null
  deadlinePassed: boolean
  admitted: boolean
  paused: { since: number; by: By | null; breakpoint: { step: string; at: Breakpoint['at'] } | null } | null
  /** the lane that may go on in a paused run */
  allowed: { step: string; phase: Phase } | null
  breakpoints: readonly Breakpoint[]
  /** moments that a breakpoint has stopped at already */
  passed: readonly string[]
  cancelRequested: By | null
  compensateRequested: By | null
  /** why it is undone */
  cause: Cause | null
  /** the last one given */
  fence: number
  /** leased lanes */
  inFlight: number
  /** signals that nobody waited for yet, oldest first */
  signals: readonly { signal: string; payload: Json; at: number }[]
  ended: EndStatus | null
  steps: Readonly<Record<string, StepState>>
}

export function lane<S>(status: S, at: number): Lane<S> {
  return {
    status,
    since: at,
    attempts: 0,
    tries: 0,
    lease: null,
    input: null,
    output: null,
    error: null,
    maybe: false,
    retryAt: null,
    waitFor: null,
    startedAt: null,
    endedAt: null,
    log: [],
    by: null,
  }
}

/** @throws InternalError: a change that the tables above do not list is a defect, never carried out */
export function assertTransition<S extends string>(table: Record<S, readonly S[]>, from: S, to: S, what: string): void {
  if (!table[from].includes(to)) throw new InternalError(`Illegal transition of ${what}: ${from} → ${to}.`)
}

/** `run:step:iteration:do|undo`: the same in every attempt, so that a participant can tell a repetition. A probe asks about the do. */
export function keyOf(step: StepState, phase: Phase): string {
  return `${step.keyRoot}:${step.name}:${step.iteration}:${phase === 'undo' ? 'undo' : 'do'}`
}

/** Its do has happened, or may have: if it has an undo, that is owed when the run turns round. */
export function mayHaveHappened({ do: { status, maybe } }: StepState): boolean {
  // A probe's no that is not final leaves a failed do that may still happen.
  return status === 'succeeded' || status === 'unknown' || (status === 'failed' && maybe)
}

export function isDone(step: StepState): boolean {
  return step.do.status === 'succeeded' || step.do.status === 'skipped'
}

const UNDO_OPEN: ReadonlySet<UndoStatus> = new Set(['owed', 'ready', 'leased', 'backoff', 'waiting', 'stuck'])

/** An undo that is still to happen. */
export function isUndoOpen(step: StepState): boolean {
  return UNDO_OPEN.has(step.undo.status)
}

export function isInFlight(step: StepState): boolean {
  return (
    step.do.status === 'leased' ||
    step.do.status === 'waiting' ||
    step.undo.status === 'leased' ||
    step.probe.status === 'leased'
  )
}

export function isProbing(step: StepState): boolean {
  const { status } = step.probe
  return status === 'ready' || status === 'leased' || status === 'backoff'
}
