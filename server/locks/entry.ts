/** What the control plane knows of one resource beside its row: leases on the monotonic clock, and who waits. */
import { type Holder, type LockRecord, reentered, type Wish } from '../../core/lock.ts'
import type { Wait } from '../../core/wait-for.ts'
import type { Alarm } from './alarms.ts'
import type { Traffic } from './traffic.ts'

export interface AcquireRequest extends Wish {
  resource: string
  client: string
  instance: { id: string; generation: number } | null
  owner: string
  label: string
  ttlMs: number
  /** 0: now or not at all */
  waitMs: number
  lockDelayMs: number
  maxHoldMs: number | null
  /** what to do when waiting would close a cycle */
  onDeadlock: 'refuse' | 'wait'
}

/** What a holder is given. */
export interface Lease {
  resource: string
  lockId: string
  fencingToken: number
  mode: Holder['mode']
  permits: number
  count: number
  ttlMs: number
  /** store time, milliseconds since the epoch */
  acquiredAt: number
  /** how long it waited in the queue */
  waitedMs: number
}

/** A lease that runs out unless it is renewed; `at` is on the clock of leases. */
export interface Running extends Alarm {
  type: 'lease'
  entry: Entry
  lockId: string
  ttlMs: number
  /** when it was granted, same clock */
  since: number
  renewals: number
  /** acquisitions by which its session entered again: asked again, one is not counted twice */
  entered: Set<string>
}

export interface Waiter extends Alarm {
  type: 'waiter'
  entry: Entry
  request: AcquireRequest
  /** same clock as `at` */
  since: number
  /** store time of its arrival, for display */
  arrivedAt: number
  /** the answer is no longer wanted */
  gone: boolean
  resolve(lease: Lease): void
  reject(error: Error): void
  /** stops listening to the caller's end */
  release(): void
}

/** The end of a lease-free time after an expiry. */
export interface Delay extends Alarm {
  type: 'delay'
  entry: Entry
}

export class Entry {
  readonly resource: string
  /** as committed */
  record: LockRecord
  /** as the last transaction left its row, committed or about to be; null: unknown, the row is to be read */
  row: LockRecord | null
  readonly leases = new Map<string, Running>()
  queue: Waiter[] = []
  /** those of the queue that nothing has been decided about yet */
  arrived: Waiter[] = []
  delay: Delay | null = null
  /** transactions under way; whatever they leave is looked at when they end */
  busy = 0
  /** changed with everything a reader could see */
  version = 0
  traffic: Traffic | null = null

  constructor(resource: string, record: LockRecord) {
    this.resource = resource
    this.record = record
    this.row = record
  }

  get idle(): boolean {
    return this.record.holders.length === 0 && this.queue.length === 0 && this.busy === 0 && this.delay === null
  }

  /** What `waiter` waits for: all who hold it, and all before it in the queue that it may not pass. */
  waitOf(waiter: Waiter): Wait {
    const { session } = waiter.request
    const before = this.queue.slice(0, this.queue.indexOf(waiter))
    const any = this.record.kind === 'semaphore'
    // Behind others in the queue of a semaphore it waits for its turn: those before must go first.
    const blockers = any && before.length > 0 ? before.map((w) => w.request.session) : []
    if (blockers.length === 0) for (const holder of this.record.holders) blockers.push(holder.session)
    if (!any) for (const w of before) blockers.push(w.request.session)
    return {
      session,
      resource: this.resource,
      blockers: [...new Set(blockers)].filter((b) => b !== session || this.#entersItself(waiter)),
      any: any && before.length === 0,
    }
  }

  /** A session that holds a permit and waits for another one waits for itself too. */
  #entersItself({ request }: Waiter): boolean {
    return this.record.holders.some(({ session }) => session === request.session) && !reentered(this.record, request)
  }
}
