/**
 * Carries out what the core decides. Every decision is one transaction: the events, the run's row, the journal's entry and
 * what is handed to a worker next are committed together; only then does anything leave the process.
 */
import type { Clock } from '../../core/clock.ts'
import { ConflictError, HoldfastError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { advance, decide } from '../../core/saga/decide.ts'
import type { Retry, SagaDefinition, Step } from '../../core/saga/definition.ts'
import type { EventBody, HistoryEvent, Phase, Started } from '../../core/saga/event.ts'
import { PHASES } from '../../core/saga/event.ts'
import { stepOf } from '../../core/saga/graph.ts'
import { operate } from '../../core/saga/operate.ts'
import { type Failure, failed, retryOf, timeoutOf } from '../../core/saga/outcome.ts'
import { mayLease } from '../../core/saga/plan.ts'
import { keyOf, type Lane, type RunState, type StepState } from '../../core/saga/state.ts'
import { causeOf } from '../../core/saga/status.ts'
import { summaryOf } from '../../core/saga/view.ts'
import type { Origin, Store, Tx } from '../../db/store.ts'
import type { Log } from '../log.ts'
import { Book, type Open } from './book.ts'
import { childInput, childOutcome } from './children.ts'
import { Heap } from './heap.ts'
import { actionOf, HTTP_QUEUE, type HttpCall, placeOf, taskOf } from './task.ts'
import { type LaneRef, laneKey, Workers } from './workers.ts'

export const SYSTEM_ORIGIN: Origin = { actor: 'system', operationId: null }

export type Make = (state: RunState, definition: SagaDefinition, now: number) => EventBody[]

export type Due =
  | (LaneRef & { kind: 'retry' | 'timer' | 'step-timeout'; at: number })
  | { kind: 'deadline'; runId: string; at: number }
  // a queued run that could not be asked for
  | { kind: 'admit'; runId: string; at: number }
  // a step that could not be handed out
  | { kind: 'pump'; runId: string; at: number }

export interface EngineOptions {
  store: Store
  clock: Clock
  random: Random
  log: Log
  /** carries out an HTTP step; its result comes back through `report` */
  call(call: HttpCall): void
  /** the delay before try number `tries` (from 0), milliseconds */
  delayMs(retry: Retry, tries: number, random: Random): number
  /** what a named policy says instead */
  policy(retry: Retry): Retry
}

export interface Recorded {
  runId: string
  definition: SagaDefinition
  state: RunState
  events: readonly HistoryEvent[]
}

export interface NewRun {
  started: Started
  definition: SagaDefinition
  inputHash: string
}

/** Parents above a run at most: sagas that start each other would fill the memory within one transaction. */
const DEPTH_MAX = 16
/** Until something that was refused for want of room is tried again. */
const AGAIN_MS = 1_000
/** Queued runs asked for in one commit at most. */
const ADMITTED_AT_ONCE = 64

const attention = (definition: SagaDefinition, state: RunState) => summaryOf(definition, state).attentionSince !== null

export class SagaEngine {
  readonly book = new Book()
  readonly workers = new Workers()
  readonly due = new Heap<Due>()
  /** runs that wait for room, by definition, oldest first */
  readonly queued = new Map<string, string[]>()
  readonly #options: EngineOptions
  readonly #listeners = new Map<string, Set<(recorded: Recorded) => void>>()
  readonly #everyListener = new Set<(recorded: Recorded) => void>()
  #pumping = false
  /** definitions whose queued runs are being let in; true: something has ended meanwhile */
  readonly #admitting = new Map<string, boolean>()
  #stopped = false
  #ids = 0
  decisions = 0

  constructor(options: EngineOptions) {
    this.#options = options
  }

  get store(): Store {
    return this.#options.store
  }

  get clock(): Clock {
    return this.#options.clock
  }

  stop(): void {
    this.#stopped = true
  }

  /** In order of time; from one process no two are the same. */
  newId(now: number): string {
    this.#ids = (this.#ids + 1) % 1_679_616
    const tail = Math.floor(this.#options.random() * 60_466_176)
    return `${now.toString(36).padStart(9, '0')}${this.#ids.toString(36).padStart(4, '0')}${tail.toString(36).padStart(5, '0')}`
  }

  // ---- decisions ----

  transact<T>(origin: Origin, verb: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#options.store.transact(origin, verb)
  }

  change(origin: Origin, runId: string, make: Make): Promise<RunState> {
    return this.transact(origin, (tx) => this.decide(tx, runId, make))
  }

  /** @throws NotFoundError, ConflictError and what `make` throws */
  async decide(tx: Tx, runId: string, make: Make, taking: LaneRef | null = null): Promise<RunState> {
    const { state, definition } = await this.book.load(tx, runId)
    const bodies = make(state, definition, tx.now)
    if (bodies.length === 0 && (taking === null || state.ended)) return state
    return this.#record(tx, definition, state, bodies, taking, null)
  }

  /** Records what follows from the state alone. */
  async settle(tx: Tx, runId: string): Promise<RunState> {
    return this.decide(tx, runId, (state, definition, now) => decide(definition, state, now))
  }

  async create(tx: Tx, run: NewRun): Promise<RunState> {
    const { definition, started } = run
    const limit = definition.concurrency
    const bodies: EventBody[] = [started]
    if (limit === null || (this.book.active.get(definition.name) ?? 0) < limit) bodies.push({ type: 'run.admitted' })
    return this.#record(tx, definition, null, bodies, null, run)
  }

  async #record(
    tx: Tx,
    definition: SagaDefinition,
    before: RunState | null,
    bodies: readonly EventBody[],
    taking: LaneRef | null,
    creating: NewRun | null,
  ): Promise<RunState> {
    const { workers } = this
    const first = advance(definition, before, bodies, tx.now)
    let state = first.state
    const events = first.events
    for (const event of events) {
      const held = heldBefore(before, event)
      if (!held) continue
      const place = placeOf(definition, held.step, held.phase)
      if (!place) continue
      workers.release(held.worker, place.queue)
      tx.afterRollback(() => workers.occupy(held.worker, place.queue))
    }
    const given: LaneRef[] = []
    const waiting: { key: string; ref: LaneRef }[] = []
    const children: { ref: LaneRef; id: string }[] = []
    for (const ref of readyLanes(definition, state)) {
      const action = actionOf(definition, ref.step, ref.phase)
      let body: EventBody | null = null
      if (action?.type === 'saga') {
        const id = this.newId(tx.now)
        children.push({ ref, id })
        body = { type: 'step.waiting', step: ref.step, phase: ref.phase, for: { type: 'child', runId: id } }
      } else {
        const place = placeOf(definition, ref.step, ref.phase)
        if (!place) continue
        const isTaken = taking !== null && taking.step === ref.step && taking.phase === ref.phase
        // Who has waited longer goes first.
        const to = isTaken || !workers.hasWaiting(place.key) ? workers.reserve(place) : null
        if (!to) {
          waiting.push({ key: place.key, ref })
          continue
        }
        tx.afterRollback(() => workers.release(to.worker, place.queue))
        given.push(ref)
        body = leased(state, ref, to)
      }
      const next = advance(definition, state, [body], tx.now)
      state = next.state
      events.push(...next.events)
    }
    if (events.length === 0) {
      // Nobody had a place after all.
      tx.afterCommit(() => this.#enqueue(waiting))
      return state
    }
    const waits = await this.#write(tx, definition, before, state, events, creating)
    this.#remember(tx, before, state)
    if (waits !== null) tx.afterRollback(this.book.attend(state.id, waits))
    tx.afterCommit(() => this.#after({ runId: state.id, definition, state, events }, before, given, waiting))
    for (const child of children) await this.#startChild(tx, definition, state, child)
    if (events.some((event) => event.type === 'undo.begun')) await this.#cancelChildren(tx, state)
    if (state.ended === 'terminated') await this.#terminateChildren(tx, state, events)
    if (state.ended && state.parent) await this.#tellParent(tx, definition, state)
    return state
  }

  /** Whether the run waits for a person; null: as before. */
  async #write(
    tx: Tx,
    definition: SagaDefinition,
    before: RunState | null,
    state: RunState,
    events: readonly HistoryEvent[],
    creating: NewRun | null,
  ): Promise<boolean | null> {
    const { sagas } = tx.q
    if (!(await sagas.addEvents(state.id, before?.seq ?? 0, state.seq, events))) throw this.#overtaken(state.id)
    const isTold =
      before === null ||
      before.status !== state.status ||
      before.paused !== state.paused ||
      // A paused run stays paused when something in it needs a person.
      (state.paused !== null && attention(definition, before) !== attention(definition, state))
    if (!isTold) return null
    const summary = summaryOf(definition, state)
    const { status, endedAt } = state
    const { attentionSince } = summary
    if (creating) {
      await sagas.addRun({
        id: state.id,
        definition: state.definition,
        version: state.version,
        status,
        seq: state.seq,
        idempotencyKey: state.idempotencyKey,
        inputHash: creating.inputHash,
        parentId: state.parent?.runId ?? null,
        redriveOf: state.redriveOf?.runId ?? null,
        startedAt: state.startedAt,
        endedAt,
        attentionSince,
        archivedAt: null,
        summary,
      })
      await sagas.addAttributes(state.id, state.attributes)
    } else {
      const to = { seq: state.seq, status, endedAt, attentionSince, summary }
      await sagas.replaceRun(state.id, to)
    }
    await tx.emit({
      kind: before === null ? 'saga.started' : `saga.${status}`,
      key: `saga/${state.id}`,
      service: null,
      summary: `${state.definition} ${state.id} is ${status}${summary.attention ? `: ${summary.attention}` : ''}`,
      value: summary,
    })
    return attentionSince !== null
  }

  #overtaken(id: string): ConflictError {
    this.book.forget(id)
    return new ConflictError(`Run ${id} changed meanwhile. Look at it again, then repeat what you meant.`, {
      retryable: true,
    })
  }

  #remember(tx: Tx, before: RunState | null, state: RunState): void {
    const { book } = this
    book.keep(state)
    tx.afterRollback(() => {
      if (before) book.keep(before)
      else book.forget(state.id)
    })
    const by = Number(isActive(state)) - Number(before !== null && isActive(before))
    if (by !== 0) {
      book.admit(state.definition, by)
      tx.afterRollback(() => book.admit(state.definition, -by))
    }
  }

  // ---- after the commit ----

  #after(
    recorded: Recorded,
    before: RunState | null,
    given: readonly LaneRef[],
    waiting: { key: string; ref: LaneRef }[],
  ): void {
    const { state, definition, events, runId } = recorded
    const { workers, book } = this
    this.decisions += 1
    if (before?.status !== state.status) {
      if (before) book.count(state.definition, before.status, -1)
      book.count(state.definition, state.status, 1)
    }
    let freed = false
    for (const event of events) {
      const held = heldBefore(before, event)
      if (held) {
        workers.held.delete(laneKey({ runId, step: held.step, phase: held.phase }))
        freed = true
      }
      this.#arm(definition, state, event)
    }
    if (state.ended && state.inFlight > 0) this.#letGo(definition, state)
    for (const ref of given) this.#give(definition, state, ref)
    this.#enqueue(waiting)
    if (before === null && !state.admitted && !state.ended) this.enqueueRun(state)
    if (before && isActive(before) && !isActive(state)) this.admitNext(definition)
    if (freed && workers.waiting > 0) this.pumpSoon()
    for (const listener of this.#listeners.get(runId) ?? []) listener(recorded)
    for (const listener of this.#everyListener) listener(recorded)
  }

  #enqueue(waiting: readonly { key: string; ref: LaneRef }[]): void {
    for (const { key, ref } of waiting) this.workers.enqueue(key, ref)
  }

  /** Notes a lease and hands the work out. */
  #give(definition: SagaDefinition, state: RunState, ref: LaneRef): void {
    const lane = state.steps[ref.step]?.[ref.phase]
    // Something later in the same commit may have ended it.
    if (!lane?.lease || state.ended) return
    this.hold(definition, state, ref)
    const action = actionOf(definition, ref.step, ref.phase)
    if (action?.type === 'http') {
      const step = state.steps[ref.step] as StepState
      const timeoutMs = timeoutOf(stepOf(definition, ref.step) as Step, ref.phase)
      const { fence } = lane.lease
      const key = keyOf(step, ref.phase)
      const { traceparent } = state
      this.#options.call({ ...ref, fence, key, action, input: lane.input, traceparent, timeoutMs })
      return
    }
    const task = taskOf(definition, state, ref.step, ref.phase)
    if (task) this.workers.session(lane.lease.worker)?.push(task)
  }

  /** Watches over a lease from now on: its time begins anew. */
  hold(definition: SagaDefinition, state: RunState, ref: LaneRef): void {
    const lease = state.steps[ref.step]?.[ref.phase].lease
    const spec = stepOf(definition, ref.step)
    const place = placeOf(definition, ref.step, ref.phase)
    if (!lease || !spec || !place) return
    const now = this.clock.monotonic()
    // An HTTP call has a time of its own; the lease only has to outlast it.
    const isHttp = place.queue === HTTP_QUEUE
    const timeoutMs = timeoutOf(spec, ref.phase) + (isHttp ? 5_000 : 0)
    this.workers.held.set(laneKey(ref), {
      runId: ref.runId,
      step: ref.step,
      phase: ref.phase,
      fence: lease.fence,
      worker: lease.worker,
      queue: place.queue,
      leaseMs: isHttp ? timeoutMs : spec.leaseMs,
      beatAt: now,
      deadlineAt: now + timeoutMs,
      progress: null,
    })
  }

  #letGo(definition: SagaDefinition, state: RunState): void {
    for (const step of Object.values(state.steps)) {
      for (const phase of PHASES) {
        const { lease } = step[phase]
        const place = lease && placeOf(definition, step.name, phase)
        if (!lease || !place) continue
        if (this.workers.held.delete(laneKey({ runId: state.id, step: step.name, phase }))) {
          this.workers.release(lease.worker, place.queue)
        }
      }
    }
  }

  #arm(definition: SagaDefinition, state: RunState, event: HistoryEvent): void {
    const { id: runId } = state
    if (event.type === 'step.attempt-failed' && event.retryAt !== null) {
      this.wake({ kind: 'retry', runId, step: event.step, phase: event.phase, at: event.retryAt }, event.at)
    } else if (event.type === 'step.waiting') {
      const { step, phase } = event
      if (event.for.type === 'timer') this.wake({ kind: 'timer', runId, step, phase, at: event.for.dueAt }, event.at)
      const limit = stepOf(definition, step)?.stepTimeoutMs
      if (event.for.type !== 'timer' && phase === 'do' && limit) {
        this.wake({ kind: 'step-timeout', runId, step, phase, at: event.at + limit }, event.at)
      }
    } else if (event.type === 'run.started' && event.deadlineAt !== null) {
      this.wake({ kind: 'deadline', runId, at: event.deadlineAt }, event.at)
    }
  }

  /** `due.at` and `now`: milliseconds since the epoch; waited for by the monotonic clock. */
  wake(due: Due, now: number): void {
    this.due.push(this.clock.monotonic() + Math.max(0, due.at - now), due)
  }

  enqueueRun(state: RunState): void {
    const waiting = this.queued.get(state.definition)
    if (waiting) waiting.push(state.id)
    else this.queued.set(state.definition, [state.id])
  }

  /**
   * Lets queued runs of a definition in while there is room, in order. Whether there is, is asked inside the transaction that
   * takes it: several runs may end at once, and one that has ended in the queue takes none.
   */
  admitNext({ name, concurrency }: SagaDefinition): void {
    if (!this.queued.has(name) || this.#stopped) return
    if (this.#admitting.has(name)) {
      this.#admitting.set(name, true)
      return
    }
    this.#admitting.set(name, false)
    const room = (concurrency ?? ADMITTED_AT_ONCE) - (this.book.active.get(name) ?? 0)
    this.#admit(name, Math.min(Math.max(room, 1), ADMITTED_AT_ONCE)).finally(() => {
      const again = this.#admitting.get(name)
      this.#admitting.delete(name)
      if (again) this.admitNext({ name, concurrency } as SagaDefinition)
    })
  }

  async #admit(name: string, atOnce: number): Promise<void> {
    for (;;) {
      const waiting = this.queued.get(name)
      const ids = waiting?.splice(0, atOnce) ?? []
      if (ids.length === 0) break
      const full = await Promise.all(ids.map((id) => this.#admitOne(name, id)))
      // Whoever had no room comes before those who were queued since.
      waiting?.unshift(...ids.filter((_, i) => full[i]))
      if (full.includes(true) || this.#stopped) break
    }
    if (this.queued.get(name)?.length === 0) this.queued.delete(name)
  }

  /** True when there was no room for it. */
  async #admitOne(name: string, id: string): Promise<boolean> {
    try {
      return await this.transact(SYSTEM_ORIGIN, async (tx) => {
        const { state, definition } = await this.book.load(tx, id)
        if (state.ended || state.admitted) return false
        if ((this.book.active.get(name) ?? 0) >= (definition.concurrency ?? Number.POSITIVE_INFINITY)) return true
        await this.decide(tx, id, () => [{ type: 'run.admitted' }])
        return false
      })
    } catch (error) {
      this.failedQuietly(error, 'admitting a run', id)
      this.again({ kind: 'admit', runId: id, at: this.clock.wall() }, error)
      return false
    }
  }

  /** Puts a run in the queue that fell out of it because nothing could be written. */
  async queueAgain(runId: string): Promise<void> {
    try {
      const { state, definition } = await this.store.read((tx) => this.book.load(tx, runId))
      if (state.ended || state.admitted) return
      this.enqueueRun(state)
      this.admitNext(definition)
    } catch (error) {
      this.failedQuietly(error, 'queueing a run', runId)
      this.again({ kind: 'admit', runId, at: this.clock.wall() }, error)
    }
  }

  /** What was due and could not be written comes again: nobody else would think of it. */
  again(due: Due, error: unknown): boolean {
    if (this.#stopped || !(error instanceof HoldfastError)) return false
    if (error.code === 'INTERNAL' || error.code === 'NOT_FOUND') return false
    this.due.push(this.clock.monotonic() + AGAIN_MS, due)
    return true
  }

  /** Looks, once this turn is over, for places for what waits. */
  pumpSoon(): void {
    if (this.#pumping || this.#stopped) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      if (this.#stopped) return
      for (const { key, ref } of this.workers.takeable()) {
        this.transact(SYSTEM_ORIGIN, (tx) => this.decide(tx, ref.runId, () => [], ref)).then(
          (state) => {
            // It was let go meanwhile (cancelled, paused, undone): its place is still free, and somebody may wait for it.
            const isTaken = state.steps[ref.step]?.[ref.phase].lease || this.workers.isWaiting(ref)
            if (!isTaken && this.workers.waiting > 0) this.pumpSoon()
          },
          (error: unknown) => {
            this.failedQuietly(error, 'handing out a step', ref.runId)
            // Nothing could be written just now: it waits on, instead of being asked for again and again.
            if (this.again({ kind: 'pump', runId: ref.runId, at: this.clock.wall() }, error))
              this.workers.enqueue(key, ref)
            else if (this.workers.waiting > 0) this.pumpSoon()
          },
        )
      }
    })
  }

  failedQuietly(error: unknown, what: string, runId: string): void {
    if (this.#stopped) return
    const expected = error instanceof HoldfastError && error.code !== 'INTERNAL'
    this.#options.log[expected ? 'debug' : 'error']({ err: error, runId }, `${what} failed`)
  }

  // ---- results ----

  /** The event for a failed attempt, with the next attempt's time by the step's policy. */
  failure(state: RunState, definition: SagaDefinition, now: number, of: { step: string; phase: Phase }, what: Failure) {
    const spec = stepOf(definition, of.step) as Step
    const retry = this.#options.policy(retryOf(spec, of.phase))
    return failed(definition, state, now, of, what, retry, (tries) =>
      this.#options.delayMs(retry, tries, this.#options.random),
    )
  }

  // ---- children ----

  async #startChild(tx: Tx, definition: SagaDefinition, parent: RunState, child: { ref: LaneRef; id: string }) {
    const { step, phase } = child.ref
    const action = actionOf(definition, step, phase)
    if (action?.type !== 'saga') return
    const head = await tx.q.sagas.head(action.definition)
    const version = action.version ?? head?.latest
    const row = version === undefined ? null : await tx.q.sagas.definition(action.definition, version)
    if (!row) {
      const error = { code: 'NO_DEFINITION', message: `There is no saga "${action.definition}" to start.` }
      await this.decide(tx, parent.id, () => [
        { type: 'step.attempt-failed', step, phase, error, outcome: 'failed', retryAt: null },
      ])
      return
    }
    if (await this.#isTooDeep(tx, parent)) {
      const message = `Its chain of parents is ${DEPTH_MAX} long. Sagas that start each other would go on for ever.`
      await this.decide(tx, parent.id, () => [
        {
          ...{ type: 'step.attempt-failed', step, phase, outcome: 'failed', retryAt: null },
          error: { code: 'TOO_DEEP', message },
        } as EventBody,
      ])
      return
    }
    const own = await this.book.definition(tx, row.name, row.version)
    await this.create(tx, childInput(tx.now, own, parent, { ...child, breakpoints: head?.breakpoints ?? [] }))
  }

  async #isTooDeep(tx: Tx, run: RunState): Promise<boolean> {
    let above = run.parent
    for (let depth = 1; above; depth++) {
      if (depth >= DEPTH_MAX) return true
      // Parents are open, and the states of open runs at hand.
      above = (await this.book.load(tx, above.runId)).state.parent
    }
    return false
  }

  async #cancelChildren(tx: Tx, state: RunState): Promise<void> {
    for (const step of Object.values(state.steps)) {
      const child = step.do.waitFor
      if (child?.type !== 'child') continue
      const by = { actor: 'system', reason: `its parent ${state.id} is being undone` }
      await this.decide(tx, child.runId, (run, definition) => {
        if (run.ended || run.cancelRequested || run.direction === 'backward') return []
        try {
          return operate(definition, run, { type: 'cancel' }, by)
        } catch {
          // Past its pivot it cannot be cancelled: its end is waited for.
          return []
        }
      })
    }
  }

  /** Nobody waits for them any more, and nothing of a run that was terminated goes on. */
  async #terminateChildren(tx: Tx, state: RunState, events: readonly HistoryEvent[]): Promise<void> {
    const end = events.at(-1)
    const why = end?.type === 'run.ended' ? end.by : undefined
    if (!why) return
    const by = { actor: why.actor, reason: `its parent ${state.id} was terminated: ${why.reason}`.slice(0, 500) }
    for (const step of Object.values(state.steps)) {
      for (const { waitFor } of [step.do, step.undo]) {
        if (waitFor?.type !== 'child') continue
        await this.decide(tx, waitFor.runId, (run, definition) =>
          run.ended ? [] : operate(definition, run, { type: 'terminate' }, by),
        )
      }
    }
  }

  async #tellParent(tx: Tx, definition: SagaDefinition, state: RunState): Promise<void> {
    const { parent } = state
    if (!parent) return
    await this.decide(tx, parent.runId, (run, own, now) => {
      const waitFor = run.steps[parent.step]?.[parent.phase].waitFor
      if (run.ended || waitFor?.type !== 'child' || waitFor.runId !== state.id) return []
      return childOutcome(definition, state, parent, (failure) => this.failure(run, own, now, parent, failure))
    })
  }

  // ---- listeners ----

  listen(runId: string, listener: (recorded: Recorded) => void): () => void {
    let listeners = this.#listeners.get(runId)
    if (!listeners) {
      listeners = new Set()
      this.#listeners.set(runId, listeners)
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId)
    }
  }

  onEvery(listener: (recorded: Recorded) => void): () => void {
    this.#everyListener.add(listener)
    return () => this.#everyListener.delete(listener)
  }

  /** What a run would do next by itself; more than nothing only when a newer program decides more than the one before. */
  isUnsettled({ definition, state }: Open, now: number): boolean {
    return decide(definition, state, now).length > 0
  }
}

export function isActive(state: RunState): boolean {
  return state.admitted && !state.ended
}

/** Lanes whose work may be handed out. */
export function* readyLanes(definition: SagaDefinition, state: RunState): Generator<LaneRef> {
  if (state.ended || !state.admitted || (state.paused && !state.allowed)) return
  let doomed: boolean | null = null
  for (const name in state.steps) {
    const step = state.steps[name] as StepState
    for (const phase of PHASES) {
      if (step[phase].status !== 'ready') continue
      doomed ??= causeOf(definition, state) !== null
      if (mayLease(definition, state, name, phase, doomed)) yield { runId: state.id, step: name, phase }
    }
  }
}

function leased(state: RunState, ref: LaneRef, to: { worker: string; actor: string }): EventBody {
  const lane = state.steps[ref.step]?.[ref.phase] as Lane<string>
  return {
    type: 'step.leased',
    step: ref.step,
    phase: ref.phase,
    attempt: lane.attempts + 1,
    fence: state.fence + 1,
    worker: to.worker,
    actor: to.actor,
  }
}

/** The lease that an event has ended. */
function heldBefore(
  before: RunState | null,
  event: HistoryEvent,
): { step: string; phase: Phase; worker: string } | null {
  if (!before) return null
  let phase: Phase
  if (event.type === 'step.succeeded' || event.type === 'step.attempt-failed') phase = event.phase
  else if (event.type === 'step.resolved') phase = 'probe'
  else return null
  const lease = before.steps[event.step]?.[phase].lease
  return lease ? { step: event.step, phase, worker: lease.worker } : null
}
