/** @holdfast/sdk: how a service takes part. See README.md. */
export type { ConsistencyLevel, Freshness } from '../core/consistency.ts'
export {
  BreakerOpenError,
  BudgetExhaustedError,
  ConflictError,
  ConsistencyError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorJson,
  ForbiddenError,
  HoldfastError,
  InternalError,
  LockError,
  NetworkError,
  NotFoundError,
  RateLimitedError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthenticatedError,
  ValidationError,
} from '../core/errors.ts'
export type { HealthState, Instance } from '../core/instance.ts'
export type {
  EffectivePolicy,
  Failure,
  PolicyValues,
  RetryBudget,
  RetryPolicy,
} from '../core/policy.ts'
export type { Json, SagaAction, SagaSpec, StepSpec } from '../core/saga/definition.ts'
export type { HistoryEntry, RunSummary, RunView } from '../core/saga/view.ts'
export type { AppRouter } from '../server/api/root.ts'
export type { CheckOptions, DiscoverFilter, LockHolder, ServiceOptions } from './api.ts'
export type { Breaker, BreakerOptions, ExecuteOptions, LocalBreakerView, Permit } from './breaker.ts'
export { Bulkhead, type BulkheadOptions } from './bulkhead.ts'
export type { CallOptions } from './call.ts'
export { CallResponse, type CallTiming } from './call-response.ts'
export { type ConnectOptions, connect } from './connect.ts'
export type { DiscoverOptions, WatchCallback } from './discover.ts'
export type { Discovered } from './discovered.ts'
export { Election, type ElectOptions } from './election.ts'
export type { HoldfastEvent, HoldfastEventName, HoldfastEvents, HoldfastListener } from './events.ts'
export type { FinishedRequest } from './exemplars.ts'
export { Fence } from './fence.ts'
export type { Guard, GuardBreaker, GuardCall, GuardOptions } from './guard.ts'
export type { HedgeOptions } from './hedge.ts'
export { Holdfast } from './holdfast.ts'
export type { Lease } from './lease.ts'
export type { LockOptions, SemaphoreOptions } from './lock-options.ts'
export {
  byType,
  compensate,
  type ErrorRecovery,
  escalate,
  failStatic,
  fallback,
  inTurn,
  type RecoveryContext,
  retryBy,
} from './recovery.ts'
export type { Attempt, RetryOptions } from './retry.ts'
export type { SagaDefined, SagaListFilter, SagaProgress, SagaStarted } from './sagas/api.ts'
export {
  type AnySaga,
  type Paths,
  type Returns,
  returns,
  Saga,
  type SagaOptions,
  type StepOptions,
  saga,
  type UndoOptions,
  type UndoPaths,
} from './sagas/definition.ts'
export {
  StepAbortedError,
  StepError,
  type StepErrorOptions,
  StepFailedError,
  StepRefusedError,
  StepUnknownError,
} from './sagas/errors.ts'
export type { Probed, SagaContext, SagaHandler, SagaHandlers, SagaTaskHandlers, Undoing } from './sagas/handlers.ts'
export { type Change, type LedgerRow, memoryLedger, type SagaLedger } from './sagas/ledger.ts'
export type { AnyRef, Ref } from './sagas/refs.ts'
export type { ResultOptions, SagaResult, SagaRun, Sagas, StartOptions } from './sagas/sagas.ts'
export { type SqliteDatabase, type SqliteLedgerOptions, sqliteLedger } from './sagas/sqlite-ledger.ts'
export type { SagaWorker, SagaWorkerOptions } from './sagas/worker.ts'
export { type Handler, type HealthReport, type HttpService, type ServeOptions, serve } from './serve.ts'
export type { Observation, Recorder, RequestObservation } from './telemetry.ts'
export {
  currentTrace,
  formatTraceparent,
  incomingTrace,
  parseTraceparent,
  type Trace,
  withTrace,
} from './trace.ts'
