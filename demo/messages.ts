/** What the control plane, the director and the fleet's processes say to each other over their IPC channels. */

export const MODES = ['normal', 'slow', 'failing', 'hung'] as const
export type Mode = (typeof MODES)[number]

export const ACTIONS = ['normal', 'slow', 'failing', 'hung', 'kill', 'restart'] as const
export type Action = (typeof ACTIONS)[number]

/** `down`: its process has ended, and `restartAt` tells when the director starts it again. */
export type InstanceState = 'starting' | 'running' | 'stopping' | 'down'

export interface InstanceStatus {
  /** also its id in the registry, such as `payments-1` */
  id: string
  service: string
  pid: number | null
  state: InstanceState
  mode: Mode
  /** what is going on, in words */
  detail: string
  /** wall clock, milliseconds */
  since: number
  /** wall clock of the coming restart; null unless `down` */
  restartAt: number | null
  /** times it has been started again since the demo began */
  restarts: number
}

/** What customers met within one second. */
export interface LoadPoint {
  /** wall clock at the end of the second */
  at: number
  /** requests per second that the wave asked for */
  wanted: number
  /** requests answered within the second */
  answered: number
  /** of those, the ones that failed: no answer in time, a broken connection, or a status of 500 and above */
  failed: number
  p50Ms: number | null
  p99Ms: number | null
}

export interface LoadStatus {
  pid: number | null
  running: boolean
  /** hour of the demo's day, 0 to 24 */
  hour: number
  dayMs: number
  /** requests per second that the wave asks for over a day, from midnight on, one figure a quarter of an hour */
  day: number[]
  /** orders placed, and carts left behind because a call failed, since the demo began */
  orders: number
  lostOrders: number
  /** the last two minutes, oldest first, one point a second */
  points: LoadPoint[]
}

export interface DemoStatus {
  /** wall clock when this was so */
  at: number
  startedAt: number
  instances: InstanceStatus[]
  load: LoadStatus
}

/** control plane → director */
export type DirectorCommand =
  | { type: 'act'; id: number; instance: string; action: Action }
  | { type: 'deadlock'; id: number }

/** director → control plane; `status` goes out at every change and once a second */
export type DirectorEvent =
  | { type: 'status'; status: DemoStatus }
  | { type: 'acted'; id: number; instance: InstanceStatus }
  | { type: 'deadlocking'; id: number; instances: string[]; locks: string[] }
  | { type: 'refused'; id: number; code: 'NOT_FOUND' | 'CONFLICT'; message: string }

/** director → one process of the fleet; `deadlock`: takes one lock, then the other, and gives up after `patienceMs` */
export type FleetCommand =
  | { type: 'mode'; mode: Mode }
  | { type: 'deadlock'; first: string; second: string; patienceMs: number }

/** one process of the fleet → director */
export type FleetEvent = { type: 'ready'; port: number } | { type: 'mode'; mode: Mode }

/** load generator → director, once a second */
export interface LoadEvent {
  type: 'load'
  point: LoadPoint
  hour: number
  orders: number
  lostOrders: number
}
