/** Breakers as the API, the SDK and the pages share them. Times are milliseconds since the epoch, spans milliseconds. */
import type { BreakerStateName, Verdict } from './breaker.ts'
import type { BreakerConfig, BreakerSettings, ConfigSources } from './breaker-config.ts'
import type { Override, OverrideMode } from './breaker-override.ts'

/** Why a breaker is in its state. */
export interface BreakerCause {
  what:
    | Verdict['what']
    | 'operator'
    | 'probe-failed'
    | 'probes-succeeded'
    | 'open-time-over'
    | 'half-open-too-long'
    | 'new'
  /** `user:ada@example.org`, `fleet`, or the caller whose probe decided */
  who: string
  /** in words: the figures, or the operator's reason */
  detail: string
}

/** Who last changed a breaker by hand, and how: what a second operator is told. */
export interface BreakerAct {
  by: string
  at: number
  did: 'tripped' | 'reset' | 'overridden' | 'cleared' | 'configured'
  reason: string
}

/** What is durable of a breaker: its row, and the value of its journal events. */
export interface BreakerRecord {
  name: string
  /** the service it protects from; null: unknown */
  service: string | null
  /** the one instance it is for; null: the whole service */
  instance: string | null
  state: BreakerStateName
  /** when `state` began */
  since: number
  generation: number
  /** of `open`: how long it stays so from `since`; else null */
  openMs: number | null
  /** times it opened in a row without having closed */
  trips: number
  cause: BreakerCause
  override: Override | null
  /** its opening is not acted on, because too few instances of the service would be left */
  panic: boolean
  /** set in the control plane, over what the code of callers says */
  settings: BreakerSettings
  /** what the code of callers says */
  defaults: BreakerSettings
  /** grows with every act of an operator, not with the automatic state: what `expectedVersion` is compared with */
  version: number
  lastAct: BreakerAct | null
}

export interface BreakerFigures {
  calls: number
  failures: number
  slow: number
  /** null without calls: no traffic is not a rate of 0 */
  failureRate: number | null
  slowRate: number | null
  ratePerSec: number
  /** callers with calls in the window, and those of them that see it failing */
  callersReporting: number
  callersFailing: number
  /** calls refused by callers, per second */
  refusedPerSec: number
  /** since the newest report; null: there is none */
  ageMs: number | null
}

/** One row of the grid. */
export interface BreakerTile {
  name: string
  service: string | null
  instance: string | null
  state: BreakerStateName
  /** what is done with calls: the override first, then panic, then the automatic state */
  effective: BreakerStateName
  override: { mode: OverrideMode; by: string; reason: string; since: number; expiresAt: number | null } | null
  panic: boolean
  cause: BreakerCause
  since: number
  /** of `open`: until probes are let through; 0: due; null: not open */
  nextProbeInMs: number | null
  figures: BreakerFigures
  thresholds: Pick<
    BreakerConfig,
    | 'failureRateThreshold'
    | 'failureThreshold'
    | 'consecutiveFailures'
    | 'slowRateThreshold'
    | 'slowCallMs'
    | 'minimumCalls'
  >
  rollout: { have: number; of: number }
  /** of the last minute, one point a second, oldest first: calls in the window and the failed share (null: no calls) */
  spark: { calls: number[]; failureRate: (number | null)[] }
  version: number
  seq: number
}

export interface BreakerCaller {
  /** instance id, or the name a process without one chose */
  caller: string
  service: string | null
  /** the last journal entry it has applied */
  appliedSeq: number
  /** has it applied the last change of this breaker? */
  has: boolean
  /** this process's own state, which protects it even while the fleet's is closed */
  localState: BreakerStateName
  lastReportAgeMs: number
  calls: number
  failures: number
  slow: number
  ratePerSec: number
  refusedPerSec: number
}

export interface BreakerPermitView {
  id: string
  holder: string
  leftMs: number
}

export interface BreakerView extends BreakerTile {
  generation: number
  /** null unless open or half-open */
  openedAt: number | null
  openTimeMs: number | null
  /** wall time of the next probe; null unless open */
  nextProbeAt: number | null
  trips: number
  config: BreakerConfig
  sources: ConfigSources
  settings: BreakerSettings
  defaults: BreakerSettings
  /** defaults that other callers gave in their code and that are not in force because callers disagree */
  disagreeing: { caller: string; keys: string[] }[]
  halfOpen: { successes: number; needed: number; permits: BreakerPermitView[] } | null
  /** why it stays closed although the figures cross a threshold; null: they do not, or it opened */
  held: { why: 'quorum' | 'ejection-cap'; detail: string } | null
  callers: BreakerCaller[]
  /** callers are listed up to a bound; how many there are */
  callersTotal: number
  lastAct: BreakerAct | null
}

/** What a caller needs in order to decide by itself. */
export interface BreakerRule {
  name: string
  /** journal entry of its last change; 0: nothing was ever decided about it */
  seq: number
  state: BreakerStateName
  generation: number
  /** of `open`: how much longer it stays so */
  openLeftMs: number | null
  panic: boolean
  override: { mode: OverrideMode; by: string; reason: string; leftMs: number | null } | null
  cause: BreakerCause
  settings: BreakerSettings
}

export type BreakerWatchMessage =
  | { type: 'rules'; seq: number; full: boolean; rules: BreakerRule[] }
  | { type: 'tiles'; seq: number; now: number; full: boolean; tiles: BreakerTile[]; removed: string[] }

export interface TimelineSegment {
  from: number
  /** null: still so */
  to: number | null
  effective: BreakerStateName
  override: OverrideMode | null
  panic: boolean
}

/** Something done or decided, to be marked on the strip. */
export interface TimelineMark {
  seq: number
  at: number
  kind: string
  actor: string
  summary: string
  byOperator: boolean
}

export interface BreakerTimeline {
  name: string
  segments: TimelineSegment[]
  marks: TimelineMark[]
  /** true when older entries exist than could be included */
  truncated: boolean
}

export function breakerKey(name: string): string {
  return `breaker/${name}`
}
