/** What a saga is made of. A definition is immutable; the server gives each change of it a new version (S6). */

/** What can travel in inputs and outputs. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * `compensatable`: undone when the run fails before its pivot. `pivot`: the point of no return; once it has succeeded
 * nothing is undone any more. `retriable`: cannot be refused, only be late; when its retries are spent the run is parked.
 */
export const STEP_KINDS = ['compensatable', 'pivot', 'retriable'] as const
export type StepKind = (typeof STEP_KINDS)[number]

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** A worker of the SDK does it: whoever claims `task` on `queue` (default: `default`). */
export interface TaskAction {
  type: 'task'
  task: string
  queue?: string | undefined
}

/**
 * A call to an instance of a registered service. `{field}` in `path` is taken from the step's input; the input is the JSON
 * body, except for GET and DELETE. `Idempotency-Key` is the step's key, the same in every attempt.
 */
export interface HttpAction {
  type: 'http'
  service: string
  method: (typeof HTTP_METHODS)[number]
  path: string
  headers?: Record<string, string> | undefined
}

/** Waits, across restarts: for `ms`, or until the time (milliseconds since the epoch or ISO 8601) that the path `until` names. */
export interface TimerAction {
  type: 'timer'
  ms?: number | undefined
  until?: string | undefined
}

/** Waits for a signal of that name; what was sent with it is the output. One that came early is kept. */
export interface SignalAction {
  type: 'signal'
  signal: string
}

/** Starts another saga and waits for its end; the outputs of its steps are the output. */
export interface ChildAction {
  type: 'saga'
  definition: string
  version?: number | undefined
}

export type SagaAction = TaskAction | HttpAction | TimerAction | SignalAction | ChildAction
export type WorkAction = TaskAction | HttpAction
export type UndoAction = TaskAction | HttpAction | ChildAction

/** A backoff policy by name, or inline; what is left out comes from the default of its place. */
export interface RetrySpec {
  policy?: string | undefined
  maxAttempts?: number | undefined
  initialDelayMs?: number | undefined
  multiplier?: number | undefined
  maxDelayMs?: number | undefined
}

export interface Retry {
  /** a policy of that name, where there is one, goes before what stands here */
  policy: string | null
  maxAttempts: number
  initialDelayMs: number
  multiplier: number
  maxDelayMs: number
}

export const DO_RETRY: Retry = { policy: null, maxAttempts: 4, initialDelayMs: 200, multiplier: 2, maxDelayMs: 30_000 }
/** An undo must succeed in the end: tried for about half a day before a person is asked. */
export const UNDO_RETRY: Retry = {
  policy: null,
  maxAttempts: 100,
  initialDelayMs: 200,
  multiplier: 2,
  maxDelayMs: 600_000,
}
export const RETRIABLE_RETRY: Retry = { ...UNDO_RETRY, maxAttempts: 50 }

export interface UndoSpec {
  /** default: the task of the step itself, asked to undo */
  action?: UndoAction | undefined
  /** default: `{ input, output }` of what is undone; output is null when it is not known */
  input?: Json | undefined
  retry?: RetrySpec | undefined
  timeoutMs?: number | undefined
}

/** Asks a participant whether the do of a key has happened: answers `{ done: true, output? }` or `{ done: false }`. */
export interface ProbeSpec {
  /** default: the task of the step itself, asked to probe */
  action?: WorkAction | undefined
  timeoutMs?: number | undefined
}

export interface StepSpec {
  name: string
  description?: string | undefined
  kind?: StepKind | undefined
  action: SagaAction
  /** steps that must be done before; default: what stands before it in the list; `[]`: at once */
  after?: string[] | undefined
  /** a template, see core/saga/template.ts; default: the run's input */
  input?: Json | undefined
  /** JSON schema of the input, for forms */
  inputSchema?: Json | undefined
  undo?: UndoSpec | undefined
  probe?: ProbeSpec | undefined
  retry?: RetrySpec | undefined
  /** for one attempt, from its claim */
  timeoutMs?: number | undefined
  /** for all attempts together, from the first claim */
  stepTimeoutMs?: number | undefined
  /** how long a worker may be silent */
  leaseMs?: number | undefined
}

/** Where runs stop. `step` may be `*`. */
export interface BreakpointSpec {
  step: string
  at: BreakpointAt
}
/** before its do, after its do, after any attempt of its do that failed, before its undo */
export const BREAKPOINT_AT = ['before', 'after', 'error', 'undo'] as const
export type BreakpointAt = (typeof BREAKPOINT_AT)[number]

/** As it is handed in; members of `{ parallel }` run beside each other. */
export interface SagaSpec {
  name: string
  description?: string | undefined
  inputSchema?: Json | undefined
  steps: (StepSpec | { parallel: StepSpec[] })[]
  /** for the whole run; passing it is a failure like any other */
  deadlineMs?: number | undefined
  /** runs under way at once; more are queued */
  concurrency?: number | undefined
  /** how long a finished run is kept */
  retentionDays?: number | undefined
}

export interface Step {
  name: string
  description: string
  kind: StepKind
  action: SagaAction
  after: string[]
  /** undefined: the run's input */
  input: Json | undefined
  inputSchema: Json | null
  undo: { action: UndoAction; input: Json | undefined; retry: Retry; timeoutMs: number } | null
  probe: { action: WorkAction; timeoutMs: number } | null
  retry: Retry
  timeoutMs: number
  stepTimeoutMs: number | null
  leaseMs: number
}

/** As it is kept and run: everything filled in, order said by `after` alone. */
export interface SagaDefinition {
  name: string
  version: number
  description: string
  inputSchema: Json | null
  steps: Step[]
  deadlineMs: number | null
  concurrency: number | null
  retentionDays: number
}

export const DEFAULT_QUEUE = 'default'
export const TIMEOUT_MS = 60_000
export const LEASE_MS = 30_000
export const RETENTION_DAYS = 30

/** Of a step that cannot begin: its template put together more than may be kept. */
export const INPUT_TOO_LARGE = 'INPUT_TOO_LARGE'

/** Sizes, in characters of JSON where they are about values. */
export const SAGA_LIMITS = {
  steps: 1_000,
  value: 256 * 1024,
  definition: 512 * 1024,
  signalsKept: 100,
  attemptsShown: 50,
} as const
