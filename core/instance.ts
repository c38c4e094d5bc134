/** What the registry holds: the nouns, as they are journaled, discovered and shown. Times are milliseconds since the epoch. */

export const HEALTH_STATES = ['healthy', 'warning', 'unhealthy', 'unknown', 'draining', 'maintenance'] as const
export type HealthState = (typeof HEALTH_STATES)[number]

/** An active check, made by the control plane. Exactly one of `http` (a path) and `tcp` (true) is set. */
export interface CheckSpec {
  http?: string | undefined
  tcp?: boolean | undefined
  intervalMs: number
  timeoutMs: number
  /** consecutive passes before a failing check counts as passing */
  successThreshold: number
  /** consecutive failures before a passing check counts as failing */
  failureThreshold: number
}

/** What one probe saw. `unknown`: the prober itself could not look. */
export type CheckStatus = 'passing' | 'warning' | 'failing' | 'unknown'

export interface CheckResult {
  at: number
  status: CheckStatus
  durationMs: number
  /** a short excerpt of the answer or the error */
  output: string
}

/** Consecutive results of the same status, kept as one row. */
export interface CheckRun {
  status: CheckStatus
  fromAt: number
  toAt: number
  count: number
  durationMinMs: number
  durationMaxMs: number
  output: string
}

export interface OperatorIntent {
  reason: string
  by: string
  since: number
  /** null: until it is lifted */
  until: number | null
}

/** `none`: registered without a TTL. `held`: expired with too many others at once, so not believed. */
export type HeartbeatState = 'none' | 'live' | 'late' | 'held' | 'expired'

export interface Instance {
  id: string
  service: string
  /** host:port */
  address: string
  zone: string | null
  version: string | null
  tags: string[]
  /** share of traffic relative to its siblings, 0 to 1000; 100 is usual */
  weight: number
  metadata: Record<string, string>
  /** 0: no heartbeats are expected */
  ttlMs: number
  check: CheckSpec | null
  /** deregistered after being unhealthy for so long; 0: never */
  deregisterAfterMs: number
  /** increases at every registration of this id, for ever */
  generation: number
  /** names one start of one process; tells a restart from a second process with the same id */
  incarnation: string
  owner: string
  registeredAt: number
  /** as of the last flush; the live value is served at `readUncommitted` */
  lastHeartbeatAt: number | null

  heartbeat: HeartbeatState
  /** what the service said of itself with its last heartbeat */
  reported: { status: 'ok' | 'warning' | 'draining'; note: string }
  /** the check after thresholds; `pending` before the first verdict; null without a check */
  checkState: CheckStatus | 'pending' | null
  checkOutput: string
  maintenance: OperatorIntent | null
  /** the service's own maintenance, repeated here so that one record tells all */
  serviceMaintenance: OperatorIntent | null
  drain: OperatorIntent | null

  health: HealthState
  /** why, in words */
  reason: string
  /** when `health` last changed */
  healthSince: number
  flapping: boolean
  /** increases by one with every change; a change to an older revision is refused */
  revision: number
}

export interface Hold {
  since: number
  instanceIds: string[]
  total: number
}

export interface Service {
  name: string
  maintenance: OperatorIntent | null
  /** a mass expiry that is shown and not executed */
  hold: Hold | null
  createdAt: number
  revision: number
}

export const instanceKey = (id: string) => `instance/${id}`
export const serviceKey = (name: string) => `service/${name}`
