/** Everything the API hosts, wired once by main. */
import type { Clock } from '../core/clock.ts'
import type { Store } from '../db/store.ts'
import type { Auth } from './auth.ts'
import type { Breakers } from './breakers.ts'
import type { Config } from './config.ts'
import type { Demo } from './demo.ts'
import type { Gateway } from './gateway.ts'
import type { Journal } from './journal.ts'
import type { Live } from './live.ts'
import type { LocksLive } from './locks/views.ts'
import type { Locks } from './locks.ts'
import type { Log } from './log.ts'
import type { Outbound } from './outbound.ts'
import type { Policies } from './policies.ts'
import type { Registry } from './registry.ts'
import type { Sagas } from './sagas.ts'
import type { Bottlenecks } from './telemetry/bottlenecks.ts'
import type { LatencyReads } from './telemetry/latency.ts'
import type { Telemetry } from './telemetry.ts'

export interface Engines {
  version: string
  config: Config
  clock: Clock
  log: Log
  store: Store
  auth: Auth
  journal: Journal
  registry: Registry
  locks: Locks
  locksLive: LocksLive
  policies: Policies
  sagas: Sagas
  breakers: Breakers
  gateway: Gateway
  outbound: Outbound
  telemetry: Telemetry
  latency: LatencyReads
  bottlenecks: Bottlenecks
  live: Live
  /** null unless the demo fleet runs */
  demo: Demo | null
  /** milliseconds since the epoch */
  startedAt: number
}
