/** Sagas: long-running transactions that end well or are undone. */
import type { Clock } from '../core/clock.ts'
import { ConflictError, NotFoundError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { type Json, type Retry, SAGA_LIMITS } from '../core/saga/definition.ts'
import type { By, EventBody, Phase } from '../core/saga/event.ts'
import { stepOf } from '../core/saga/graph.ts'
import { type Operation, operate } from '../core/saga/operate.ts'
import { type Failure, heldLane, isRepeated, type LeaseRef, succeeded } from '../core/saga/outcome.ts'
import type { RunState } from '../core/saga/state.ts'
import type { Store, Tx } from '../db/store.ts'
import type { Log } from './log.ts'
import type { Outbound } from './outbound.ts'
import type { Registry } from './registry.ts'
import { archive } from './sagas/archive.ts'
import { type Due, SagaEngine, SYSTEM_ORIGIN } from './sagas/engine.ts'
import { callStep } from './sagas/http-steps.ts'
import { SagasLive } from './sagas/live.ts'
import { SagaReads } from './sagas/reads.ts'
import { recover } from './sagas/recover.ts'
import { Schedules } from './sagas/schedules.ts'
import { assertSize } from './sagas/start.ts'
import type { StepBreakers } from './sagas/step-breakers.ts'
import { HTTP_QUEUE, type HttpCall, type SagaTask, taskOf } from './sagas/task.ts'
import { laneKey, type WorkerSession } from './sagas/workers.ts'

export interface SagasOptions {
  store: Store
  clock: Clock
  random: Random
  log: Log
  registry: Pick<Registry, 'discover'>
  outbound: Outbound
  /** of the services that steps call over HTTP; without it they are called whatever happens */
  breakers?: StepBreakers | undefined
  /** a backoff policy by its name; null when there is none */
  policy?: (name: string) => Pick<Retry, 'maxAttempts' | 'initialDelayMs' | 'multiplier' | 'maxDelayMs'> | null
}

/** Due entries taken in one turn, so that a burst of timers leaves room for others. */
const DUE_MAX = 1_000

export class Sagas {
  readonly engine: SagaEngine
  readonly schedules: Schedules
  readonly reads: SagaReads
  readonly live: SagasLive
  readonly #clock: Clock
  readonly #log: Log
  readonly #options: SagasOptions
  readonly #stopping = new AbortController()

  constructor(options: SagasOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#log = options.log
    this.engine = new SagaEngine({
      store: options.store,
      clock: options.clock,
      random: options.random,
      log: options.log,
      call: (call) => void this.#call(call),
      // Capped first, then equal jitter: half of it is always waited, so that nobody retries at once.
      delayMs: (retry, tries, random) => {
        const cap = Math.min(retry.maxDelayMs, retry.initialDelayMs * retry.multiplier ** Math.min(tries, 64))
        return cap / 2 + (random() * cap) / 2
      },
      policy: (retry) => {
        const named = retry.policy === null ? null : (options.policy?.(retry.policy) ?? null)
        return named ? { ...retry, ...named } : retry
      },
    })
    this.schedules = new Schedules(this.engine)
    this.reads = new SagaReads(this.engine)
    this.live = new SagasLive(this.engine)
  }

  /** S1: takes up every open run where it was. */
  async start(): Promise<void> {
    const open = await recover(this.engine)
    await this.schedules.start()
    if (open > 0) this.#log.info({ open }, 'open sagas taken up again')
  }

  stop(): void {
    this.#stopping.abort()
    this.engine.stop()
  }

  // ---- workers ----

  /** Makes a worker known; tasks go to `push`, those it holds already first. Returns what ends it. */
  openWorker(session: WorkerSession): () => void {
    const { workers, book } = this.engine
    const other = workers.session(session.worker)
    if (other && other.actor !== session.actor) {
      throw new ConflictError(`A worker "${session.worker}" of ${other.actor} is at work. Choose another name.`)
    }
    const close = workers.open(session)
    // It may have lost what it was given with its connection: it is given the same again, under the same fence.
    for (const held of workers.held.values()) {
      if (held.worker !== session.worker) continue
      const state = book.known(held.runId)
      if (!state || state.steps[held.step]?.[held.phase].lease?.actor !== session.actor) continue
      void this.#task(held.runId, held.step, held.phase).then((task) => {
        if (task && workers.session(session.worker) === session) session.push(task)
      })
    }
    this.engine.pumpSoon()
    return close
  }

  /** Hands out no more to a session; resolves when all that was leased to it before has been pushed. */
  async drain(session: WorkerSession): Promise<void> {
    session.capacity = 0
    // Leases are pushed after their commit, and commits come in the order in which they were asked for.
    await this.engine
      .transact(SYSTEM_ORIGIN, async () => undefined)
      .catch((error: unknown) => this.engine.failedQuietly(error, 'draining a worker', session.worker))
  }

  async #task(runId: string, step: string, phase: Phase): Promise<SagaTask | null> {
    const { book, store } = this.engine
    return store.read(async (tx) => {
      const { definition, state } = await book.load(tx, runId)
      return taskOf(definition, state, step, phase)
    })
  }

  /** Keeps leases; memory only. `lost`: no longer held; `cancel`: its run is being undone, the do may stop early. */
  heartbeat(
    actor: string,
    worker: string,
    leases: readonly (Omit<LeaseRef, 'worker'> & { runId: string; progress?: Json | undefined })[],
  ): { lost: number[]; cancel: number[] } {
    const lost: number[] = []
    const cancel: number[] = []
    const now = this.#clock.monotonic()
    leases.forEach((ref, i) => {
      const held = this.engine.workers.held.get(laneKey(ref))
      const state = this.engine.book.known(ref.runId)
      const lease = state?.steps[ref.step]?.[ref.phase].lease
      if (held?.fence !== ref.fence || held.worker !== worker || (lease && lease.actor !== actor)) {
        lost.push(i)
        return
      }
      held.beatAt = now
      if (ref.progress !== undefined) held.progress = { value: ref.progress, at: this.#clock.wall() }
      if (state && ref.phase === 'do' && state.direction === 'backward') cancel.push(i)
    })
    return { lost, cancel }
  }

  /** @throws ConflictError for a stale lease, ValidationError for an output that is too large */
  async complete(
    actor: string,
    runId: string,
    ref: LeaseRef,
    output: Json,
  ): Promise<{ status: string; repeated: boolean }> {
    assertSize(output, 'The output')
    return this.#report(actor, runId, ref, 'succeeded', () => succeeded(ref.phase, ref.step, output))
  }

  async fail(
    actor: string,
    runId: string,
    ref: LeaseRef,
    what: Failure,
  ): Promise<{ status: string; repeated: boolean }> {
    return this.#report(actor, runId, ref, 'failed', (state, definition, now) =>
      this.engine.failure(state, definition, now, ref, what),
    )
  }

  async #report(
    actor: string,
    runId: string,
    ref: LeaseRef,
    kind: 'succeeded' | 'failed',
    event: (state: RunState, definition: Parameters<SagaEngine['failure']>[1], now: number) => EventBody,
  ): Promise<{ status: string; repeated: boolean }> {
    let repeated = false
    const state = await this.engine.change({ actor, operationId: null }, runId, (state, definition, now) => {
      if (isRepeated(state, ref, kind)) {
        repeated = true
        return []
      }
      heldLane(state, ref, actor)
      if (state.ended)
        throw new ConflictError(`Run ${runId} has ended (${state.ended}); what this worker did was not waited for.`)
      return [event(state, definition, now)]
    })
    return { status: state.status, repeated }
  }

  async #call(call: HttpCall): Promise<void> {
    const { registry, outbound, random, breakers } = this.#options
    const result = await callStep({ registry, outbound, random, breakers }, call)
    if (this.#stopping.signal.aborted) return
    const ref = { step: call.step, phase: call.phase, fence: call.fence, worker: 'http' }
    try {
      if ('output' in result) {
        await this.#report('system', call.runId, ref, 'succeeded', () => succeeded(ref.phase, ref.step, result.output))
      } else await this.fail('system', call.runId, ref, result.failure)
    } catch (error) {
      this.engine.failedQuietly(error, 'an HTTP step', call.runId)
    }
  }

  // ---- people ----

  /** One operator's act in the caller's transaction, with its row in the audit trail. */
  async operate(tx: Tx, runId: string, operation: Operation, reason: string, expectedSeq?: number): Promise<RunState> {
    const by: By = { actor: tx.origin.actor, reason }
    let before: RunState | null = null
    const state = await this.engine.decide(tx, runId, (run, definition) => {
      before = run
      if (expectedSeq !== undefined && run.seq !== expectedSeq) {
        throw new ConflictError(
          `Run ${runId} has moved on: it is ${run.status} at entry ${run.seq}, you looked at ${expectedSeq}. Look again.`,
          { details: { status: run.status, seq: run.seq } },
        )
      }
      if (operation.type === 'editInput') assertSize(operation.input, 'The input')
      if (operation.type === 'skipStep' || operation.type === 'resolveUnknown')
        assertSize(operation.output, 'The output')
      return operate(definition, run, operation, by)
    })
    const { type, ...rest } = operation
    await tx.audit({
      action: `saga.${type}`,
      target: `saga/${runId}`,
      reason,
      before: before && glance(before),
      after: { ...glance(state), ...rest },
      seq: await tx.head(),
    })
    return state
  }

  async signal(tx: Tx, runId: string, signal: string, payload: Json, by: By | null): Promise<RunState> {
    assertSize(payload, 'What is sent with the signal')
    return this.engine.decide(tx, runId, (run) => {
      if (run.ended) {
        throw new ConflictError(`Run ${runId} has ended (${run.ended}) and takes no signals.`, {
          details: { status: run.ended },
        })
      }
      if (run.signals.length >= SAGA_LIMITS.signalsKept) {
        throw new ConflictError(`Run ${runId} keeps ${SAGA_LIMITS.signalsKept} signals already that no step has taken.`)
      }
      return [{ type: 'signal.received', signal, payload, ...(by ? { by } : {}) }]
    })
  }

  // ---- loops ----

  /** Timers that are due. */
  tick(): void {
    const now = this.#clock.monotonic()
    for (let i = 0; i < DUE_MAX; i++) {
      const due = this.engine.due.popDue(now)
      if (!due) return
      if (due.kind === 'admit' || due.kind === 'pump') {
        if (due.kind === 'admit') void this.engine.queueAgain(due.runId)
        else this.engine.pumpSoon()
        continue
      }
      this.engine
        .change(SYSTEM_ORIGIN, due.runId, (state, definition, at) => this.#dueEvents(due, state, definition, at))
        .catch((error: unknown) => {
          if (error instanceof NotFoundError) return
          this.engine.failedQuietly(error, 'a timer of a saga', due.runId)
          this.engine.again(due, error)
        })
    }
  }

  #dueEvents(
    due: Exclude<Due, { kind: 'admit' | 'pump' }>,
    state: RunState,
    definition: Parameters<SagaEngine['failure']>[1],
    at: number,
  ): EventBody[] {
    if (state.ended) return []
    if (due.kind === 'deadline') return state.deadlinePassed ? [] : [{ type: 'run.deadline-passed' }]
    const { step, phase } = due
    const lane = state.steps[step]?.[phase]
    if (!lane) return []
    if (due.kind === 'retry') {
      return lane.status === 'backoff' && lane.retryAt === due.at ? [{ type: 'step.retry-due', step, phase }] : []
    }
    if (lane.status !== 'waiting') return []
    if (due.kind === 'timer') {
      const { waitFor } = lane
      return waitFor?.type === 'timer' && waitFor.dueAt === due.at ? [succeeded('do', step, { at })] : []
    }
    if (lane.waitFor?.type === 'child') return []
    const spec = stepOf(definition, step)
    const error = { code: 'TIMEOUT', message: `Nothing came within ${spec?.stepTimeoutMs ?? 0} ms.` }
    return [
      this.engine.failure(state, definition, at, due, {
        error,
        outcome: 'failed',
        retryable: false,
        retryAfterMs: null,
      }),
    ]
  }

  /** Leases whose worker is silent, or whose attempt takes too long: nobody knows whether it happened. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const held of [...this.engine.workers.held.values()]) {
      const isSilent = now - held.beatAt >= held.leaseMs
      if (!isSilent && now < held.deadlineAt) continue
      const error = isSilent
        ? { code: 'LEASE_EXPIRED', message: `${held.worker} has been silent for ${held.leaseMs} ms.` }
        : { code: 'TIMEOUT', message: `${held.worker} took longer than the attempt may.` }
      const { runId, step, phase, fence } = held
      // Pushed ahead, so that the next sweep does not come upon it again while this one commits.
      held.beatAt = now
      held.deadlineAt = now + held.leaseMs
      this.engine
        .change(SYSTEM_ORIGIN, runId, (state, definition, at) => {
          if (state.ended || state.steps[step]?.[phase].lease?.fence !== fence) return []
          const what = { error, outcome: 'unknown' as const, retryable: true, retryAfterMs: null }
          return [this.engine.failure(state, definition, at, { step, phase }, what)]
        })
        .catch((failure: unknown) => this.engine.failedQuietly(failure, 'ending a lease', runId))
    }
  }

  archive(): Promise<number> {
    return archive(this.engine)
  }

  /** Sets how many tasks of a queue may be under way; null: any number. */
  limit(queue: string, limit: number | null): void {
    if (queue === HTTP_QUEUE) return
    if (limit === null) this.engine.workers.limits.delete(queue)
    else this.engine.workers.limits.set(queue, limit)
    this.engine.pumpSoon()
  }
}

function glance(state: RunState): { status: string; direction: string; seq: number } {
  return { status: state.status, direction: state.direction, seq: state.seq }
}
