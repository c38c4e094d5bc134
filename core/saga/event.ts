/** What happens to a run. Its history is the list of these; its state is their fold. */
import type { BreakpointAt, Json } from './definition.ts'

/** Which half of a step: its do, its undo, or the question whether its do has happened. */
export const PHASES = ['do', 'undo', 'probe'] as const
export type Phase = (typeof PHASES)[number]

export interface SagaError {
  /** the participant's or ours: `TIMEOUT`, `LEASE_EXPIRED`, `HTTP_503`, `card-declined` */
  code: string
  message: string
  details?: Json | undefined
}

/** A person (or a program in a person's place) did it, and why. What has none happened by itself. */
export interface By {
  actor: string
  reason: string
}

export interface Breakpoint {
  step: string
  at: BreakpointAt
  /** gone once it was hit: "run to here" */
  once: boolean
}

export type Cause =
  | { type: 'step'; step: string; error: SagaError | null }
  | { type: 'deadline' }
  | { type: 'cancel'; by: By }
  | { type: 'compensate'; by: By }

/** How a run ends. */
export const END_STATUSES = [
  'succeeded',
  'compensated',
  'partially-compensated',
  'failed',
  'cancelled',
  'terminated',
] as const
export type EndStatus = (typeof END_STATUSES)[number]

/** What a fork takes over from the run it was made of. */
export interface Carried {
  step: string
  input: Json
  output: Json
  /** the key it ran under, so that an undo finds it */
  keyRoot: string
  iteration: number
  skipped: boolean
}

/** The key that a step of a fork begins with, when not one of its own. */
export interface KeyOfStep {
  step: string
  keyRoot: string
  iteration: number
}

export interface Redrive {
  runId: string
  step: string
  /** `reused`: participants see the same keys and answer with their first result; `new`: everything happens anew */
  keys: 'reused' | 'new'
}

export interface Started {
  type: 'run.started'
  runId: string
  definition: string
  version: number
  input: Json
  idempotencyKey: string | null
  attributes: Record<string, string>
  breakpoints: Breakpoint[]
  paused: boolean
  parent: { runId: string; step: string; phase: Phase } | null
  redriveOf: Redrive | null
  carried: Carried[]
  /** of the steps that are not carried, in a fork that reuses keys */
  reused?: KeyOfStep[] | undefined
  /** milliseconds since the epoch */
  deadlineAt: number | null
  /** W3C trace context of whoever started it; its steps go on with that trace */
  traceparent?: string | undefined
  by?: By | undefined
}

export type EventBody =
  | Started
  // there was room under the definition's concurrency
  | { type: 'run.admitted' }
  | { type: 'run.paused'; breakpoint: { step: string; at: BreakpointAt } | null; by?: By | undefined }
  | { type: 'run.resumed'; by: By }
  // one lane may go on although the run is paused
  | { type: 'run.allowed'; step: string; phase: Phase; by: By }
  | { type: 'breakpoint.set'; breakpoint: Breakpoint; by: By }
  | { type: 'breakpoint.cleared'; breakpoint: { step: string; at: BreakpointAt }; by: By }
  | { type: 'step.ready'; step: string; phase: Phase; input: Json }
  | {
      type: 'step.leased'
      step: string
      phase: Phase
      attempt: number
      fence: number
      /** who holds it: a worker's name, or `http` when the control plane calls */
      worker: string
      /** the principal that claimed it */
      actor: string
    }
  | { type: 'step.waiting'; step: string; phase: Phase; for: WaitFor }
  // a do or undo succeeded; of a probe: it got an answer, and `output` is the do's when it has happened
  | {
      type: 'step.succeeded'
      step: string
      phase: Phase
      output: Json
      happened?: boolean | undefined
      /** of a probe's no: true, the participant refuses the key from now on; false, it may still come; absent in old histories */
      final?: boolean | undefined
    }
  | {
      type: 'step.attempt-failed'
      step: string
      phase: Phase
      error: SagaError
      /** `failed`: it certainly did not happen */
      outcome: 'failed' | 'unknown'
      /** null: it was the last one */
      retryAt: number | null
    }
  | { type: 'step.retry-due'; step: string; phase: Phase }
  | { type: 'step.skipped'; step: string; output: Json; by: By }
  | { type: 'step.retried'; step: string; phase: Phase; newKey: boolean; by: By }
  | { type: 'step.input-edited'; step: string; phase: 'do' | 'undo'; input: Json; by: By }
  | { type: 'step.resolved'; step: string; happened: boolean; output: Json; by: By }
  | { type: 'undo.begun'; cause: Cause }
  | { type: 'undo.forced'; step: string; by: By }
  | { type: 'undo.waived'; step: string; by: By }
  | { type: 'signal.received'; signal: string; payload: Json; by?: By | undefined }
  | { type: 'run.deadline-passed' }
  | { type: 'run.cancel-requested'; by: By }
  | { type: 'run.compensate-requested'; by: By }
  | { type: 'run.ended'; status: EndStatus; by?: By | undefined }

export type WaitFor =
  | { type: 'timer'; dueAt: number }
  | { type: 'signal'; signal: string }
  | { type: 'child'; runId: string }

export type EventType = EventBody['type']

export type HistoryEvent = EventBody & {
  /** position in the run's history, from 1 */
  seq: number
  /** milliseconds since the epoch */
  at: number
}
