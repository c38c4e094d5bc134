/** The stream behind the list of runs: at most four frames a second, each with what changed since the one before. */
import { type Counts, type RunSummary, summaryOf } from '../../core/saga/view.ts'
import type { Recorded, SagaEngine } from './engine.ts'

/** Runs in one frame; a page shows about as many at once. */
const CHANGED_MAX = 200

export interface RunsFrame {
  now: number
  /** by status, of the definition asked for */
  counts: Counts
  /** how many wait for a person, of all definitions */
  waiting: number
  /** those that changed, in the order of their last change */
  runs: RunSummary[]
  /** more changed than a frame holds: the list is to be read again */
  missed: boolean
}

export class SagasLive {
  readonly #engine: SagaEngine
  readonly #waiting = new Set<() => void>()
  #isDue = false
  tabs = 0

  constructor(engine: SagaEngine) {
    this.#engine = engine
  }

  /** Wakes the tabs when there is something to tell. */
  tick(): void {
    if (!this.#isDue) return
    this.#isDue = false
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  async *stream(options: {
    definition: string | undefined
    signal: AbortSignal
    ready: (() => Promise<void>) | undefined
  }): AsyncGenerator<RunsFrame, void, undefined> {
    const { definition, signal, ready } = options
    const changed = new Map<string, Recorded>()
    let missed = false
    const stop = this.#engine.onEvery((recorded) => {
      this.#isDue = true
      if (definition !== undefined && recorded.state.definition !== definition) return
      changed.delete(recorded.runId)
      changed.set(recorded.runId, recorded)
      if (changed.size <= CHANGED_MAX) return
      missed = true
      for (const oldest of changed.keys()) {
        changed.delete(oldest)
        break
      }
    })
    let wake = () => {}
    const abort = () => wake()
    signal.addEventListener('abort', abort)
    this.tabs += 1
    try {
      yield this.#frame(definition, [], false)
      while (!signal.aborted) {
        // Changes that came while this tab was being told are told at the next tick.
        if (changed.size > 0) this.#isDue = true
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#waiting.add(resolve)
        })
        if (ready) await ready()
        if (signal.aborted) return
        const runs = [...changed.values()].map((recorded) => summaryOf(recorded.definition, recorded.state))
        const wasMissed = missed
        changed.clear()
        missed = false
        if (runs.length > 0) yield this.#frame(definition, runs, wasMissed)
      }
    } finally {
      this.tabs -= 1
      this.#waiting.delete(wake)
      signal.removeEventListener('abort', abort)
      stop()
    }
  }

  #frame(definition: string | undefined, runs: RunSummary[], missed: boolean): RunsFrame {
    const { book, clock } = this.#engine
    return { now: clock.wall(), counts: book.counts(definition), waiting: book.waiting, runs, missed }
  }
}
