/**
 * Tokens of resources that are forgotten live on in one number, the floor: every token granted later is above it (L1).
 * A database that was put back from a copy begins a new epoch, far above whatever was granted after the copy was made.
 */
import { epochFloor, epochOf, type LockRecord } from '../../core/lock.ts'
import type { Store, Tx } from '../../db/store.ts'
import type { Entry } from './entry.ts'

const FLOOR = 'lock.floor'
/** Set in every backup by what makes it: whoever opens the file with it has restored it. */
export const RESTORED = 'restored'
/** A free resource keeps its row for so long, and at most so many do. */
const IDLE_KEPT_MS = 3_600_000
const IDLE_MAX = 50_000
const PORTION = 200

const SYSTEM = { actor: 'system', operationId: null }

/** `seen`: a token that somebody holds although this database never granted it. */
export function load(store: Store, seen = 0): Promise<{ records: LockRecord[]; floor: number; restored: boolean }> {
  return store.transact(SYSTEM, async (tx) => {
    const records = await tx.q.locks.all()
    const before = Number((await tx.q.meta.get(FLOOR)) ?? 0)
    const restored = ((await tx.q.meta.get(RESTORED)) ?? '') !== ''
    if (!restored && seen === 0) return { records, floor: before, restored }
    const highest = records.reduce((max, { lastToken }) => Math.max(max, lastToken), Math.max(before, seen))
    const floor = epochFloor(epochOf(highest) + 1)
    await setFloor(tx, floor)
    await tx.q.meta.set(RESTORED, '')
    await tx.emit({
      kind: 'locks.epoch',
      key: 'locks/epoch',
      service: null,
      summary: `Fencing tokens continue at ${floor + 1}: the database was restored from an older copy`,
      value: { epoch: epochOf(floor), floor },
    })
    return { records, floor, restored: true }
  })
}

async function setFloor(tx: Tx, floor: number): Promise<void> {
  await tx.q.meta.set(FLOOR, String(floor))
}

export interface Forgetting {
  store: Store
  entries: Map<string, Entry>
  /** free resources with a row, by when they became free */
  idle: Map<string, number>
  now: number
  /** lifts the floor in memory at once and answers it */
  raise(floor: number): number
  done(entry: Entry): void
}

/** Removes rows of resources that were free for an hour, or the oldest ones when there are too many. Returns how many. */
export async function forgetIdle({ store, entries, idle, now, raise, done }: Forgetting): Promise<number> {
  let removed = 0
  for (;;) {
    const due: Entry[] = []
    for (const [resource, since] of idle) {
      if (due.length === PORTION) break
      if (since > now - IDLE_KEPT_MS && idle.size - due.length <= IDLE_MAX) break
      const entry = entries.get(resource)
      if (entry?.idle) due.push(entry)
      else if (!entry) idle.delete(resource)
    }
    if (due.length === 0) return removed
    // Nobody may take one of them between the look and the commit.
    for (const entry of due) entry.busy += 1
    try {
      await store.transact(SYSTEM, async (tx) => {
        let highest = 0
        for (const { resource, record } of due) {
          highest = Math.max(highest, record.lastToken)
          await tx.q.locks.remove(resource)
        }
        // Raised before anything else can run: a new row must start above what is forgotten here.
        await setFloor(tx, raise(highest))
        tx.afterCommit(() => {
          for (const entry of due) {
            idle.delete(entry.resource)
            entry.record = { ...entry.record, lastToken: 0 }
            entry.row = entry.record
          }
        })
      })
    } finally {
      for (const entry of due) {
        entry.busy -= 1
        done(entry)
      }
    }
    removed += due.length
    if (due.length < PORTION) return removed
  }
}
