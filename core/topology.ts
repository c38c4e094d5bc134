/** What the map shows: services as nodes, calls between them as edges, and the frames that keep a browser tab current. */
import type { JournalEvent } from './event.ts'
import type { HealthState, Hold, OperatorIntent } from './instance.ts'

export interface ServiceView {
  name: string
  /** the state of the service as a whole: see `summarise` */
  health: HealthState
  reason: string
  counts: Record<HealthState, number>
  total: number
  /** instances that traffic may be sent to */
  routable: number
  flapping: number
  zones: string[]
  versions: string[]
  tags: string[]
  maintenance: OperatorIntent | null
  hold: Hold | null
  /** when `health` of any instance last changed; null with no instance */
  changedAt: number | null
}

/** `measured`: all callers report; `partial`: some have stopped reporting; `none`: nothing in the window. */
export type Quality = 'measured' | 'partial' | 'none'

export interface EdgeView {
  /** caller → callee, by protocol; stable id of the edge */
  id: string
  caller: string
  callee: string
  protocol: string
  /** calls in the window */
  count: number
  errors: number
  ratePerSec: number
  /** 0 to 1; null without calls */
  errorShare: number | null
  p50Ms: number | null
  p99Ms: number | null
  windowMs: number
  /** since the newest report */
  ageMs: number
  quality: Quality
}

/** One step of the live stream of a tab. `full`: replaces everything; otherwise patches by key. */
export interface LiveFrame {
  full: boolean
  /** the last journal entry that is included */
  seq: number
  /** the server's wall clock */
  now: number
  services: ServiceView[]
  removedServices: string[]
  edges: EdgeView[]
  removedEdges: string[]
  /** new journal entries since the frame before, without values, newest last, at most 100 */
  events: Omit<JournalEvent, 'value'>[]
}
