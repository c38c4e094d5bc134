/** Definitions with types: what a run takes, and what each step hands on to the later ones. Makes the JSON that the API takes. */
import { ValidationError } from '../../core/errors.ts'
import type {
  Json,
  ProbeSpec,
  RetrySpec,
  SagaAction,
  SagaSpec,
  StepKind,
  StepSpec,
  UndoAction,
} from '../../core/saga/definition.ts'
import { type AnyRef, type Ref, refTo } from './refs.ts'

declare const RETURNED: unique symbol
/** Says what a step's output is; nothing at run time. */
export interface Returns<T> {
  readonly [RETURNED]?: T
}

export function returns<T>(): Returns<T> {
  return {}
}

/** What the inputs of steps may be made of. */
export interface Paths<I, O> {
  input: Ref<I>
  /** steps that are done before */
  steps: { readonly [K in keyof O]: { input: AnyRef; output: Ref<O[K]> } }
  run: { id: AnyRef; definition: AnyRef; version: AnyRef; startedAt: AnyRef; attributes: AnyRef }
}

export interface UndoPaths<I, O, R> extends Paths<I, O> {
  /** what is undone; its output is null when it is not known */
  do: { input: AnyRef; output: Ref<R> }
}

export interface UndoOptions<I, O, R> {
  /** default: the step's own task, asked to undo */
  action?: string | UndoAction | undefined
  /** default: `{ input, output }` of what is undone */
  input?: ((at: UndoPaths<I, O, R>) => unknown) | undefined
  retry?: RetrySpec | undefined
  timeoutMs?: number | undefined
}

export interface StepOptions<I, O, R> {
  /** a task's name, or a whole action; default: the task of the step's own name */
  action?: string | SagaAction | undefined
  /** `compensatable` (default), `pivot` (the point of no return), `retriable` (after it: retried, then a person is asked) */
  kind?: StepKind | undefined
  description?: string | undefined
  /** default: the run's input */
  input?: ((at: Paths<I, O>) => unknown) | undefined
  inputSchema?: Json | undefined
  returns?: Returns<R> | undefined
  /** how it is undone; `{}`: by its own task; without it nothing is done about it */
  undo?: UndoOptions<I, O, R> | undefined
  probe?: ProbeSpec | undefined
  retry?: RetrySpec | undefined
  /** steps that must be done before; default: what stands before it; `[]`: at once */
  after?: (keyof O & string)[] | undefined
  /** for one attempt, from its claim */
  timeoutMs?: number | undefined
  /** for all attempts together */
  stepTimeoutMs?: number | undefined
  /** how long a worker may be silent */
  leaseMs?: number | undefined
}

export type SagaOptions = Omit<SagaSpec, 'name' | 'steps'>

/** What stands where nobody has said what a step returns. */
type Output<R> = unknown extends R ? Json : R

/** Begins a definition: `saga<Order>('place-order').step(…).parallel(…)`. Each call returns a new one. */
export function saga<I = Json>(name: string, options: SagaOptions = {}): Saga<I, Record<never, never>> {
  return new Saga({ ...options, name, steps: [] })
}

/** A definition of whatever types. */
export interface AnySaga {
  readonly name: string
  readonly spec: SagaSpec
}

export class Saga<I, O> implements AnySaga {
  readonly spec: SagaSpec
  /** nothing at run time */
  declare readonly types?: { input: I; output: O }

  /** @internal use `saga` */
  constructor(spec: SagaSpec) {
    this.spec = spec
  }

  get name(): string {
    return this.spec.name
  }

  /** Adds a step that runs after those before it. Throws ValidationError (an input that cannot be written as JSON). */
  step<N extends string, R = unknown>(
    name: N,
    options: StepOptions<I, O, R> = {},
  ): Saga<I, O & { readonly [K in N]: Output<R> }> {
    return this.#with(stepSpec(name, options))
  }

  /** Adds steps that run beside each other. Throws as `step`. */
  parallel<R extends Record<string, unknown>>(
    members: {
      [K in keyof R]: StepOptions<I, O, R[K]>
    },
  ): Saga<I, O & { readonly [K in keyof R]: Output<R[K]> }> {
    const steps = Object.entries(members as Record<string, StepOptions<I, O, unknown>>)
    return this.#with({ parallel: steps.map(([name, options]) => stepSpec(name, options)) })
  }

  #with<P>(entry: SagaSpec['steps'][number]): Saga<I, P> {
    return new Saga<I, P>({ ...this.spec, steps: [...this.spec.steps, entry] })
  }
}

function stepSpec<I, O, R>(name: string, options: StepOptions<I, O, R>): StepSpec {
  const { action = name, input, undo, returns: _types, ...rest } = options
  const paths = { input: refTo('$.input'), steps: refTo('$.steps'), run: refTo('$.run') }
  const spec = {
    ...rest,
    name,
    action: typeof action === 'string' ? { type: 'task', task: action } : action,
    input: input?.(paths as never),
    undo: undo && {
      ...undo,
      action: typeof undo.action === 'string' ? { type: 'task', task: undo.action } : undo.action,
      input: undo.input?.({ ...paths, do: refTo('$.do') } as never),
    },
  }
  try {
    // Paths turn into the strings they stand for, and what is not said is left out.
    return JSON.parse(JSON.stringify(spec)) as StepSpec
  } catch (error) {
    throw new ValidationError(`Step "${name}" cannot be written as JSON: ${String(error)}`)
  }
}
