/** The statements of sagas. */
import type { SagaDefinition } from '../core/saga/definition.ts'
import type { Breakpoint, HistoryEvent } from '../core/saga/event.ts'
import type { RunSummary } from '../core/saga/view.ts'

export interface SagaDefinitionRow {
  name: string
  version: number
  hash: string
  createdAt: number
  createdBy: string
  record: SagaDefinition
}

export interface SagaHead {
  name: string
  latest: number
  breakpoints: Breakpoint[]
}

export interface SagaRunRow {
  id: string
  definition: string
  version: number
  status: string
  seq: number
  idempotencyKey: string | null
  inputHash: string
  parentId: string | null
  redriveOf: string | null
  startedAt: number
  endedAt: number | null
  attentionSince: number | null
  archivedAt: number | null
  summary: RunSummary
}

export interface SagaRunFilter {
  definition?: string | undefined
  statuses?: string[] | undefined
  /** exact values */
  attributes?: Record<string, string> | undefined
  /** an id's beginning, an idempotency key or an attribute's value */
  q?: string | undefined
  startedFrom?: number | undefined
  startedTo?: number | undefined
  parentId?: string | undefined
  redriveOf?: string | undefined
  /** runs before this id */
  before?: string | undefined
  limit: number
}

export interface SagaSchedule {
  name: string
  definition: string
  cron: string
  timezone: string
  input: unknown
  enabled: boolean
  revision: number
  nextAt: number | null
  lastAt: number | null
  lastRunId: string | null
  lastError: string | null
}

export interface SagaQueries {
  head(name: string): Promise<SagaHead | null>
  heads(): Promise<SagaHead[]>
  putHead(head: SagaHead): Promise<void>
  definition(name: string, version: number): Promise<SagaDefinitionRow | null>
  /** newest first */
  versions(name: string, limit: number): Promise<SagaDefinitionRow[]>
  addDefinition(row: SagaDefinitionRow): Promise<void>

  run(id: string): Promise<SagaRunRow | null>
  runByKey(definition: string, key: string): Promise<SagaRunRow | null>
  addRun(row: SagaRunRow): Promise<void>
  /** writes what changed */
  replaceRun(
    id: string,
    to: { seq: number; status: string; endedAt: number | null; attentionSince: number | null; summary: RunSummary },
  ): Promise<void>
  /** newest first */
  runs(filter: SagaRunFilter): Promise<SagaRunRow[]>
  /** those that wait for a person, oldest first */
  parked(after: { since: number; id: string } | null, limit: number): Promise<SagaRunRow[]>
  /** open ones in the order of their ids */
  openRuns(after: string, limit: number): Promise<{ id: string; definition: string; version: number }[]>
  counts(): Promise<{ definition: string; status: string; n: number }[]>
  /** one decision, which leads from entry `before` to entry `seq`; false when the run has moved on from `before` */
  addEvents(runId: string, before: number, seq: number, events: readonly HistoryEvent[]): Promise<boolean>
  /** of the last event; null when they are packed */
  lastSeq(runId: string): Promise<number | null>
  /** events after `after`, oldest first, of at most `rows` decisions */
  events(runId: string, after: number, rows: number): Promise<HistoryEvent[]>
  archive(runId: string): Promise<Uint8Array | null>
  addAttributes(runId: string, attributes: Readonly<Record<string, string>>): Promise<void>

  /** finished before `before` and not packed yet */
  toArchive(before: number, limit: number): Promise<string[]>
  putArchive(runId: string, history: Uint8Array, at: number): Promise<void>
  /** finished runs of a definition that ended before `before` */
  toForget(definition: string, before: number, limit: number): Promise<string[]>
  forget(runId: string): Promise<void>

  schedules(): Promise<SagaSchedule[]>
  schedule(name: string): Promise<SagaSchedule | null>
  putSchedule(row: SagaSchedule): Promise<void>
  deleteSchedule(name: string): Promise<void>
  queues(): Promise<{ name: string; limit: number }[]>
  putQueue(name: string, limit: number | null): Promise<void>
}
