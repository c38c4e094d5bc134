/**
 * Runs a saga in memory, by the same rules that the control plane runs it by, with a clock of its own: backoff, timers and
 * timeouts take no time.
 */
import { ValidationError } from '../../core/errors.ts'
import { advance } from '../../core/saga/decide.ts'
import type { Json, Retry, SagaAction, SagaDefinition, SagaSpec, Step } from '../../core/saga/definition.ts'
import type { EventBody, HistoryEvent, Phase, SagaError } from '../../core/saga/event.ts'
import { PHASES } from '../../core/saga/event.ts'
import { stepOf } from '../../core/saga/graph.ts'
import { type Failure, failed, retryOf, succeeded, timeoutOf } from '../../core/saga/outcome.ts'
import { mayLease } from '../../core/saga/plan.ts'
import { keyOf, type RunState, type RunStatus, type StepState } from '../../core/saga/state.ts'
import { causeOf } from '../../core/saga/status.ts'
import { normalise } from '../../core/saga/validate.ts'
import { type RunView, viewOf } from '../../core/saga/view.ts'
import { FakeTime } from '../fake-time.ts'
import { attempt as attemptTask, type Result } from '../sagas/attempt.ts'
import { CallOff } from '../sagas/call-off.ts'
import type { AnySaga } from '../sagas/definition.ts'
import type { SagaHandlers } from '../sagas/handlers.ts'
import { memoryLedger, type SagaLedger } from '../sagas/ledger.ts'
import { type Answer, callName, type Script, scripted } from './script.ts'

export interface RehearseOptions {
  input?: unknown
  /** how attempts end; without a word about it the handlers are asked, and without those it works and gives null */
  script?: Script | undefined
  /** by task, the same as for `holdfast.sagas.worker` */
  handlers?: SagaHandlers | undefined
  /** of the handlers; default: in memory */
  ledger?: SagaLedger | undefined
  /** by name: sent as soon as it is waited for */
  signals?: Readonly<Record<string, Json>> | undefined
  /** backoff policies that the definition names */
  policies?: Readonly<Record<string, Partial<Omit<Retry, 'policy'>>>> | undefined
  attributes?: Readonly<Record<string, string>> | undefined
  /** what keys begin with; default `run` */
  runId?: string | undefined
}

/** One attempt, in the order in which they began. */
export interface Call {
  /** `charge`, `undo charge`, `probe charge` */
  call: string
  step: string
  phase: Phase
  /** from 1 */
  attempt: number
  /** the same in every attempt */
  key: string
  input: Json
  /** since the run began, milliseconds of its own clock */
  atMs: number
  outcome: 'succeeded' | 'failed' | 'unknown'
  output: Json
  error: SagaError | null
}

export interface Rehearsal {
  /** how it ended, or how it stands when nothing more happens by itself: `stuck`, `waiting` */
  status: RunStatus
  calls: Call[]
  /** the names of the calls, in order */
  trace: string[]
  /** of each step that is done, when the run has succeeded */
  output: { [step: string]: Json } | null
  /** as an operator sees it */
  run: RunView
  history: HistoryEvent[]
  /** by its own clock, milliseconds */
  tookMs: number
}

interface Pending {
  call: Call
  endsAt: number
  order: number
  result: Result
}

/** More attempts than any run that comes to an end makes in a test. */
const CALLS_MAX = 20_000

/** Throws ValidationError: the definition is not one, or the run goes on without end. */
export async function rehearse(definition: SagaSpec | AnySaga, options: RehearseOptions = {}): Promise<Rehearsal> {
  const spec = 'spec' in definition ? definition.spec : definition
  const rehearsed = new Run(normalise(spec), options)
  await rehearsed.toItsEnd()
  return rehearsed.told()
}

class Run {
  readonly #definition: SagaDefinition
  readonly #options: RehearseOptions
  readonly #time = new FakeTime()
  readonly #startedAt = this.#time.wall()
  readonly #ledger: SagaLedger
  readonly #history: HistoryEvent[] = []
  readonly #calls: Call[] = []
  readonly #pending: Pending[] = []
  #state: RunState

  constructor(definition: SagaDefinition, options: RehearseOptions) {
    this.#definition = definition
    this.#options = options
    this.#ledger = options.ledger ?? memoryLedger()
    const { deadlineMs, name, version } = definition
    const { state, events } = advance(
      definition,
      null,
      [
        {
          type: 'run.started',
          runId: options.runId ?? 'run',
          definition: name,
          version,
          input: (options.input ?? null) as Json,
          idempotencyKey: null,
          attributes: { ...options.attributes },
          breakpoints: [],
          paused: false,
          parent: null,
          redriveOf: null,
          carried: [],
          deadlineAt: deadlineMs === null ? null : this.#startedAt + deadlineMs,
        },
        { type: 'run.admitted' },
      ],
      this.#startedAt,
    )
    this.#state = state
    this.#history.push(...events)
  }

  async toItsEnd(): Promise<void> {
    while (!this.#state.ended) {
      await this.#begin()
      const next = this.#nextMoment()
      if (next === null && !this.#signal()) return
      if (next !== null) next()
      if (this.#calls.length > CALLS_MAX) {
        throw new ValidationError(
          `"${this.#definition.name}" makes more than ${CALLS_MAX} attempts. Bound its retries.`,
        )
      }
    }
  }

  told(): Rehearsal {
    const state = this.#state
    const output: { [step: string]: Json } = {}
    for (const step of Object.values(state.steps)) output[step.name] = step.do.output
    return {
      status: state.status,
      calls: this.#calls,
      trace: this.#calls.map(({ call }) => call),
      output: state.ended === 'succeeded' ? output : null,
      run: viewOf(this.#definition, state),
      history: this.#history,
      tookMs: this.#time.wall() - this.#startedAt,
    }
  }

  #record(...bodies: EventBody[]): void {
    const { state, events } = advance(this.#definition, this.#state, bodies, this.#time.wall())
    this.#state = state
    this.#history.push(...events)
  }

  /** Everything that may begin now, in the order of the definition. */
  async #begin(): Promise<void> {
    for (;;) {
      const lane = this.#readyLane()
      if (!lane) return
      const { spec, phase, action } = lane
      const step = spec.name
      const of = this.#state.steps[step] as StepState
      const number = of[phase].attempts + 1
      if (action.type === 'saga') {
        const runId = `${this.#state.id}.${step}.${number}`
        this.#record({ type: 'step.waiting', step, phase, for: { type: 'child', runId } })
      } else {
        const fence = this.#state.fence + 1
        const by = { worker: 'rehearsal', actor: 'rehearsal' }
        this.#record({ type: 'step.leased', step, phase, attempt: number, fence, ...by })
      }
      await this.#call(spec, phase, action, number)
    }
  }

  #readyLane(): { spec: Step; phase: Phase; action: SagaAction } | null {
    if (this.#state.ended) return null
    const doomed = causeOf(this.#definition, this.#state) !== null
    for (const spec of this.#definition.steps) {
      for (const phase of PHASES) {
        const action = phase === 'do' ? spec.action : spec[phase]?.action
        if (!action || action.type === 'timer' || action.type === 'signal') continue
        if (mayLease(this.#definition, this.#state, spec.name, phase, doomed)) return { spec, phase, action }
      }
    }
    return null
  }

  async #call(spec: Step, phase: Phase, action: SagaAction, number: number): Promise<void> {
    const now = this.#time.wall()
    const step = this.#state.steps[spec.name] as StepState
    const { input } = step[phase]
    const key = keyOf(step, phase)
    const call: Call = {
      call: callName(spec.name, phase),
      step: spec.name,
      phase,
      attempt: number,
      key,
      input,
      atMs: now - this.#startedAt,
      outcome: 'unknown',
      output: null,
      error: null,
    }
    this.#calls.push(call)
    const answer = scripted(this.#options.script ?? {}, { step: spec.name, phase, attempt: number, key, input })
    const timeoutMs = timeoutOf(spec, phase)
    const endsAt = answer?.type === 'hangs' ? now + timeoutMs : now
    const result = answer ? resultOf(answer, timeoutMs) : await this.#ask(spec, phase, action, call)
    this.#pending.push({ call, endsAt, order: this.#calls.length, result })
  }

  async #ask(spec: Step, phase: Phase, action: SagaAction, call: Call): Promise<Result> {
    const { handlers } = this.#options
    const task = action.type === 'task' ? action.task : null
    if (!handlers || task === null || !Object.hasOwn(handlers, task)) {
      return { output: phase === 'probe' ? { done: false, final: true } : null }
    }
    const state = this.#state
    const step = state.steps[spec.name] as StepState
    const now = this.#time.monotonic()
    const work = {
      task: {
        runId: state.id,
        definition: state.definition,
        version: state.version,
        step: spec.name,
        phase,
        task,
        queue: 'default',
        iteration: step.iteration,
        attempt: call.attempt,
        fence: state.fence,
        key: call.key,
        doKey: keyOf(step, 'do'),
        input: call.input,
        attributes: state.attributes,
        traceparent: null,
        leaseMs: spec.leaseMs,
        timeoutMs: timeoutOf(spec, phase),
      },
      abort: new CallOff(),
      takenAt: now,
      aliveAt: now,
      progress: undefined,
      lost: null,
      gone: false,
    }
    return attemptTask({ time: this.#time, ledger: this.#ledger, handlers, beat: async () => undefined }, work)
  }

  /** What happens next, with its moment: the end of an attempt, a retry, a timer, a deadline. Null: nothing by itself. */
  #nextMoment(): (() => void) | null {
    const moments: { at: number; order: number; run: () => void }[] = []
    for (const pending of this.#pending) {
      moments.push({ at: pending.endsAt, order: pending.order, run: () => this.#end(pending) })
    }
    const later = (at: number, body: EventBody) =>
      moments.push({ at, order: CALLS_MAX * 2, run: () => this.#record(body) })
    const { steps, deadlineAt, deadlinePassed } = this.#state
    for (const { name, ...lanes } of Object.values(steps)) {
      for (const phase of PHASES) {
        const { status, retryAt, waitFor, since } = lanes[phase]
        if (status === 'backoff' && retryAt !== null) later(retryAt, { type: 'step.retry-due', step: name, phase })
        if (status !== 'waiting' || phase !== 'do') continue
        if (waitFor?.type === 'timer') later(waitFor.dueAt, succeeded('do', name, { at: waitFor.dueAt }))
        const limit = stepOf(this.#definition, name)?.stepTimeoutMs
        if (waitFor?.type === 'signal' && limit && !this.#hasSignal(waitFor.signal)) {
          const error = { code: 'TIMEOUT', message: `Nothing came within ${limit} ms.` }
          later(since + limit, {
            type: 'step.attempt-failed',
            step: name,
            phase,
            error,
            outcome: 'failed',
            retryAt: null,
          })
        }
      }
    }
    if (deadlineAt !== null && !deadlinePassed) later(deadlineAt, { type: 'run.deadline-passed' })
    moments.sort((a, b) => a.at - b.at || a.order - b.order)
    const first = moments[0]
    const isSignalDue = Object.values(steps).some(
      (step) => step.do.waitFor?.type === 'signal' && this.#hasSignal(step.do.waitFor.signal),
    )
    if (!first || (isSignalDue && this.#pending.length === 0)) return null
    return () => {
      this.#time.advance(Math.max(0, first.at - this.#time.wall()))
      first.run()
    }
  }

  #hasSignal(signal: string): boolean {
    return Object.hasOwn(this.#options.signals ?? {}, signal)
  }

  #signal(): boolean {
    for (const step of Object.values(this.#state.steps)) {
      const { waitFor } = step.do
      if (step.do.status !== 'waiting' || waitFor?.type !== 'signal' || !this.#hasSignal(waitFor.signal)) continue
      const payload = this.#options.signals?.[waitFor.signal] ?? null
      this.#record({ type: 'signal.received', signal: waitFor.signal, payload })
      return true
    }
    return false
  }

  #end(pending: Pending): void {
    this.#pending.splice(this.#pending.indexOf(pending), 1)
    const { call, result } = pending
    const { step, phase } = call
    if ('output' in result) {
      call.outcome = 'succeeded'
      call.output = result.output
      this.#record(succeeded(phase, step, result.output))
      return
    }
    call.outcome = result.failure.outcome
    call.error = result.failure.error
    this.#record(this.#failure(step, phase, result.failure))
  }

  /** Without jitter, so that a rehearsal is the same every time. */
  #failure(step: string, phase: Phase, failure: Failure): EventBody {
    const spec = stepOf(this.#definition, step) as Step
    const own = retryOf(spec, phase)
    const retry: Retry = { ...own, ...(own.policy === null ? {} : this.#options.policies?.[own.policy]) }
    const delay = (tries: number) => Math.min(retry.maxDelayMs, retry.initialDelayMs * retry.multiplier ** tries)
    return failed(this.#definition, this.#state, this.#time.wall(), { step, phase }, failure, retry, delay)
  }
}

function resultOf(answer: Answer, timeoutMs: number): Result {
  const failure = (code: string, message: string, more: Omit<Failure, 'error'>): Result => ({
    failure: { error: { code, message }, ...more },
  })
  switch (answer.type) {
    case 'gives':
      return { output: answer.output }
    case 'refuses':
      return failure(answer.code, answer.message, { outcome: 'failed', retryable: false, retryAfterMs: null })
    case 'fails':
      return failure(answer.code, answer.message, {
        outcome: 'failed',
        retryable: true,
        retryAfterMs: answer.retryAfterMs,
      })
    case 'unknown':
      return failure(answer.code, answer.message, { outcome: 'unknown', retryable: true, retryAfterMs: null })
    case 'hangs':
      return failure('TIMEOUT', `No answer within ${timeoutMs} ms.`, {
        outcome: 'unknown',
        retryable: true,
        retryAfterMs: null,
      })
  }
}
