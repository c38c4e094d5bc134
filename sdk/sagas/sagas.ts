/** What services do with sagas: define, start, wait for, signal, work. */
import { randomUUID } from 'node:crypto'
import { HoldfastError, TimeoutError } from '../../core/errors.ts'
import type { Json, SagaSpec } from '../../core/saga/definition.ts'
import type { Breakpoint } from '../../core/saga/event.ts'
import type { HistoryEntry, RunSummary, RunView } from '../../core/saga/view.ts'
import type { Connection } from '../connection.ts'
import { currentTrace, formatTraceparent } from '../trace.ts'
import type { SagaAnswer, SagaApi, SagaDefined, SagaListFilter, SagaProgress, SagaStart, SagaStarted } from './api.ts'
import type { AnySaga, Saga } from './definition.ts'
import type { SagaHandlers } from './handlers.ts'
import { SagaWorker, type SagaWorkerOptions, type WorkerParts } from './worker.ts'

export interface StartOptions {
  /** the same key again gives the same run; with another input it is a ConflictError */
  idempotencyKey?: string | undefined
  /** default: the newest */
  version?: number | undefined
  /** what the run can be searched by */
  attributes?: Record<string, string> | undefined
  /** for the whole run */
  deadlineMs?: number | undefined
  breakpoints?: Breakpoint[] | undefined
  /** begins paused, before its first step */
  paused?: boolean | undefined
  /** how long to try while the control plane is away; default 10,000 */
  timeoutMs?: number | undefined
}

export interface ResultOptions {
  /** default 60,000 */
  timeoutMs?: number | undefined
  /** also waits while the run is stuck and a person is asked for; default: that is an answer too */
  untilEnded?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** How a run has ended, or that it waits for a person (`stuck`). `output`: of each step, when it has succeeded. */
export interface SagaResult<O = { [step: string]: Json }> extends Omit<SagaAnswer, 'output'> {
  output: O | null
}

/** A run that was started. */
export interface SagaRun<O = { [step: string]: Json }> extends SagaStarted {
  result(options?: ResultOptions): Promise<SagaResult<O>>
  signal(name: string, payload?: Json): Promise<void>
}

const WAIT_MAX_MS = 25_000
const STUCK_LOOK_MS = 1_000
const AGAIN_MS = 200

export interface SagasParts extends Omit<WorkerParts, 'ended' | 'connection'> {
  connection: Connection
  /** the name that workers begin with */
  identity(): string
}

export class Sagas {
  readonly #parts: SagasParts
  readonly #workers = new Set<SagaWorker>()
  readonly #waiting = new Set<() => void>()
  readonly #id = randomUUID().slice(0, 8)
  #made = 0
  #closed = false

  /** @internal use `holdfast.sagas` */
  constructor(parts: SagasParts) {
    this.#parts = parts
  }

  /**
   * Carries out steps: claims them, keeps their leases, tells what became of them, until it is closed (with the connection at
   * the latest). Throws ValidationError.
   */
  worker(handlers: SagaHandlers, options: SagaWorkerOptions = {}): SagaWorker {
    this.#made += 1
    const name = options.name ?? `${this.#parts.identity()}#${this.#id}.${this.#made}`
    const worker = new SagaWorker(name, handlers, options, {
      ...this.#parts,
      ended: (one) => this.#workers.delete(one),
    })
    this.#workers.add(worker)
    return worker
  }

  /**
   * Makes a definition known; the same again adds no version, a changed one does, and runs keep theirs.
   * Throws ValidationError, which names the step and what to change.
   */
  define(definition: SagaSpec | AnySaga): Promise<SagaDefined> {
    const spec = 'spec' in definition ? definition.spec : definition
    return this.#persist('sagas.define', { definition: spec })
  }

  /**
   * Starts a run. Resolves once it is on disk: from then on it ends well, is undone, or waits in sight. Repeats itself while the
   * control plane is away, which is safe: one call starts one run.
   * Throws NotFoundError (no such saga), ConflictError (the key was used with another input), NetworkError, ValidationError.
   */
  start<I, O>(saga: Saga<I, O>, input: I, options?: StartOptions): Promise<SagaRun<O>>
  start(name: string, input: unknown, options?: StartOptions): Promise<SagaRun>
  async start(saga: string | AnySaga, input: unknown, options: StartOptions = {}): Promise<SagaRun> {
    const { timeoutMs, ...rest } = options
    const trace = currentTrace()
    const data = compact<SagaStart>({
      definition: typeof saga === 'string' ? saga : saga.name,
      input: (input ?? null) as Json,
      ...rest,
      traceparent: trace && formatTraceparent(trace),
    })
    const started = await this.#persist('sagas.start', data, timeoutMs)
    const { runId } = started
    return {
      ...started,
      result: (more) => this.result(runId, more),
      signal: (name, payload) => this.signal(runId, name, payload),
    }
  }

  /**
   * Waits until the run has ended or waits for a person. Throws TimeoutError, with the run's status in `details`; NotFoundError;
   * the signal's reason.
   */
  async result(runId: string, options: ResultOptions = {}): Promise<SagaResult> {
    const { timeoutMs = 60_000, untilEnded = false, signal } = options
    const { connection, time, requestTimeoutMs } = this.#parts
    const until = time.monotonic() + timeoutMs
    let status = 'unknown'
    for (;;) {
      signal?.throwIfAborted()
      const leftMs = Math.max(0, Math.round(until - time.monotonic()))
      let pauseMs = 0
      try {
        const waitMs = Math.min(leftMs, WAIT_MAX_MS)
        const call = connection.call('sagas.result', { data: { runId, waitMs } }, waitMs + requestTimeoutMs)
        const answer = await orAborted(call, signal)
        status = answer.status
        if (answer.done || (status === 'stuck' && !untilEnded)) return answer
        if (status === 'stuck') pauseMs = STUCK_LOOK_MS
      } catch (error) {
        if (!mayAskAgain(error) || this.#closed || until - time.monotonic() <= 0) throw error
        pauseMs = AGAIN_MS
      }
      if (until - time.monotonic() <= 0) {
        throw new TimeoutError(`Run ${runId} has not ended within ${timeoutMs} ms: it is ${status}.`, {
          details: { runId, status },
        })
      }
      if (pauseMs > 0) await this.#pause(Math.min(pauseMs, until - time.monotonic()), signal)
    }
  }

  /** Sends a signal, once; one that comes before it is waited for is kept. Throws ConflictError (the run has ended). */
  async signal(runId: string, name: string, payload: unknown = null): Promise<void> {
    await this.#persist('sagas.signal', { runId, signal: name, payload: payload as Json })
  }

  /** The run as it is, with every step's do and undo, and what would be undone if it failed now. Throws NotFoundError. */
  async get(runId: string): Promise<RunView & { progress: SagaProgress[] }> {
    const { connection, requestTimeoutMs } = this.#parts
    const { run, progress } = await connection.call('sagas.get', { data: { runId } }, requestTimeoutMs)
    return { ...run, progress }
  }

  /** Runs, newest first; `next` is the `before` of the following page. */
  list(filter: SagaListFilter = {}): Promise<{ runs: RunSummary[]; next: string | null }> {
    const { connection, requestTimeoutMs } = this.#parts
    return connection.call('sagas.list', { data: filter }, requestTimeoutMs)
  }

  /** What has happened to a run, oldest first; `next` is the `after` of the following page. Throws NotFoundError. */
  history(
    runId: string,
    page: { after?: number; limit?: number } = {},
  ): Promise<{ entries: HistoryEntry[]; next: number | null }> {
    const { connection, requestTimeoutMs } = this.#parts
    return connection.call('sagas.history', { data: { runId, ...page } }, requestTimeoutMs)
  }

  /** @internal */
  connectionOpened(): void {
    for (const worker of this.#workers) worker.connectionOpened()
    for (const go of [...this.#waiting]) go()
  }

  /** @internal */
  connectionClosed(): void {
    for (const worker of this.#workers) worker.connectionClosed()
  }

  /** @internal drains all workers */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#workers].map((worker) => worker.close()))
    this.#closed = true
    for (const go of [...this.#waiting]) go()
  }

  /** One operation, asked again under its id until it is answered: a lost answer makes no second one. */
  async #persist<P extends 'sagas.define' | 'sagas.start' | 'sagas.signal'>(
    path: P,
    data: SagaApi[P]['data'],
    timeoutMs = 10_000,
  ): Promise<SagaApi[P]['output']> {
    const { connection, time, requestTimeoutMs } = this.#parts
    const until = time.monotonic() + timeoutMs
    const id = randomUUID()
    for (;;) {
      try {
        const wait = Math.min(requestTimeoutMs, Math.max(1, until - time.monotonic()))
        return (await connection.call(path, { id, data } as never, wait)) as SagaApi[P]['output']
      } catch (error) {
        if (!mayAskAgain(error) || this.#closed || until - time.monotonic() <= 0) throw error
        await this.#pause(Math.min(AGAIN_MS, until - time.monotonic()))
      }
    }
  }

  #pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(end)
        signal?.removeEventListener('abort', end)
        cancel()
        resolve()
      }
      const cancel = this.#parts.time.after(Math.max(0, ms), end, true)
      signal?.addEventListener('abort', end, { once: true })
      this.#waiting.add(end)
    })
  }
}

function mayAskAgain(error: unknown): boolean {
  return (
    error instanceof HoldfastError &&
    (error.code === 'NETWORK' || error.code === 'TIMEOUT' || error.code === 'SERVICE_UNAVAILABLE')
  )
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Without fields that are undefined: what is not said does not travel. */
function compact<T>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
