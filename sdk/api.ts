/** The procedures that the SDK itself uses, as they travel. */
import type { BreakerStateName, Outcome } from '../core/breaker.ts'
import type { BreakerSettings } from '../core/breaker-config.ts'
import type { ConsistencyLevel, Freshness } from '../core/consistency.ts'
import type { JournalEvent } from '../core/event.ts'
import type { Exemplar } from '../core/exemplar.ts'
import type { Instance, Service } from '../core/instance.ts'
import type { CutQuality } from '../core/latency.ts'
import type { SketchWire } from '../core/sketch.ts'
import { SAGA_KINDS, type SagaApi } from './sagas/api.ts'

/** An active check of the service by the control plane: exactly one of `http` (a path) and `tcp`. */
export interface CheckOptions {
  /** path of an HTTP check, such as `/healthz`: 2xx passes, 429 warns, anything else fails */
  http?: string | undefined
  /** `true`: it is enough that a TCP connection can be made */
  tcp?: boolean | undefined
  /** default 10,000 */
  intervalMs?: number | undefined
  /** default 2,000 */
  timeoutMs?: number | undefined
  /** consecutive passes to count as passing again; default 2 */
  successThreshold?: number | undefined
  /** consecutive failures to count as failing; default 3 */
  failureThreshold?: number | undefined
}

/** The service that this process offers. */
export interface ServiceOptions {
  name: string
  /** `host:port` where others reach it */
  address: string
  /** default: made of name and address, so that it stays the same across restarts */
  id?: string | undefined
  /** default: `metadata.zone` */
  zone?: string | undefined
  version?: string | undefined
  tags?: readonly string[] | undefined
  /** share of traffic relative to its siblings, 0 to 1000; default 100 */
  weight?: number | undefined
  metadata?: Readonly<Record<string, string>> | undefined
  /** heartbeats are sent every third of it; default 15,000; 0: none are sent */
  ttlMs?: number | undefined
  check?: CheckOptions | undefined
  /** deregistered after being unhealthy for so long; default an hour, 0: never */
  deregisterAfterMs?: number | undefined
}

export interface DiscoverFilter {
  /** all of them must be there */
  tags?: string[] | undefined
  /** all of them must match */
  metadata?: Record<string, string> | undefined
  zone?: string | undefined
  /** `routable` (default): what traffic may be sent to; `all`: every instance, with its state */
  health?: 'routable' | 'all' | undefined
  limit?: number | undefined
}

export type WatchMessage =
  | {
      type: 'snapshot'
      seq: number
      headSeq?: number
      instances: Instance[]
      services: Service[]
      resync: boolean
      now: number
    }
  | { type: 'events'; seq: number; events: JournalEvent[]; now: number }

export interface EdgeReport {
  callee: string
  protocol: string
  count: number
  errors: number
  /** of durations in milliseconds */
  sketch: SketchWire | null
  /** of all durations, milliseconds */
  sumMs?: number
  /** calls in flight over the interval: the mean over time, and the most at once; without it: not known */
  inFlight?: { mean: number; max: number }
  cuts?: CutReport[]
}

/** Requests of one route, or attempts at one instance, whose cuts are of one quality. */
export interface CutReport {
  kind: 'route' | 'instance'
  /** of the route (empty: none) or the instance */
  name: string
  quality: CutQuality
  count: number
  errors: number
  /** cuts in which something claimed more time than had passed */
  clamped: number
  /** network, processing, queue, unattributed */
  sumsMs: number[]
  total: SketchWire
  /** in the order of `sumsMs`; null for attempts */
  parts: SketchWire[] | null
}

export interface LockWish {
  resource: string
  lockId: string
  session: string
  client: string
  instance?: { id: string; generation: number }
  label: string
  kind: 'lock' | 'semaphore' | 'election'
  mode: 'exclusive' | 'shared'
  permits: number
  of: number
  ttlMs: number
  waitMs: number
  lockDelayMs: number
  maxHoldMs: number | null
  onDeadlock: 'refuse' | 'wait'
}

export interface LockGrant {
  lockId: string
  fencingToken: number
  count: number
  ttlMs: number
  waitedMs: number
  seq: number
}

export type LockMessage =
  | { type: 'ready' }
  | { type: 'lost'; resource: string; lockId: string; cause: string; message: string }
  | { type: 'state'; resource: string; holders: LockHolder[]; lastToken: number }

/** Who holds a resource, as others see it. */
export interface LockHolder {
  session: string
  client: string
  label: string
  instance: string | null
  fencingToken: number
  mode: 'exclusive' | 'shared'
  /** milliseconds since the epoch, by the control plane's clock */
  acquiredAt: number
}

export interface BreakerReport {
  caller: string
  service?: string | undefined
  session?: string
  appliedSeq?: number
  spanMs?: number
  names?: string[]
  /** seven numbers a name: see server/breakers.ts */
  counts?: number[]
  declared?: {
    name: string
    service?: string | undefined
    instance?: string | undefined
    defaults?: BreakerSettings
  }[]
}

export interface Envelope<T> {
  id?: string
  data: T
  timestamp?: number
  consistencyLevel?: ConsistencyLevel
}

export interface Api extends SagaApi {
  'registry.register': {
    kind: 'mutation'
    data: ServiceOptions & { incarnation: string }
    output: { instance: Instance; seq: number; replayed: boolean; now: number }
  }
  'registry.heartbeat': {
    kind: 'mutation'
    data: { id: string; generation: number; status?: 'ok' | 'warning' | 'draining'; note?: string }
    output: { appliedSeq: number }
  }
  'registry.deregister': {
    kind: 'mutation'
    data: { id: string; generation?: number; reason?: string }
    output: { seq: number }
  }
  'registry.discover': {
    kind: 'query'
    data: { name: string } & DiscoverFilter
    output: { instances: Instance[]; lastResort: boolean; total: number } & Freshness
  }
  'locks.acquire': { kind: 'mutation'; data: LockWish; output: LockGrant }
  'locks.renew': {
    kind: 'mutation'
    data: { leases: { resource: string; lockId: string; fencingToken: number }[] }
    output: { leases: { lockId: string; ok: boolean; leftMs: number; message: string | null }[] }
  }
  'locks.release': {
    kind: 'mutation'
    data: { resource: string; lockId: string; fencingToken?: number }
    output: { released: boolean; count: number }
  }
  'telemetry.report': {
    kind: 'mutation'
    data: {
      instanceId: string
      generation: number
      intervalMs: number
      edges: EdgeReport[]
      exemplars?: Exemplar[]
    }
    /** `traces`: of which the control plane wants all requests that are still known */
    output: { accepted: number; rejected: number; traces: string[] }
  }
  'breakers.report': {
    kind: 'mutation'
    data: BreakerReport
    output: { appliedSeq: number; unknown: string[]; refused: number }
  }
  'breakers.acquireProbe': {
    kind: 'mutation'
    data: { name: string; caller: string; want?: number }
    output: {
      permits: { id: string; leaseMs: number }[]
      generation: number
      state: BreakerStateName
      effective: BreakerStateName
      retryAfterMs: number | null
    }
  }
  'breakers.releaseProbe': {
    kind: 'mutation'
    data: { name: string; caller: string; permit: string; generation: number; outcome: Outcome }
    output: { counted: boolean }
  }
}

export type ApiPath = keyof Api

export const KINDS: { [P in ApiPath]: Api[P]['kind'] } = {
  'registry.register': 'mutation',
  'registry.heartbeat': 'mutation',
  'registry.deregister': 'mutation',
  'registry.discover': 'query',
  'locks.acquire': 'mutation',
  'locks.renew': 'mutation',
  'locks.release': 'mutation',
  'telemetry.report': 'mutation',
  'breakers.report': 'mutation',
  'breakers.acquireProbe': 'mutation',
  'breakers.releaseProbe': 'mutation',
  ...SAGA_KINDS,
}
