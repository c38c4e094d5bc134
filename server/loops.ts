/** The only timers of the control plane: named, never overlapping themselves, watched, and stopped together. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../core/clock.ts'
import type { Log } from './log.ts'

/** What sets timers; the process's own unless a test brings another. */
export interface Scheduler {
  set(run: () => void, ms: number): unknown
  clear(handle: unknown): void
}

export const TIMERS: Scheduler = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

export interface LoopsOptions {
  clock: Clock
  log: Log
  scheduler?: Scheduler
}

export interface EveryOptions {
  /** the first run at once instead of after one period */
  immediately?: boolean
}

export interface LoopStats {
  name: string
  everyMs: number
  runs: number
  errors: number
  /** periods that went by while a run was still going on */
  skipped: number
  running: boolean
  /** how much later than planned the last run began */
  driftMs: number
  driftMaxMs: number
  /** of the last run */
  durationMs: number
}

interface Loop extends LoopStats {
  run: () => void | Promise<void>
  handle: unknown
  dueAt: number
  current: Promise<void> | null
}

export class Loops {
  readonly #clock: Clock
  readonly #log: Log
  readonly #scheduler: Scheduler
  readonly #loops = new Map<string, Loop>()
  readonly #delay = monitorEventLoopDelay({ resolution: 10 })
  #stopping: Promise<void> | null = null

  constructor(options: LoopsOptions) {
    this.#clock = options.clock
    this.#log = options.log
    this.#scheduler = options.scheduler ?? TIMERS
    this.#delay.enable()
  }

  /**
   * Runs `run` every `ms` milliseconds, on a fixed grid so that lateness does not add up. A run that takes longer than a
   * period makes the next ones be left out, never overlap. An error is logged and counted, and the loop goes on.
   * Returns what stops this one loop.
   */
  every(name: string, ms: number, run: () => void | Promise<void>, options: EveryOptions = {}): () => void {
    if (this.#loops.has(name)) throw new Error(`there is a loop "${name}" already`)
    if (!(ms > 0)) throw new Error(`the period of loop "${name}" must be above 0 ms`)
    if (this.#stopping) return () => {}
    const loop: Loop = {
      name,
      everyMs: ms,
      runs: 0,
      errors: 0,
      skipped: 0,
      running: false,
      driftMs: 0,
      driftMaxMs: 0,
      durationMs: 0,
      run,
      handle: null,
      dueAt: this.#clock.monotonic() + (options.immediately ? 0 : ms),
      current: null,
    }
    this.#loops.set(name, loop)
    this.#arm(loop)
    return () => this.#remove(loop)
  }

  #remove(loop: Loop): void {
    this.#scheduler.clear(loop.handle)
    if (this.#loops.get(loop.name) === loop) this.#loops.delete(loop.name)
  }

  #arm(loop: Loop): void {
    const wait = Math.max(0, loop.dueAt - this.#clock.monotonic())
    loop.handle = this.#scheduler.set(() => {
      loop.current = this.#once(loop).finally(() => {
        loop.current = null
      })
    }, wait)
  }

  async #once(loop: Loop): Promise<void> {
    const begun = this.#clock.monotonic()
    loop.driftMs = Math.max(0, begun - loop.dueAt)
    loop.driftMaxMs = Math.max(loop.driftMaxMs, loop.driftMs)
    loop.running = true
    try {
      const pending = loop.run()
      if (pending) await pending
    } catch (error) {
      loop.errors += 1
      this.#log.error({ err: error, loop: loop.name }, 'a loop failed; it goes on')
    }
    loop.running = false
    loop.runs += 1
    const now = this.#clock.monotonic()
    loop.durationMs = now - begun
    const periods = Math.max(1, Math.ceil((now - loop.dueAt) / loop.everyMs))
    loop.skipped += periods - 1
    loop.dueAt += periods * loop.everyMs
    if (!this.#stopping && this.#loops.get(loop.name) === loop) this.#arm(loop)
  }

  stats(): LoopStats[] {
    return [...this.#loops.values()].map(
      ({ run: _run, handle: _handle, dueAt: _dueAt, current: _current, ...stats }) => stats,
    )
  }

  /** How long the event loop was held up, in milliseconds, since the last call of `resetLag`. */
  lag(): { meanMs: number; p99Ms: number; maxMs: number } {
    const { mean, max } = this.#delay
    // The histogram counts the sampling period itself as delay.
    const over = (ns: number) => (Number.isNaN(ns) ? 0 : Math.max(0, ns / 1e6 - 10))
    return { meanMs: over(mean), p99Ms: over(this.#delay.percentile(99)), maxMs: over(max) }
  }

  resetLag(): void {
    this.#delay.reset()
  }

  /** Starts no further run and waits for those going on. */
  stop(): Promise<void> {
    this.#stopping ??= this.#finish()
    return this.#stopping
  }

  async #finish(): Promise<void> {
    this.#delay.disable()
    for (const loop of this.#loops.values()) this.#scheduler.clear(loop.handle)
    await Promise.all([...this.#loops.values()].map((loop) => loop.current))
  }
}
