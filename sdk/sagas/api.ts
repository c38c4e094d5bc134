/** The procedures of sagas, as they travel. */
import type { Json, SagaSpec } from '../../core/saga/definition.ts'
import type { Breakpoint, Phase, SagaError } from '../../core/saga/event.ts'
import type { RunStatus } from '../../core/saga/state.ts'
import type { HistoryEntry, RunSummary, RunView } from '../../core/saga/view.ts'

/** A piece of work as the control plane hands it out. */
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
  fence: number
  key: string
  doKey: string
  input: Json
  attributes: Readonly<Record<string, string>>
  /** of whoever started the run; null: it was not traced */
  traceparent: string | null
  leaseMs: number
  timeoutMs: number
}

export interface ClaimMessage {
  seq: number
  tasks: SagaTask[]
}

export interface LeaseOf {
  runId: string
  step: string
  phase: Phase
  fence: number
}

export interface SagaDefined {
  name: string
  version: number
  /** false: this very definition was there already */
  created: boolean
}

export interface SagaStart {
  definition: string
  version?: number
  input: Json
  idempotencyKey?: string
  attributes?: Record<string, string>
  breakpoints?: Breakpoint[]
  paused?: boolean
  deadlineMs?: number
  traceparent?: string
}

export interface SagaStarted {
  runId: string
  version: number
  status: string
  /** true when a run of this idempotency key was there already */
  existing: boolean
}

export interface SagaAnswer {
  runId: string
  done: boolean
  status: RunStatus
  output: { [step: string]: Json } | null
  error: (SagaError & { step: string | null }) | null
  attention: string | null
}

/** How far the worker of an attempt under way says that it is. */
export interface SagaProgress {
  step: string
  phase: Phase
  value: Json
  /** milliseconds since the epoch, by the control plane's clock */
  at: number
}

export interface SagaListFilter {
  definition?: string | undefined
  statuses?: RunStatus[] | undefined
  attributes?: Record<string, string> | undefined
  /** an id's beginning, an idempotency key, an attribute's value, part of a definition's name */
  q?: string | undefined
  /** milliseconds since the epoch */
  startedFrom?: number | undefined
  startedTo?: number | undefined
  parentId?: string | undefined
  redriveOf?: string | undefined
  /** `next` of the page before */
  before?: string | undefined
  limit?: number | undefined
}

export interface SagaApi {
  'sagas.define': { kind: 'mutation'; data: { definition: SagaSpec }; output: SagaDefined }
  'sagas.start': { kind: 'mutation'; data: SagaStart; output: SagaStarted }
  'sagas.result': { kind: 'query'; data: { runId: string; waitMs?: number }; output: SagaAnswer }
  'sagas.get': { kind: 'query'; data: { runId: string }; output: { run: RunView; progress: SagaProgress[] } }
  'sagas.list': { kind: 'query'; data: SagaListFilter; output: { runs: RunSummary[]; next: string | null } }
  'sagas.history': {
    kind: 'query'
    data: { runId: string; after?: number; limit?: number }
    output: { entries: HistoryEntry[]; next: number | null }
  }
  'sagas.signal': {
    kind: 'mutation'
    data: { runId: string; signal: string; payload: Json; reason?: string }
    output: { runId: string; status: string; seq: number }
  }
  'sagas.heartbeat': {
    kind: 'mutation'
    data: { worker: string; leases: (LeaseOf & { progress?: Json })[] }
    /** positions in `leases`: no longer held; of a run that is being undone */
    output: { lost: number[]; cancel: number[] }
  }
  'sagas.complete': {
    kind: 'mutation'
    data: LeaseOf & { worker: string; output: Json }
    output: { status: string; repeated: boolean }
  }
  'sagas.fail': {
    kind: 'mutation'
    data: LeaseOf & {
      worker: string
      error: SagaError
      outcome: 'failed' | 'unknown'
      retryable: boolean
      retryAfterMs: number | null
    }
    output: { status: string; repeated: boolean }
  }
}

export const SAGA_KINDS: { [P in keyof SagaApi]: SagaApi[P]['kind'] } = {
  'sagas.define': 'mutation',
  'sagas.start': 'mutation',
  'sagas.result': 'query',
  'sagas.get': 'query',
  'sagas.list': 'query',
  'sagas.history': 'query',
  'sagas.signal': 'mutation',
  'sagas.heartbeat': 'mutation',
  'sagas.complete': 'mutation',
  'sagas.fail': 'mutation',
}
