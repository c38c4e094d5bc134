/** Everything the API hosts, wired once by main. */
import type { Clock } from '../core/clock.ts'
import type { Store } from '../db/store.ts'
import type { Config } from './config.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'
import type { Telemetry } from './telemetry.ts'

export interface Engines {
  config: Config
  clock: Clock
  log: Log
  store: Store
  journal: Journal
  registry: Registry
  telemetry: Telemetry
  startedAt: number
}
