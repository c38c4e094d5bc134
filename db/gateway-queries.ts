import type { Fault } from '../core/gateway/fault.ts'
import type { Route } from '../core/gateway/route.ts'

export interface RevisionRow {
  revision: number
  route: string
  at: number
  actor: string
  reason: string
  rolledBackTo: number | null
  before: Route | null
  after: Route | null
}

/** The statements of the gateway's configuration. */
export interface GatewayQueries {
  /** the newest revision; 0: nothing was ever configured */
  revision(): Promise<number>
  /** by id */
  routes(): Promise<Route[]>
  route(id: string): Promise<Route | null>
  put(route: Route): Promise<void>
  remove(id: string): Promise<void>
  addRevision(rows: readonly RevisionRow[]): Promise<void>
  /** the newest first, whole revisions, at most `limit` of them, below `before` */
  revisions(before: number | null, limit: number): Promise<RevisionRow[]>
  /** what came after a revision, oldest first */
  after(revision: number): Promise<RevisionRow[]>
  /** the oldest that is kept; null: none */
  oldest(): Promise<number | null>
  /** forgets those below; returns how many rows */
  prune(below: number): Promise<number>
  faults(): Promise<Fault[]>
  fault(id: string): Promise<Fault | null>
  addFault(fault: Fault): Promise<void>
  removeFault(id: string): Promise<boolean>
}
