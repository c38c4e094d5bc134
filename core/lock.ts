/**
 * The rules of a lock: who may hold it together, who comes next, and which fencing token a grant carries. Plain values in,
 * plain values out; time and storage are the caller's.
 */

import { LockError } from './errors.ts'

/** `lock`: one exclusive holder or many shared ones; `semaphore`: `permits` at a time; `election`: a lock whose holder leads. */
export type LockKind = 'lock' | 'semaphore' | 'election'
export type LockMode = 'exclusive' | 'shared'

export interface Holder {
  /** made by the client for one acquisition; asked again with it, the same lease is answered */
  lockId: string
  /** who holds it: the same session may enter again */
  session: string
  /** the process behind the session */
  client: string
  /** the registered instance it dies with */
  instance: { id: string; generation: number } | null
  /** the principal: `token:fleet` */
  owner: string
  label: string
  mode: LockMode
  permits: number
  fencingToken: number
  /** how often its session has entered and not yet left */
  count: number
  ttlMs: number
  /** how long the resource stays closed when the lease runs out, milliseconds */
  lockDelayMs: number
  /** longest time the lease can be renewed for, milliseconds; null: for ever */
  maxHoldMs: number | null
  /** store time, milliseconds since the epoch: for display */
  acquiredAt: number
}

export interface LockRecord {
  resource: string
  kind: LockKind
  /** of a semaphore; 1 otherwise */
  permits: number
  holders: readonly Holder[]
  /** the highest fencing token ever granted */
  lastToken: number
  /** after a lease that ran out: closed for so long; null: open */
  delayMs: number | null
}

/** What somebody asks for. */
export interface Wish {
  lockId: string
  session: string
  kind: LockKind
  mode: LockMode
  /** how many of the semaphore's permits */
  permits: number
  /** how many the semaphore has */
  of: number
}

/** Grants of one epoch. A token is `epoch · 2^32 + n`; 2^21 epochs fit into the exact integers. */
export const TOKENS_PER_EPOCH = 2 ** 32

/** The lowest token of an epoch, before its first grant. */
export function epochFloor(epoch: number): number {
  return epoch * TOKENS_PER_EPOCH
}

export function epochOf(token: number): number {
  return Math.floor(token / TOKENS_PER_EPOCH)
}

/**
 * Strictly above every token before (L1): of this resource, and of all that were forgotten (`floor`).
 * @throws LockError past the exact integers: no grant is better than a token that was given before
 */
export function nextToken(lastToken: number, floor: number): number {
  const token = Math.max(lastToken, floor) + 1
  if (Number.isSafeInteger(token)) return token
  throw new LockError('There are no fencing tokens left above those that were granted. Nothing was granted.', {
    retryable: false,
  })
}

/**
 * The token that a resource remembers, checked by the one that is protected: L3, a stale holder's write is refused.
 * `highest`: the highest token accepted so far.
 */
export function admits(highest: number, fencingToken: number): boolean {
  return fencingToken >= highest
}

export function free(resource: string, lastToken = 0): LockRecord {
  return { resource, kind: 'lock', permits: 1, holders: [], lastToken, delayMs: null }
}

/** null when `wish` fits to what the resource is used as just now; otherwise what is wrong. */
export function misfit(record: LockRecord, wish: Wish): string | null {
  if (record.holders.length === 0) return null
  if (record.kind !== wish.kind) {
    return `"${record.resource}" is held as a ${record.kind} just now, not as a ${wish.kind}. Use one name for one kind.`
  }
  if (record.kind === 'semaphore' && record.permits !== wish.of) {
    return `"${record.resource}" is a semaphore of ${record.permits} permits just now, not of ${wish.of}. All of its users must name the same number.`
  }
  return null
}

/** May `wish` hold it beside those who do? */
export function compatible(record: LockRecord, wish: Wish): boolean {
  if (record.holders.length === 0) return true
  if (misfit(record, wish) !== null) return false
  if (record.kind === 'semaphore') {
    return record.holders.reduce((used, holder) => used + holder.permits, 0) + wish.permits <= record.permits
  }
  return wish.mode === 'shared' && record.holders.every(({ mode }) => mode === 'shared')
}

/** The holder that `wish` enters again: same session, and nothing more asked for than it has. */
export function reentered(record: LockRecord, wish: Wish): Holder | undefined {
  if (record.kind === 'semaphore' || record.kind !== wish.kind) return undefined
  return record.holders.find(
    (holder) => holder.session === wish.session && (holder.mode === 'exclusive' || wish.mode === 'shared'),
  )
}

/** A session that shares may not become exclusive while others share: two that try wait for each other for ever. */
export function isUpgrade(record: LockRecord, wish: Wish): boolean {
  return (
    record.kind !== 'semaphore' &&
    wish.mode === 'exclusive' &&
    record.holders.some((holder) => holder.session === wish.session && holder.mode === 'shared')
  )
}

/**
 * First come, first served: the longest prefix of the queue that may hold together with those who do. Nobody overtakes, so
 * a writer waits for no reader that came after it.
 */
export function grantable<W extends Wish>(record: LockRecord, queue: readonly W[]): W[] {
  const granted: W[] = []
  let next = record
  for (const wish of queue) {
    if (!compatible(next, wish)) break
    granted.push(wish)
    if (granted.length === queue.length) break
    next = { ...next, kind: wish.kind, permits: wish.of, holders: [...next.holders, placeholder(wish)] }
  }
  return granted
}

function placeholder({ lockId, session, mode, permits }: Wish): Holder {
  return {
    lockId,
    session,
    mode,
    permits,
    client: '',
    instance: null,
    owner: '',
    label: '',
    fencingToken: 0,
    count: 1,
    ttlMs: 0,
    lockDelayMs: 0,
    maxHoldMs: null,
    acquiredAt: 0,
  }
}
