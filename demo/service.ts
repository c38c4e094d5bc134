/** What a service of the fleet is made of, apart from the process it runs in. */
import type {
  AnySaga,
  Election,
  ElectOptions,
  Lease,
  LockOptions,
  Saga,
  SagaHandlers,
  SagaRun,
  StartOptions,
} from '@holdfast/sdk'
import type { Database } from 'better-sqlite3'
import type { Place, ServiceName } from './roster.ts'

export interface Incoming {
  method: string
  /** the path's parts, decoded: `/orders/17` is ['orders', '17'] */
  path: string[]
  query: URLSearchParams
  /** the parsed JSON body; undefined without one */
  body: unknown
}

export interface Reply {
  status: number
  body: unknown
}

/** Calls another service of the fleet; rejects when it could not be reached or did not answer in time. */
export type Call = (
  service: ServiceName,
  path: string,
  options?: {
    /** sent as JSON with POST; a GET without one */
    body?: unknown
    timeoutMs?: number
    /** may be asked again of another instance when the first broke off; the default, since what is asked for carries an id */
    idempotent?: boolean
  },
) => Promise<Reply>

/** What services share so that only one does something at a time. */
export interface Locks {
  lock<T>(name: string, options: LockOptions, work: (lease: Lease) => Promise<T> | T): Promise<T>
  elect(name: string, options: ElectOptions): Pick<Election, 'isLeader'>
}

/** Long transactions over several services, kept by the control plane. */
export interface Transactions {
  start<I, O>(saga: Saga<I, O>, input: I, options: StartOptions): Promise<Pick<SagaRun<O>, 'runId' | 'result'>>
}

export interface Surroundings {
  place: Place
  /** the file that this service's instances share */
  database: Database
  call: Call
  locks: Locks
  sagas: Transactions
  /** milliseconds since the epoch */
  now: () => number
  random: () => number
  log: (message: string) => void
}

/** Something done again and again in the background, one run after the other. */
export interface Task {
  everyMs: number
  run: () => void | Promise<void>
}

export interface Service {
  handle: (request: Incoming) => Reply | Promise<Reply>
  tasks: Task[]
  /** sagas that it starts */
  sagas?: AnySaga[]
  /** steps of sagas that it carries out; what they do in `ctx.once` is written to its database with the step's key */
  work?: SagaHandlers
}

export type CreateService = (surroundings: Surroundings) => Service

/** The caller sent something that cannot be worked with. */
export class BadRequest extends Error {}

export const notFound: Reply = { status: 404, body: { error: 'There is nothing here.' } }

export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
}

export function text(body: unknown, name: string): string {
  const value = field(body, name)
  if (typeof value !== 'string' || value === '' || value.length > 200)
    throw new BadRequest(`"${name}" must be a short text`)
  return value
}

export function positive(body: unknown, name: string): number {
  const value = field(body, name)
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new BadRequest(`"${name}" must be a whole number of at least 1`)
  }
  return value
}

export interface Item {
  sku: string
  quantity: number
}

export function items(body: unknown): Item[] {
  const value = field(body, 'items')
  if (!Array.isArray(value) || value.length === 0 || value.length > 20)
    throw new BadRequest('"items" must hold 1 to 20 items')
  return value.map((item) => ({ sku: text(item, 'sku'), quantity: positive(item, 'quantity') }))
}
