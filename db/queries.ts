/**
 * The statements that verbs are made of. One implementation a dialect; every promise resolves within the transaction.
 * Hot statements are prepared once per connection.
 */
import type { JournalEvent } from '../core/event.ts'
import type { CheckRun, Instance, OperatorIntent, Service } from '../core/instance.ts'
import type { LockRecord } from '../core/lock.ts'
import type { BreakerQueries } from './breaker-queries.ts'
import type { GatewayQueries } from './gateway-queries.ts'
import type { IdentityQueries } from './identity-queries.ts'
import type { LatencyQueries } from './latency-queries.ts'
import type { PolicyQueries } from './policy-queries.ts'
import type { SagaQueries } from './saga-queries.ts'

export interface Tombstone {
  id: string
  generation: number
  incarnation: string
  cause: 'operator' | 'service' | 'expired'
  actor: string
  at: number
  maintenance: OperatorIntent | null
  drain: OperatorIntent | null
}

export interface OperationRow {
  principal: string
  id: string
  procedure: string
  hash: string
  result: unknown
  at: number
}

export interface AuditEntry {
  id: number
  at: number
  actor: string
  action: string
  target: string
  reason: string | null
  before: unknown
  after: unknown
  seq: number | null
  operationId: string | null
}

export interface JournalFilter {
  kinds?: string[] | undefined
  key?: string | undefined
  service?: string | undefined
  /** only what is about some service */
  ofServices?: boolean | undefined
  actor?: string | undefined
  /** part of the summary */
  q?: string | undefined
  before?: number | undefined
  after?: number | undefined
  limit: number
}

export interface AuditFilter {
  actor?: string | undefined
  action?: string | undefined
  target?: string | undefined
  q?: string | undefined
  before?: number | undefined
  limit: number
}

export interface EdgeRollup {
  stepMs: number
  at: number
  caller: string
  callee: string
  protocol: string
  count: number
  errors: number
  sketch: Uint8Array | null
}

export interface RegistryQueries {
  instance(id: string): Promise<Instance | null>
  instances(): Promise<Instance[]>
  instancesOf(service: string): Promise<Instance[]>
  putInstance(instance: Instance): Promise<void>
  /** false when the row has moved on from `revision` */
  replaceInstance(instance: Instance, revision: number): Promise<boolean>
  deleteInstance(id: string): Promise<void>
  countInstances(): Promise<number>
  setHeartbeat(id: string, generation: number, at: number): Promise<void>
  tombstone(id: string): Promise<Tombstone | null>
  putTombstone(row: Tombstone): Promise<void>
  deleteTombstone(id: string): Promise<void>
  service(name: string): Promise<Service | null>
  services(): Promise<Service[]>
  putService(service: Service): Promise<void>
  deleteService(name: string): Promise<void>
}

export interface CheckQueries {
  addRun(instanceId: string, run: CheckRun): Promise<void>
  runs(instanceId: string, before: number | null, limit: number): Promise<CheckRun[]>
  deleteRunsOf(instanceId: string): Promise<void>
}

export interface JournalQueries {
  list(filter: JournalFilter): Promise<JournalEvent[]>
  /** the value of every key that begins with one of `prefixes`, as it was at `seq` */
  at(seq: number, prefixes: string[]): Promise<{ key: string; value: unknown }[]>
  /** the last entry at or before `at`; 0 before the first */
  seqAt(at: number): Promise<number>
  oldest(): Promise<{ seq: number; at: number } | null>
  /** folds up to `limit` entries with seq ≤ `upTo` into the base and deletes them; returns how many */
  prune(upTo: number, limit: number): Promise<number>
}

export interface OperationQueries {
  get(principal: string, id: string): Promise<OperationRow | null>
  put(row: OperationRow): Promise<void>
}

export interface AuditQueries {
  list(filter: AuditFilter): Promise<AuditEntry[]>
}

export interface TelemetryQueries {
  /** adds to the row of the same step, time and edge; the sketch must already be merged */
  putRollup(row: EdgeRollup): Promise<void>
  rollup(key: Omit<EdgeRollup, 'count' | 'errors' | 'sketch'>): Promise<EdgeRollup | null>
  rollups(filter: {
    stepMs: number
    from: number
    to: number
    caller?: string | undefined
    callee?: string | undefined
    limit: number
  }): Promise<EdgeRollup[]>
}

export interface RetentionQueries {
  /** deletes at most `limit` rows older than `before` and returns how many */
  operations(before: number, limit: number): Promise<number>
  tombstones(before: number, limit: number): Promise<number>
  checkRuns(before: number, limit: number): Promise<number>
  rollups(stepMs: number, before: number, limit: number): Promise<number>
  audit(before: number, limit: number): Promise<number>
}

export interface MetaQueries {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<void>
}

export interface LockQueries {
  get(resource: string): Promise<LockRecord | null>
  put(record: LockRecord): Promise<void>
  remove(resource: string): Promise<void>
  all(): Promise<LockRecord[]>
}

export interface Queries {
  registry: RegistryQueries
  locks: LockQueries
  checks: CheckQueries
  journal: JournalQueries
  operations: OperationQueries
  audit: AuditQueries
  telemetry: TelemetryQueries
  latency: LatencyQueries
  retention: RetentionQueries
  meta: MetaQueries
  identity: IdentityQueries
  policies: PolicyQueries
  sagas: SagaQueries
  breakers: BreakerQueries
  gateway: GatewayQueries
}
