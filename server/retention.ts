/** Keeps every table bounded: what is older than its keep is removed in small portions, so that no writer waits for it. */
import type { Clock } from '../core/clock.ts'
import type { Store, Tx } from '../db/store.ts'
import { ROLLUPS } from './telemetry/rollups.ts'
import { OPERATION_KEPT_MS } from './transact.ts'

const DAY_MS = 86_400_000
/** Rows in one transaction; of the journal fewer, because each of its rows is taken out of its index as well. */
const PORTION = 500
const JOURNAL_PORTION = 100
/** Portions in one run, so that a large backlog is worked off over several runs. */
const PORTIONS_MAX = 1_000

export const KEPT_MS = {
  tombstones: DAY_MS,
  operations: OPERATION_KEPT_MS,
  checkRuns: 7 * DAY_MS,
  audit: 400 * DAY_MS,
  /** requests kept whole that are slow or failed; typical ones are for comparing with */
  exemplars: 7 * DAY_MS,
  typicalExemplars: DAY_MS / 8,
} as const

/** Requests kept whole at most: about 1.5 KB each. */
export const EXEMPLAR_ROWS_MAX = 30_000

/**
 * Rows of each step of latency at most, 0.5 to 2 KB each: a fleet of 500 groups keeps all of its hour at 10 s, and one of
 * 5,000 keeps 6 minutes of it rather than a full disk.
 */
export const LATENCY_ROWS_MAX = 200_000

export interface RetentionOptions {
  store: Store
  clock: Clock
  journal: { retentionDays: number; eventsMax: number }
}

/**
 * Of the journal, which grows with every lock and every run: called more often than the rest, so that it keeps up with
 * 20,000 entries a second.
 */
export async function pruneJournal({ store, clock, journal }: RetentionOptions): Promise<number> {
  const upTo = await store.read(async (tx) => {
    const byAge = await tx.q.journal.seqAt(clock.wall() - journal.retentionDays * DAY_MS)
    return Math.max(byAge, (await tx.head()) - journal.eventsMax)
  })
  return repeat(store, (tx) => tx.q.journal.prune(upTo, JOURNAL_PORTION), JOURNAL_PORTION)
}

/** One run of housekeeping; returns how many rows went. */
export async function prune(options: RetentionOptions): Promise<number> {
  const { store, clock } = options
  const now = clock.wall()
  const jobs: ((tx: Tx) => Promise<number>)[] = [
    (tx) => tx.q.retention.operations(now - KEPT_MS.operations, PORTION),
    (tx) => tx.q.retention.tombstones(now - KEPT_MS.tombstones, PORTION),
    (tx) => tx.q.retention.checkRuns(now - KEPT_MS.checkRuns, PORTION),
    (tx) => tx.q.retention.audit(now - KEPT_MS.audit, PORTION),
    ...ROLLUPS.map(
      ({ stepMs, keptMs }) =>
        (tx: Tx) =>
          tx.q.retention.rollups(stepMs, now - keptMs, PORTION),
    ),
    ...ROLLUPS.map(
      ({ stepMs, keptMs }) =>
        (tx: Tx) =>
          tx.q.latency.pruneRollups(stepMs, now - keptMs, PORTION),
    ),
    ...ROLLUPS.map(
      ({ stepMs }) =>
        (tx: Tx) =>
          tx.q.latency.boundRollups(stepMs, LATENCY_ROWS_MAX, PORTION),
    ),
    (tx) => tx.q.latency.pruneExemplars({ before: now - KEPT_MS.typicalExemplars, notable: false }, PORTION),
    (tx) => tx.q.latency.pruneExemplars({ before: now - KEPT_MS.exemplars }, PORTION),
    (tx) => tx.q.latency.boundExemplars(EXEMPLAR_ROWS_MAX, PORTION),
  ]
  let removed = await pruneJournal(options)
  for (const job of jobs) removed += await repeat(store, job, PORTION)
  return removed
}

/** Runs a job until it finds less than a whole portion. */
async function repeat(store: Store, job: (tx: Tx) => Promise<number>, portion: number): Promise<number> {
  let removed = 0
  for (let i = 0; i < PORTIONS_MAX; i++) {
    const went = await store.transact({ actor: 'system', operationId: null }, job)
    removed += went
    if (went < portion) break
  }
  return removed
}
