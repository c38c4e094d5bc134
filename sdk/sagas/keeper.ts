/** Keeps the leases of tasks in hand, and notices as soon as one is lost. */
import { HoldfastError } from '../../core/errors.ts'
import type { Connection } from '../connection.ts'
import { marginMs } from '../lease.ts'
import type { Time } from '../time.ts'
import type { Work } from './attempt.ts'
import { StepAbortedError } from './errors.ts'

/** What `sagas.heartbeat` takes at once. */
const BEATS_MAX = 1_000
const TICK_MIN_MS = 100

export interface KeeperParts {
  connection: Pick<Connection, 'call' | 'isOpen'>
  time: Time
  worker: string
  requestTimeoutMs: number
  lost(work: Work): void
  problem(error: Error): void
}

export class TaskKeeper {
  readonly #parts: KeeperParts
  readonly #held = new Map<string, Work>()
  #cancelTick: (() => void) | null = null
  #tickMs = 0
  #cancelAlarm: (() => void) | null = null
  #alarmAt = Number.POSITIVE_INFINITY

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  get all(): Work[] {
    return [...this.#held.values()]
  }

  get size(): number {
    return this.#held.size
  }

  has(key: string): boolean {
    return this.#held.has(key)
  }

  keep(key: string, work: Work): void {
    this.#held.set(key, work)
    this.#alarmBy(this.#endOf(work))
    this.#tickIn(periodMs(work.task.leaseMs))
  }

  drop(key: string): void {
    this.#held.delete(key)
    if (this.#held.size > 0) return
    this.#cancelTick?.()
    this.#cancelTick = null
    this.#cancelAlarm?.()
    this.#cancelAlarm = null
    this.#alarmAt = Number.POSITIVE_INFINITY
  }

  /** Says at once that all live: the lease has run on while there was no connection. */
  connectionOpened(): void {
    if (this.#held.size > 0) this.#tickIn(0)
  }

  close(): void {
    for (const key of [...this.#held.keys()]) this.drop(key)
  }

  /** @throws HoldfastError when the control plane could not be told */
  async beat(works: readonly Work[]): Promise<void> {
    const { connection, time, worker, requestTimeoutMs } = this.#parts
    const sentAt = time.monotonic()
    const leases = works.map(({ task: { runId, step, phase, fence }, progress }) => ({
      runId,
      step,
      phase,
      fence,
      ...(progress === undefined ? {} : { progress }),
    }))
    const { lost, cancel } = await connection.call('sagas.heartbeat', { data: { worker, leases } }, requestTimeoutMs)
    const gone = new Set(lost)
    for (const [i, work] of works.entries()) {
      if (gone.has(i)) {
        work.gone = true
        this.#lose(work, 'the control plane has given it up')
      } else work.aliveAt = sentAt
    }
    for (const i of cancel) {
      const work = works[i]
      work?.abort.abort(new StepAbortedError('undoing', `Run ${work.task.runId} is being undone; its do may stop.`))
    }
  }

  #lose(work: Work, how: string): void {
    if (work.lost) return
    const { step, runId } = work.task
    work.lost = new StepAbortedError('lease-lost', `The lease of "${step}" in run ${runId} is lost: ${how}.`)
    this.#parts.lost(work)
    work.abort.abort(work.lost)
  }

  /** A little before the control plane may give it away, whether it answers or not; and when the attempt takes too long. */
  #endOf(work: Work): number {
    if (work.abort.aborted) return Number.POSITIVE_INFINITY
    const { leaseMs, timeoutMs } = work.task
    return Math.min(work.aliveAt + leaseMs - marginMs(leaseMs), work.takenAt + timeoutMs)
  }

  /** One alarm for all, set for the first that ends: a timer for each would be a tenth of what a task costs here. */
  #alarmBy(at: number): void {
    if (at >= this.#alarmAt) return
    this.#cancelAlarm?.()
    this.#alarmAt = at
    const { time } = this.#parts
    this.#cancelAlarm = time.after(Math.max(0, at - time.monotonic()), () => {
      this.#cancelAlarm = null
      this.#alarmAt = Number.POSITIVE_INFINITY
      const now = time.monotonic()
      let next = Number.POSITIVE_INFINITY
      for (const work of this.all) {
        if (this.#endOf(work) <= now) this.#end(work, now)
        next = Math.min(next, this.#endOf(work))
      }
      if (next < Number.POSITIVE_INFINITY) this.#alarmBy(next)
    })
  }

  #end(work: Work, now: number): void {
    const { leaseMs, timeoutMs, step } = work.task
    if (now < work.takenAt + timeoutMs) this.#lose(work, `no sign of life for ${leaseMs} ms`)
    else work.abort.abort(new StepAbortedError('timeout', `"${step}" took longer than its ${timeoutMs} ms.`))
  }

  #tickIn(ms: number): void {
    if (this.#cancelTick && ms >= this.#tickMs) return
    this.#cancelTick?.()
    this.#tickMs = ms
    this.#cancelTick = this.#parts.time.after(ms, () => {
      this.#cancelTick = null
      if (this.#held.size === 0) return
      this.#beatDue(ms === 0)
      let shortest = Number.POSITIVE_INFINITY
      for (const { task } of this.#held.values()) shortest = Math.min(shortest, task.leaseMs)
      this.#tickIn(periodMs(shortest))
    })
  }

  #beatDue(all: boolean): void {
    const { connection, time, problem } = this.#parts
    if (!connection.isOpen) return
    const now = time.monotonic()
    const isDue = ({ aliveAt, task }: Work) => all || now - aliveAt >= task.leaseMs / 3 - 1
    const due = this.all.filter((work) => !work.gone && isDue(work))
    for (let i = 0; i < due.length; i += BEATS_MAX) {
      this.beat(due.slice(i, i + BEATS_MAX)).catch((error: unknown) => {
        // The next look tries again; the alarm ends it in time when none succeeds.
        if (!(error instanceof HoldfastError) || !error.retryable) problem(error as Error)
      })
    }
  }
}

/** Leases are looked at twice as often as they are renewed: every third of their time. */
function periodMs(leaseMs: number): number {
  return Math.max(TICK_MIN_MS, Math.min(leaseMs / 3, 60_000) / 2)
}
