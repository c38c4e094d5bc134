/**
 * Which of the reported requests are kept whole, a trace at a time: what failed, what is slow for its edge, and now and then
 * what is typical. Once a trace is kept, every request of it is, from whichever service, and those that still know one
 * are asked for it.
 */
import type { Exemplar } from '../../core/exemplar.ts'

/** Requests of one trace at most. */
export const TRACE_ROWS_MAX = 200
/** How long other requests of a kept trace are waited for. */
const TRACE_OPEN_MS = 30_000
const TRACES_OPEN_MAX = 2_000
/** Rows that wait for the next write at most. */
const WAITING_MAX = 2_000
/** Traces begun to be kept: so many at once, then so many a second, over the whole fleet. */
const BURST = 60
const PER_SECOND = 3
/** Of one edge and reason, the next one is kept so much later. */
const PAUSE_MS = { failed: 2_000, slow: 5_000, sampled: 20_000 } as const
const PAUSES_MAX = 20_000
/** Requests of an edge that "slow for it" can be said of. */
const TELLING = 20
const WANTED_KEPT = 500
const WANTED_AT_ONCE = 50

export interface Waiting {
  caller: string
  reporter: string
  notable: boolean
  exemplar: Exemplar
}

interface OpenTrace {
  at: number
  rows: number
  notable: boolean
}

export class Keep {
  readonly #open = new Map<string, OpenTrace>()
  readonly #pauses = new Map<string, number>()
  /** kept traces, numbered, that reporters are still to be asked for */
  readonly #wanted: { seq: number; traceId: string; at: number }[] = []
  readonly #told = new Map<string, number>()
  #wantedSeq = 0
  #tokens = BURST
  #refilledAt: number
  #waiting: Waiting[] = []
  kept = 0
  passedBy = 0

  constructor(now: number) {
    this.#refilledAt = now
  }

  /** `slowMs`: from where on a request of the edge is slow; null: too few are known. */
  offer(
    caller: string,
    reporter: string,
    exemplars: readonly Exemplar[],
    slowMs: (callee: string, protocol: string) => { count: number; p95Ms: number } | null,
    now: number,
  ): void {
    for (const exemplar of exemplars) {
      const open = this.#open.get(exemplar.traceId)
      if (open && now - open.at <= TRACE_OPEN_MS) {
        this.#take(open, { caller, reporter, notable: open.notable, exemplar })
        continue
      }
      const why = this.#isWorth(exemplar, slowMs)
      if (why === null || !this.#may(caller, exemplar, why, now)) {
        this.passedBy += 1
        continue
      }
      const begun = this.#begin(exemplar.traceId, why !== 'sampled', now)
      this.#take(begun, { caller, reporter, notable: begun.notable, exemplar })
    }
  }

  #isWorth(
    exemplar: Exemplar,
    slowMs: (callee: string, protocol: string) => { count: number; p95Ms: number } | null,
  ): keyof typeof PAUSE_MS | null {
    if (exemplar.failed) return 'failed'
    const usual = slowMs(exemplar.callee, exemplar.protocol)
    if (usual && usual.count >= TELLING && exemplar.cut.totalMs >= usual.p95Ms) return 'slow'
    return exemplar.why === 'sampled' ? 'sampled' : null
  }

  #may(caller: string, exemplar: Exemplar, why: keyof typeof PAUSE_MS, now: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilledAt) / 1_000) * PER_SECOND)
    this.#refilledAt = now
    const key = `${why} ${caller} ${exemplar.callee} ${exemplar.protocol} ${exemplar.route ?? ''}`
    if (this.#tokens < 1 || now < (this.#pauses.get(key) ?? Number.NEGATIVE_INFINITY)) return false
    this.#tokens -= 1
    if (this.#pauses.size >= PAUSES_MAX) this.#pauses.clear()
    this.#pauses.set(key, now + PAUSE_MS[why])
    return true
  }

  #begin(traceId: string, notable: boolean, now: number): OpenTrace {
    if (this.#open.size >= TRACES_OPEN_MAX) this.#open.delete(this.#open.keys().next().value as string)
    const open = { at: now, rows: 0, notable }
    this.#open.set(traceId, open)
    this.#wanted.push({ seq: ++this.#wantedSeq, traceId, at: now })
    if (this.#wanted.length > WANTED_KEPT) this.#wanted.shift()
    return open
  }

  #take(open: OpenTrace, row: Waiting): void {
    if (open.rows >= TRACE_ROWS_MAX || this.#waiting.length >= WAITING_MAX) {
      this.passedBy += 1
      return
    }
    open.rows += 1
    this.#waiting.push(row)
  }

  /** Traces that `reporter` has not been asked for yet. */
  wanted(reporter: string, now: number): string[] {
    const told = this.#told.get(reporter) ?? 0
    const fresh = this.#wanted.filter(({ seq, at }) => seq > told && now - at <= TRACE_OPEN_MS)
    const asked = fresh.slice(0, WANTED_AT_ONCE)
    const last = asked.at(-1)
    if (last) this.#told.set(reporter, last.seq)
    return asked.map(({ traceId }) => traceId)
  }

  takeWaiting(): Waiting[] {
    const waiting = this.#waiting
    this.#waiting = []
    this.kept += waiting.length
    return waiting
  }

  forget(now: number, isKnown: (reporter: string) => boolean): void {
    for (const [traceId, { at }] of this.#open) if (now - at > TRACE_OPEN_MS) this.#open.delete(traceId)
    for (const [key, until] of this.#pauses) if (now >= until) this.#pauses.delete(key)
    for (const reporter of this.#told.keys()) if (!isKnown(reporter)) this.#told.delete(reporter)
  }
}
