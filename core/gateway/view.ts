/** What the gateway's workers tell, and what is shown of it. */
import type { LatencyCut, LatencySpan } from '../latency.ts'
import type { MiddlewareSpec } from './catalog.ts'
import type { Fault } from './fault.ts'
import type { Route } from './route.ts'

/** Which part ended a request that the service did not answer itself. */
export const REFUSALS = [
  'no-route',
  'bad-request',
  'no-instance',
  'breaker',
  'limit',
  'timeout',
  'upstream',
  'auth',
  'fault',
  'client',
  'gateway',
] as const
export type Refusal = (typeof REFUSALS)[number]

/** What workers run by. */
export interface GatewayConfig {
  revision: number
  routes: Route[]
  faults: Fault[]
}

export interface GatewayMessage extends GatewayConfig {
  seq: number
  /** the control plane's clock, for the end of faults */
  now: number
}

/** One request, as it stands in the live log. */
export interface RequestEntry {
  /** the request's id */
  id: string
  traceId: string
  /** the gateway's wall clock when its headers had come */
  at: number
  method: string
  host: string
  path: string
  /** null: no route */
  route: string | null
  /** null: nobody was asked */
  service: string | null
  instance: string | null
  /** null: the client was gone before there was one */
  status: number | null
  refusal: Refusal | null
  /** in words, with `refusal` */
  error: string | null
  attempts: number
  bytesIn: number
  bytesOut: number
  client: string
  cut: LatencyCut
  /** a fault was made on purpose */
  fault: boolean
}

/** What one worker has seen of a route since its last report. */
export interface RouteCounts {
  id: string
  requests: number
  /** 5xx and requests that ended without an answer */
  errors: number
  byClass: [number, number, number, number, number]
  refusals: Partial<Record<Refusal, number>>
  inFlight: number
  retries: number
}

export interface TraceStep {
  /** a middleware, `route`, or `upstream` */
  name: string
  startMs: number
  endMs: number
  /** what it did, in words; empty: passed it on */
  did: string
}

/** "Try a request": what happened to it, step by step. */
export interface RequestTrace extends RequestEntry {
  /** with the pieces that it is the sum of */
  cut: LatencyCut & { spans?: LatencySpan[] }
  steps: TraceStep[]
  forwarded: { method: string; path: string; headers: [string, string][]; instance: string; address: string } | null
}

/** A worker as it reported last. */
export interface WorkerView {
  instance: string
  worker: number
  pid: number
  startedAt: number
  /** what it runs by; null: nothing yet */
  revision: number | null
  /** routes it could not take, and why */
  problems: { route: string; problem: string }[]
  connections: number
  inFlight: number
  memoryMB: number
  /** share of one core */
  cpu: number
  /** since its last report, by the control plane's clock */
  ageMs: number
  middleware: MiddlewareSpec[]
}

/** What was seen of a route over the window, of all workers. */
export interface RouteObserved {
  windowMs: number
  requests: number
  ratePerSec: number
  errors: number
  byClass: [number, number, number, number, number]
  refusals: Partial<Record<Refusal, number>>
  inFlight: number
  retries: number
  /** since the newest report; null: no worker has told of it */
  ageMs: number | null
  /** instances that can take traffic, of all its targets */
  routable: number
  instances: number
  /** what speaks against it working although it is configured; empty: nothing */
  concerns: string[]
}

export interface RouteView {
  route: Route
  observed: RouteObserved
}

/** A change of the configuration, as operators see it. */
export interface Revision {
  revision: number
  at: number
  actor: string
  reason: string
  /** the revision it went back to; null: an ordinary change */
  rolledBackTo: number | null
  changes: { route: string; before: Route | null; after: Route | null }[]
}

/** What a gateway's process says to the control plane that finds it. */
export interface Hello {
  version: string
  pid: number
  port: number
  host: string
  workers: number
}
