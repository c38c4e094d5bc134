/** What a service offers to sagas. */
import type { Json } from '../../core/saga/definition.ts'
import type { Phase } from '../../core/saga/event.ts'
import type { Trace } from '../trace.ts'

/** What a handler knows about the attempt that it makes. */
export interface SagaContext {
  readonly runId: string
  /** of the definition */
  readonly saga: string
  readonly step: string
  readonly phase: Phase
  /** from 1; of this phase */
  readonly attempt: number
  /** `run:step:iteration:do|undo`, the same in every attempt: send it along, so that a repetition is told from a new wish */
  readonly idempotencyKey: string
  /** the key of the do: in an undo, what names the thing to be undone */
  readonly doKey: string
  /** grows with each attempt of the run: a store that refuses a lower one refuses a stale worker */
  readonly fence: number
  /** aborted, with a StepAbortedError: the lease is lost, the attempt takes too long, its run is being undone, this worker closes */
  readonly signal: AbortSignal
  /** when the attempt has taken too long, milliseconds since the epoch by this machine's clock */
  readonly deadline: number
  /** what the run can be searched by */
  readonly attributes: Readonly<Record<string, string>>
  /** continues the trace of whoever started the run; calls made by the handler go on with it */
  readonly trace: Trace
  /**
   * Shows how far it is, and that it lives. The SDK keeps the lease by itself; this says it at once.
   * Throws StepAbortedError when the lease is lost.
   */
  heartbeat(progress?: Json): Promise<void>
  /**
   * Runs `effect` and notes it under the key, together where the ledger can: a do once, never after its undo; an undo once, and
   * not at all when there was no do (then it gives null). Answers as the first time, with what can be written as JSON. Use it for
   * both or for none of a task.
   */
  once<T>(effect: () => T | Promise<T>): Promise<T>
}

/** What an undo is given unless the definition says otherwise; `output` is null when it is not known. */
export interface Undoing<I = Json, O = Json> {
  input: I
  output: O | null
}

/**
 * The answer of a probe: has the do of this key happened? `final`: and it never will, its participant refuses the key from now
 * on; then no undo is owed, and a retry gets a new key. Without it the no counts for now only: the undo stays owed.
 */
export type Probed<O = Json> = { done: true; output?: O } | { done: false; final?: boolean }

// biome-ignore lint/suspicious/noExplicitAny: a handler says itself what its input is
export type SagaHandler<I = any, O = unknown> = (input: I, ctx: SagaContext) => O | Promise<O>

export interface SagaTaskHandlers {
  do: SagaHandler
  /** must succeed in the end, also when there was no do */
  undo?: SagaHandler | undefined
  /** gives a `Probed`; without one, a complete ledger answers, and its no is final */
  probe?: SagaHandler | undefined
}

/** By task; a function alone is a do that has no undo. */
export type SagaHandlers = Record<string, SagaTaskHandlers | SagaHandler>

export function handlerOf(handlers: SagaHandlers, task: string, phase: Phase): SagaHandler | null {
  const found = Object.hasOwn(handlers, task) ? handlers[task] : undefined
  if (typeof found === 'function') return phase === 'do' ? found : null
  return found?.[phase] ?? null
}
