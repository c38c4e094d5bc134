/** One task in hand: what its handler sees, and what becomes of it. */
import { createHash } from 'node:crypto'
import type { Json } from '../../core/saga/definition.ts'
import type { Time } from '../time.ts'
import { nextTrace, parseTraceparent, type Trace, withTrace } from '../trace.ts'
import type { SagaTask } from './api.ts'
import type { CallOff } from './call-off.ts'
import { failureOf, type StepAbortedError, type StepFailure, StepRefusedError } from './errors.ts'
import { handlerOf, type SagaContext, type SagaHandlers } from './handlers.ts'
import { askedFor, type SagaLedger } from './ledger.ts'
import { Notes } from './once.ts'

/** A task that this process works on, from its claim until its result is told. */
export interface Work {
  readonly task: SagaTask
  readonly abort: CallOff
  /** monotonic: when it was taken, and when the sign of life that counts was sent */
  readonly takenAt: number
  aliveAt: number
  progress: Json | undefined
  /** set when this process may no longer count on its lease; what it did is told all the same, the fence decides */
  lost: StepAbortedError | null
  /** the control plane has said so itself */
  gone: boolean
}

export type Result = { output: Json } | { failure: StepFailure }

interface Parts {
  time: Time
  ledger: SagaLedger
  handlers: SagaHandlers
  /** says at once that this one lives */
  beat(work: Work): Promise<void>
}

/** Carries a task out. Never throws. */
export async function attempt(parts: Parts, work: Work): Promise<Result> {
  const { task } = work
  try {
    const trace = traceOf(task)
    const output = await withTrace(trace, () => carryOut(parts, work, trace))
    return { output: portable(output, task) }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

async function carryOut({ time, ledger, handlers, beat }: Parts, work: Work, trace: Trace): Promise<unknown> {
  const { task, abort } = work
  const { phase } = task
  const handler = handlerOf(handlers, task.task, phase)
  if (phase === 'probe') {
    if (!handler) return probeLedger(ledger, task)
    const unused = new Notes(ledger, task, 'do')
    const answer = await handler(task.input, contextOf(work, time, trace, beat, unused))
    // What it says will never happen is refused from here on, wherever this ledger is asked.
    return isFinalNo(answer) ? ledger.transact(task.doKey, askedFor) : answer
  }
  if (!handler) {
    throw new StepRefusedError('NO_HANDLER', `This worker has no ${phase} for the task "${task.task}".`)
  }
  const notes = new Notes(ledger, task, phase)
  const known = await notes.begin()
  if (known !== undefined) return known
  const output = await handler(task.input, contextOf(work, time, trace, beat, notes))
  // An attempt that was called off may have stopped half-way without a word.
  if (abort.aborted && output === undefined) throw abort.reason
  await notes.end(portable(output, task))
  return output
}

async function probeLedger(ledger: SagaLedger, task: SagaTask): Promise<Json> {
  if (!ledger.complete) {
    throw new StepRefusedError('NO_HANDLER', `This worker has no probe for the task "${task.task}".`)
  }
  return ledger.transact(task.doKey, askedFor)
}

function isFinalNo(answer: unknown): boolean {
  const { done, final } = (answer ?? {}) as { done?: unknown; final?: unknown }
  return done === false && final === true
}

function contextOf(work: Work, time: Time, trace: Trace, beat: Parts['beat'], notes: Notes): SagaContext {
  const { task, abort } = work
  return {
    runId: task.runId,
    saga: task.definition,
    step: task.step,
    phase: task.phase,
    attempt: task.attempt,
    idempotencyKey: task.key,
    doKey: task.doKey,
    fence: task.fence,
    get signal() {
      return abort.signal
    },
    deadline: Math.round(time.wall() + task.timeoutMs),
    attributes: task.attributes,
    trace,
    async heartbeat(progress) {
      if (progress !== undefined) work.progress = progress
      await beat(work)
      if (work.lost) throw work.lost
    },
    once: (effect) => notes.once(effect),
  }
}

/** Every step of a run is part of one trace: the starter's, or one that follows from the run's id. */
function traceOf(task: SagaTask): Trace {
  const parent = parseTraceparent(task.traceparent ?? undefined)
  if (parent) return { ...nextTrace({ ...parent, state: undefined }), parentId: parent.spanId }
  const traceId = createHash('sha256').update(task.runId).digest('hex').slice(0, 32)
  return nextTrace({ traceId, spanId: '', flags: 1, state: undefined })
}

/** What can travel; nothing at all is null. @throws TypeError when it cannot: the effect may be there all the same. */
function portable(output: unknown, task: SagaTask): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(output)
  } catch (error) {
    throw new TypeError(`The output of "${task.step}" cannot be written as JSON: ${String(error)}`)
  }
  return text === undefined ? null : (output as Json)
}
