/**
 * Check results, coalesced: consecutive results of one status are one run, written when it ends. Memory holds one run and
 * one streak an instance, whatever the interval; the file grows with changes, not with checks.
 */
import { advanceCheck, type Streak } from '../../core/health.ts'
import type { CheckResult, CheckRun, CheckSpec, CheckStatus } from '../../core/instance.ts'

/** A run is closed after this long, so that a steady check still leaves a trace every hour. */
const RUN_MAX_MS = 3_600_000
/** Finished runs waiting to be written; the oldest are dropped past it. */
const FINISHED_MAX = 20_000

interface Watch {
  generation: number
  streak: Streak | null
  run: CheckRun | null
}

export class CheckRuns {
  readonly #watches = new Map<string, Watch>()
  #finished: { instanceId: string; run: CheckRun }[] = []

  /** Takes a result in and returns the state after thresholds. */
  add(
    id: string,
    generation: number,
    spec: CheckSpec,
    state: CheckStatus | 'pending',
    result: CheckResult,
  ): CheckStatus | 'pending' {
    let watch = this.#watches.get(id)
    if (watch?.generation !== generation) {
      if (watch?.run) this.#finish(id, watch.run)
      watch = { generation, streak: null, run: null }
      this.#watches.set(id, watch)
    }
    if (watch.streak === null && state !== 'pending' && state !== 'unknown') {
      // After a restart the thresholds go on from the recorded state instead of believing one result.
      watch.streak = { status: state, count: 1 }
    }
    const next = advanceCheck(spec, state, watch.streak, result.status)
    watch.streak = next.streak
    watch.run = this.#extend(id, watch.run, result)
    return next.state
  }

  #extend(id: string, run: CheckRun | null, result: CheckResult): CheckRun {
    const durationMs = Math.round(result.durationMs)
    if (run && run.status === result.status && result.at - run.fromAt < RUN_MAX_MS) {
      return {
        ...run,
        toAt: result.at,
        count: run.count + 1,
        durationMinMs: Math.min(run.durationMinMs, durationMs),
        durationMaxMs: Math.max(run.durationMaxMs, durationMs),
        output: result.output,
      }
    }
    if (run) this.#finish(id, run)
    return {
      status: result.status,
      fromAt: result.at,
      toAt: result.at,
      count: 1,
      durationMinMs: durationMs,
      durationMaxMs: durationMs,
      output: result.output,
    }
  }

  #finish(instanceId: string, run: CheckRun): void {
    this.#finished.push({ instanceId, run })
    if (this.#finished.length > FINISHED_MAX) this.#finished.splice(0, this.#finished.length - FINISHED_MAX)
  }

  /** The run that is still growing. */
  running(id: string): CheckRun | null {
    return this.#watches.get(id)?.run ?? null
  }

  /** Finished runs that are not written yet, newest first. */
  unwritten(id: string): CheckRun[] {
    return this.#finished
      .filter((f) => f.instanceId === id)
      .map((f) => f.run)
      .reverse()
  }

  delete(id: string): void {
    this.#watches.delete(id)
  }

  takeFinished(limit: number): { instanceId: string; run: CheckRun }[] {
    return this.#finished.splice(0, limit)
  }

  /** Ends every run, so that a clean stop writes them all. */
  finishAll(): void {
    for (const [id, watch] of this.#watches) {
      if (watch.run) this.#finish(id, watch.run)
      watch.run = null
    }
  }
}
