/** A service that carries out steps of sagas: claims them, works on them, tells what became of them. */
import { type BackoffConfig, fullJitter } from '../../core/backoff.ts'
import { ConflictError, HoldfastError, ValidationError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import type { Connection } from '../connection.ts'
import type { Events } from '../events.ts'
import type { Time } from '../time.ts'
import type { ClaimMessage, SagaTask } from './api.ts'
import { attempt, type Result, type Work } from './attempt.ts'
import { CallOff } from './call-off.ts'
import { StepAbortedError } from './errors.ts'
import type { SagaHandlers } from './handlers.ts'
import { TaskKeeper } from './keeper.ts'
import { memoryLedger, type SagaLedger } from './ledger.ts'
import { Recent } from './recent.ts'

export interface SagaWorkerOptions {
  /** steps worked on at once; default 10 */
  concurrency?: number | undefined
  /** whose tasks are claimed; default `default` */
  queue?: string | undefined
  /**
   * What this worker is called; default: made anew for each. Under the same name after a restart, what was in hand is handed out
   * again at once instead of after its lease; two that live must not share one.
   */
  name?: string | undefined
  /** where keys are remembered; default: in this process */
  ledger?: SagaLedger | undefined
  /** how long `close()` lets work in hand go on; default 10,000 */
  drainTimeoutMs?: number | undefined
}

export interface WorkerParts {
  connection: Pick<Connection, 'call' | 'subscribe' | 'isOpen'>
  time: Time
  random: Random
  events: Events
  requestTimeoutMs: number
  /** it works no more */
  ended(worker: SagaWorker): void
}

const REOPEN: BackoffConfig = { initialDelayMs: 200, maxDelayMs: 15_000, multiplier: 2 }
const TELL_AGAIN: BackoffConfig = { initialDelayMs: 50, maxDelayMs: 2_000, multiplier: 2 }
/** Handlers that were told to stop are given this long to say how far they came. */
const LAST_WORD_MS = 500
const SETTLED_KEPT = 1_000
const NAME = /^[\x21-\x7e]{1,160}$/

export class SagaWorker implements AsyncDisposable {
  readonly name: string
  readonly #handlers: SagaHandlers
  readonly #options: SagaWorkerOptions
  readonly #parts: WorkerParts
  readonly #ledger: SagaLedger
  readonly #keeper: TaskKeeper
  readonly #working = new Set<Promise<void>>()
  /** tasks that were told of lately: what is handed out again meanwhile is not done again */
  readonly #settled = new Recent<true>(SETTLED_KEPT)
  readonly #waiting = new Set<() => void>()
  #stopClaim: ((linger?: boolean) => void) | null = null
  #claimEnded: (() => void) | null = null
  #cancelReopen: (() => void) | null = null
  #attempts = 0
  #draining = false
  #closed = false
  #closing: Promise<void> | null = null

  /** @internal use `holdfast.sagas.worker` */
  constructor(name: string, handlers: SagaHandlers, options: SagaWorkerOptions, parts: WorkerParts) {
    assertOptions(name, handlers, options)
    this.name = name
    this.#handlers = handlers
    this.#options = options
    this.#parts = parts
    this.#ledger = options.ledger ?? memoryLedger()
    const { connection, time, events, requestTimeoutMs } = parts
    this.#keeper = new TaskKeeper({
      connection,
      time,
      worker: name,
      requestTimeoutMs,
      lost: (work) => this.#tellLost(work.task, work.lost?.message ?? ''),
      problem: (error) => events.emit('problem', { during: `keeping the leases of worker "${name}"`, error }),
    })
    this.#claim()
  }

  /** Steps in hand. */
  get running(): number {
    return this.#keeper.size
  }

  /** Does it get work? False while the control plane is away, and when it closes. */
  get claiming(): boolean {
    return this.#stopClaim !== null && !this.#draining
  }

  /** Takes no more work, lets what is in hand go on for `drainTimeoutMs`, then calls it off. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  connectionOpened(): void {
    this.#attempts = 0
    this.#claim()
    this.#keeper.connectionOpened()
    for (const go of [...this.#waiting]) go()
  }

  /** @internal */
  connectionClosed(): void {
    this.#stopClaim = null
    this.#cancelReopen?.()
    this.#cancelReopen = null
    this.#claimEnded?.()
  }

  #claim(): void {
    const { connection, events } = this.#parts
    if (this.#draining || this.#stopClaim || !connection.isOpen) return
    this.#cancelReopen?.()
    this.#cancelReopen = null
    const { queue = 'default', concurrency = 10 } = this.#options
    const data = { worker: this.name, queue, tasks: Object.keys(this.#handlers), capacity: concurrency }
    this.#stopClaim = connection.subscribe('sagas.claim', { data }, undefined, {
      data: (message) => {
        this.#attempts = 0
        for (const task of (message as ClaimMessage).tasks) this.#take(task)
      },
      ended: (error) => {
        this.#stopClaim = null
        this.#claimEnded?.()
        if (this.#draining) return
        if (error) events.emit('problem', { during: `claiming steps for worker "${this.name}"`, error })
        this.#reopenLater()
      },
    })
  }

  #reopenLater(): void {
    const { time, random } = this.#parts
    const wait = 50 + fullJitter(REOPEN, this.#attempts, random)
    this.#attempts += 1
    this.#cancelReopen = time.after(wait, () => {
      this.#cancelReopen = null
      this.#claim()
    })
  }

  #take(task: SagaTask): void {
    const key = `${task.runId} ${task.step} ${task.phase} ${task.fence}`
    // After a reconnect what is held is handed out again: it is in hand already, or its result is on its way.
    if (this.#closed || this.#keeper.has(key) || this.#settled.get(key)) return
    const now = this.#parts.time.monotonic()
    const abort = new CallOff()
    const work: Work = { task, abort, takenAt: now, aliveAt: now, progress: undefined, lost: null, gone: false }
    this.#keeper.keep(key, work)
    const done = this.#work(key, work)
    this.#working.add(done)
    void done.finally(() => this.#working.delete(done))
  }

  async #work(key: string, work: Work): Promise<void> {
    const parts = {
      time: this.#parts.time,
      ledger: this.#ledger,
      handlers: this.#handlers,
      beat: (one: Work) => this.#keeper.beat([one]),
    }
    const result = await attempt(parts, work)
    await this.#tell(work.task, result)
    this.#keeper.drop(key)
    this.#settled.set(key, true)
  }

  /** Until the control plane has heard it, or has refused it. The lease is kept meanwhile. */
  async #tell(task: SagaTask, result: Result): Promise<void> {
    const { events } = this.#parts
    let told = result
    for (let n = 0; !this.#closed; n++) {
      try {
        await this.#report(task, told)
        return
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error
        if (error instanceof ConflictError) return this.#tellLost(task, error.message)
        if (error instanceof ValidationError && 'output' in told) {
          // Too large, as a rule: what the step did is there, and nobody will ever see its output.
          const refusal = { code: 'OUTPUT_REFUSED', message: error.message }
          told = { failure: { error: refusal, outcome: 'unknown', retryable: false, retryAfterMs: null } }
          continue
        }
        if (!error.retryable && error.code !== 'INTERNAL') {
          events.emit('problem', { during: `telling the result of "${task.step}" in run ${task.runId}`, error })
          return
        }
        await this.#pause(fullJitter(TELL_AGAIN, n, this.#parts.random))
      }
    }
  }

  async #report(task: SagaTask, result: Result): Promise<void> {
    const { connection, requestTimeoutMs } = this.#parts
    const { runId, step, phase, fence } = task
    const ref = { runId, step, phase, fence, worker: this.name }
    if ('output' in result) {
      await connection.call('sagas.complete', { data: { ...ref, output: result.output } }, requestTimeoutMs)
    } else await connection.call('sagas.fail', { data: { ...ref, ...result.failure } }, requestTimeoutMs)
  }

  #tellLost({ runId, step, phase, fence }: SagaTask, message: string): void {
    this.#parts.events.emit('sagaLeaseLost', { runId, step, phase, fence, message })
  }

  /** Cut short when the connection is back, and when this worker is closed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(end)
        cancel()
        resolve()
      }
      const cancel = this.#parts.time.after(ms, end, true)
      this.#waiting.add(end)
    })
  }

  async #close(): Promise<void> {
    const { drainTimeoutMs = 10_000 } = this.#options
    const { time } = this.#parts
    const until = time.monotonic() + drainTimeoutMs
    this.#draining = true
    this.#cancelReopen?.()
    // What is on its way already still comes, so that no step waits for the end of its lease.
    const stop = this.#stopClaim
    if (stop) {
      const ended = new Promise<void>((resolve) => {
        this.#claimEnded = resolve
      })
      stop(true)
      await this.#within(drainTimeoutMs, ended)
    }
    await this.#within(Math.max(0, until - time.monotonic()), this.#idle())
    for (const { abort, task } of this.#keeper.all) {
      abort.abort(new StepAbortedError('closing', `Worker ${this.name} closes before "${task.step}" is done.`))
    }
    await this.#within(LAST_WORD_MS, this.#idle())
    this.#closed = true
    for (const go of [...this.#waiting]) go()
    this.#keeper.close()
    this.#parts.ended(this)
  }

  async #idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working)
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    let cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#parts.time.after(ms, resolve, true)
    })
    await Promise.race([work, late])
    cancel()
  }
}

function assertOptions(name: string, handlers: SagaHandlers, { concurrency, queue }: SagaWorkerOptions): void {
  const tasks = Object.keys(handlers)
  if (tasks.length === 0) throw new ValidationError('A worker needs a handler for at least one task.')
  if (tasks.length > 500) throw new ValidationError('A worker takes at most 500 tasks. Make several workers.')
  for (const task of tasks) {
    const handler = handlers[task]
    if (typeof handler !== 'function' && typeof handler?.do !== 'function') {
      throw new ValidationError(`The task "${task}" has no "do". Give a function, or { do, undo }.`)
    }
  }
  if (!NAME.test(name) || name === 'http') throw new ValidationError(`"${name}" is no name for a worker.`)
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1_000)) {
    throw new ValidationError(`"concurrency" is a whole number from 1 to 1,000, not ${concurrency}.`)
  }
  if (queue === '') throw new ValidationError('"queue" is empty. Leave it out for the default one.')
}
