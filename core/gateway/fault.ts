/** Faults made on purpose: on a route of the gateway, or on the calls of one service to another. */

export type FaultTarget = { route: string } | { caller: string; callee: string }

export interface Fault {
  id: string
  target: FaultTarget
  /** of the requests, from 0 to 1 */
  share: number
  /** 0: none; counted as time on the network */
  delayMs: number
  /** answered in the place of whom was called; null: nothing */
  abortStatus: number | null
  reason: string
  by: string
  startedAt: number
  /** when it ends by itself, on the control plane's clock */
  expiresAt: number
}

export const FAULTS_MAX = 100
export const FAULT_MS_MAX = 24 * 3_600_000

export function faultKey(id: string): string {
  return `fault/${id}`
}

export function isOnEdge(fault: Fault, caller: string, callee: string): boolean {
  return 'caller' in fault.target && fault.target.caller === caller && fault.target.callee === callee
}

/** What a fault does to one request: nothing, when its share leaves it out. */
export function strikes(fault: Fault, random: () => number): boolean {
  return fault.share >= 1 || random() < fault.share
}
