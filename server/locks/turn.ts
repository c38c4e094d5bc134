/** One transaction on one resource: what changes in its row, and what that means for leases once it is on disk. */
import { LockError } from '../../core/errors.ts'
import {
  compatible,
  free,
  grantable,
  type Holder,
  type LockRecord,
  nextToken,
  reentered,
  type Wish,
} from '../../core/lock.ts'
import type { Loss } from '../../core/lock-view.ts'
import type { Tx } from '../../db/store.ts'
import type { AcquireRequest, Entry, Lease, Waiter } from './entry.ts'

export type Cause = Loss['cause'] | 'released'

export class Turn {
  readonly tx: Tx
  readonly entry: Entry
  record: LockRecord
  changed = false
  readonly granted: { waiter: Waiter; holder: Holder }[] = []
  readonly ended: { holder: Holder; cause: Cause; message: string }[] = []

  constructor(tx: Tx, entry: Entry, row: LockRecord | null) {
    this.tx = tx
    this.entry = entry
    this.record = row ?? free(entry.resource)
  }

  async change(record: LockRecord, kind: string, summary: string): Promise<void> {
    this.record = record
    this.changed = true
    await this.note(kind, summary)
  }

  async note(kind: string, summary: string): Promise<void> {
    const { record } = this
    await this.tx.emit({
      kind,
      key: `lock/${record.resource}`,
      service: null,
      summary,
      value: record.holders.length === 0 ? null : record,
    })
  }

  async write(): Promise<void> {
    if (this.changed) await this.tx.q.locks.put(this.record)
  }

  /** The time after a lease that ran out is over. */
  reopen(): void {
    if (this.record.delayMs === null) return
    this.record = { ...this.record, delayMs: null }
    this.changed = true
  }
}

/** Gives the resource to the longest prefix of `wanted` that may hold it together; returns who got it. */
export async function grant(turn: Turn, wanted: readonly Waiter[], floor: number): Promise<Waiter[]> {
  if (wanted.length === 0) return []
  const first = wanted[0] as Waiter
  // The head alone decides in the usual case; the rest is looked at only when there is room beside it.
  if (!compatible(turn.record, first.request)) return []
  const requests = new Map<Wish, Waiter>(wanted.map((waiter) => [waiter.request, waiter]))
  const taken: Waiter[] = []
  for (const wish of grantable(turn.record, [...requests.keys()])) {
    const waiter = requests.get(wish) as Waiter
    const { request } = waiter
    const fencingToken = nextToken(turn.record.lastToken, floor)
    const holder: Holder = {
      lockId: request.lockId,
      session: request.session,
      client: request.client,
      instance: request.instance,
      owner: request.owner,
      label: request.label,
      mode: request.mode,
      permits: request.permits,
      fencingToken,
      count: 1,
      ttlMs: request.ttlMs,
      lockDelayMs: request.lockDelayMs,
      maxHoldMs: request.maxHoldMs,
      acquiredAt: turn.tx.now,
    }
    await turn.change(
      {
        resource: turn.record.resource,
        kind: request.kind,
        permits: request.kind === 'semaphore' ? request.of : 1,
        holders: [...turn.record.holders, holder],
        lastToken: fencingToken,
        delayMs: null,
      },
      'lock.acquired',
      `${request.label || request.session} holds ${turn.entry.resource} (token ${fencingToken})`,
    )
    turn.granted.push({ waiter, holder })
    taken.push(waiter)
  }
  return taken
}

/** The session that holds it enters once more; null when it does not hold it any longer. */
export async function enter(turn: Turn, request: AcquireRequest): Promise<Lease | null> {
  const before = reentered(turn.record, request)
  if (!before) return null
  assertHolder(turn.record, { lockId: before.lockId, owner: request.owner }, before.fencingToken, 'enter')
  const holder = { ...before, count: before.count + 1 }
  await turn.change(
    withHolder(turn.record, holder),
    'lock.entered',
    `${holder.label || holder.session} entered ${turn.entry.resource} again (${holder.count})`,
  )
  return asLease(turn.entry.resource, holder, 0)
}

/** The holder goes; with `all`, however often it has entered. */
export async function leave(
  turn: Turn,
  { lockId, fencingToken, all }: { lockId: string; fencingToken: number; all: boolean },
): Promise<{ released: boolean; count: number }> {
  const holder = turn.record.holders.find((h) => h.lockId === lockId && h.fencingToken === fencingToken)
  if (!holder) return { released: false, count: 0 }
  if (holder.count > 1 && !all) {
    const left = { ...holder, count: holder.count - 1 }
    await turn.change(
      withHolder(turn.record, left),
      'lock.left',
      `${holder.label || holder.session} left ${turn.entry.resource} (${left.count} to go)`,
    )
    return { released: false, count: left.count }
  }
  await end(turn, lockId, 'released', `${holder.label || holder.session} released ${turn.entry.resource}`)
  return { released: true, count: 0 }
}

const KINDS: Record<Cause, string> = {
  released: 'lock.released',
  expired: 'lock.expired',
  forced: 'lock.force-released',
  session: 'lock.session-ended',
}

/** Takes a holder out. After a lease that ran out, or a process that vanished, the resource stays closed for its delay. */
export async function end(turn: Turn, lockId: string, cause: Cause, message: string): Promise<void> {
  const holder = turn.record.holders.find((h) => h.lockId === lockId)
  if (!holder) return
  const holders = turn.record.holders.filter((h) => h !== holder)
  const vanished = cause === 'expired' || cause === 'session'
  const delayMs =
    vanished && holder.lockDelayMs > 0 ? Math.max(holder.lockDelayMs, turn.record.delayMs ?? 0) : turn.record.delayMs
  turn.ended.push({ holder, cause, message })
  const { resource, kind, permits, lastToken } = turn.record
  await turn.change({ resource, kind, permits, holders, lastToken, delayMs }, KINDS[cause], message)
}

function withHolder(record: LockRecord, holder: Holder): LockRecord {
  return { ...record, holders: record.holders.map((h) => (h.lockId === holder.lockId ? holder : h)) }
}

export function asLease(resource: string, holder: Holder, waitedMs: number): Lease {
  const { lockId, fencingToken, mode, permits, count, ttlMs, acquiredAt } = holder
  return { resource, lockId, fencingToken, mode, permits, count, ttlMs, acquiredAt, waitedMs }
}

/** L6: the wrong owner or token changes nothing, and is told so. */
export function assertHolder(
  record: LockRecord,
  { lockId, owner }: { lockId: string; owner: string },
  fencingToken: number,
  verb: string,
): void {
  const holder = record.holders.find((h) => h.lockId === lockId)
  if (!holder) return
  if (holder.owner !== owner) {
    throw new LockError(
      `"${record.resource}" is held by ${holder.owner}; ${owner} may not ${verb} it. Nothing was changed.`,
      { retryable: false, details: { cause: 'owner', holder: holder.session } },
    )
  }
  if (holder.fencingToken !== fencingToken) {
    throw new LockError(
      `"${record.resource}" is held with token ${holder.fencingToken}, not ${fencingToken}. Nothing was changed.`,
      { retryable: false, details: { cause: 'token', fencingToken: holder.fencingToken } },
    )
  }
}
