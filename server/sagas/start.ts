/** How runs begin: by a name and an input, or as a fork of another. */
import { ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts'
import { type Json, SAGA_LIMITS, type SagaDefinition } from '../../core/saga/definition.ts'
import type { Breakpoint, By, Carried, KeyOfStep } from '../../core/saga/event.ts'
import { ancestorsOf, stepOf } from '../../core/saga/graph.ts'
import { isDone, type RunState } from '../../core/saga/state.ts'
import type { Tx } from '../../db/store.ts'
import type { SagaEngine } from './engine.ts'
import { hashOf } from './hash.ts'

export interface StartInput {
  definition: string
  version?: number | undefined
  input: Json
  idempotencyKey?: string | undefined
  attributes: Record<string, string>
  breakpoints: Breakpoint[]
  paused: boolean
  deadlineMs?: number | undefined
  traceparent?: string | undefined
}

export interface StartedRun {
  runId: string
  version: number
  status: string
  /** true when a run of this idempotency key was there already */
  existing: boolean
}

/** @throws NotFoundError, ConflictError when the key was used with another input, ValidationError */
export async function startRun(engine: SagaEngine, tx: Tx, start: StartInput, by: By | null): Promise<StartedRun> {
  assertSize(start.input, 'The input')
  const { sagas } = tx.q
  const head = await sagas.head(start.definition)
  if (!head) throw new NotFoundError(`There is no saga "${start.definition}". Define it first.`)
  const inputHash = hashOf(start.input)
  if (start.idempotencyKey !== undefined) {
    const before = await sagas.runByKey(start.definition, start.idempotencyKey)
    if (before) {
      if (before.inputHash !== inputHash) {
        throw new ConflictError(
          `The key "${start.idempotencyKey}" was used for run ${before.id} with another input. Use a new key for a new run.`,
          { details: { runId: before.id, status: before.status } },
        )
      }
      return { runId: before.id, version: before.version, status: before.status, existing: true }
    }
  }
  const definition = await engine.book.definition(tx, start.definition, start.version ?? head.latest)
  for (const { step } of start.breakpoints) {
    if (step !== '*' && !stepOf(definition, step)) {
      throw new NotFoundError(`"${start.definition}" version ${definition.version} has no step "${step}" to stop at.`)
    }
  }
  const deadlineMs = start.deadlineMs ?? definition.deadlineMs
  const state = await engine.create(tx, {
    definition,
    inputHash,
    started: {
      type: 'run.started',
      runId: engine.newId(tx.now),
      definition: definition.name,
      version: definition.version,
      input: start.input,
      idempotencyKey: start.idempotencyKey ?? null,
      attributes: start.attributes,
      breakpoints: [
        ...head.breakpoints.filter((b) => b.step === '*' || stepOf(definition, b.step)),
        ...start.breakpoints,
      ],
      paused: start.paused,
      parent: null,
      redriveOf: null,
      carried: [],
      deadlineAt: deadlineMs === null ? null : tx.now + deadlineMs,
      ...(start.traceparent === undefined ? {} : { traceparent: start.traceparent }),
      ...(by ? { by } : {}),
    },
  })
  return { runId: state.id, version: state.version, status: state.status, existing: false }
}

export interface RedriveInput {
  runId: string
  step: string
  keys: 'reused' | 'new'
  /** default: as it was */
  input?: Json | undefined
  paused: boolean
}

/**
 * A fork: a new run of the same version that takes over what is done before `step` and goes on from there.
 * @throws ConflictError when the run is still open, or what would be taken over was undone
 */
export async function redriveRun(engine: SagaEngine, tx: Tx, redrive: RedriveInput, by: By): Promise<StartedRun> {
  const { state, definition } = await engine.book.load(tx, redrive.runId)
  if (!stepOf(definition, redrive.step)) throw new NotFoundError(`Run ${state.id} has no step "${redrive.step}".`)
  if (!state.ended) {
    throw new ConflictError(`Run ${state.id} is ${state.status}. End it first; two runs must not work on the same.`, {
      details: { status: state.status },
    })
  }
  const input = redrive.input === undefined ? state.input : redrive.input
  assertSize(input, 'The input')
  const carried = carriedOf(state, [...ancestorsOf(definition, redrive.step)], redrive.step)
  const reused = redrive.keys === 'reused' ? reusedOf(definition, state, carried) : undefined
  const fork = await engine.create(tx, {
    definition,
    inputHash: hashOf(input),
    started: {
      type: 'run.started',
      runId: engine.newId(tx.now),
      definition: state.definition,
      version: state.version,
      input,
      idempotencyKey: null,
      attributes: { ...state.attributes },
      breakpoints: [...state.breakpoints],
      paused: redrive.paused,
      parent: null,
      redriveOf: { runId: state.id, step: redrive.step, keys: redrive.keys },
      carried,
      ...(reused ? { reused } : {}),
      deadlineAt: definition.deadlineMs === null ? null : tx.now + definition.deadlineMs,
      by,
    },
  })
  return { runId: fork.id, version: fork.version, status: fork.status, existing: false }
}

function carriedOf(state: RunState, names: readonly string[], from: string): Carried[] {
  return names.map((name) => {
    const step = state.steps[name]
    const undone = step && (step.undo.status === 'compensated' || step.undo.status === 'forced')
    if (!step || !isDone(step) || undone) {
      const why = undone ? 'was undone' : `is ${step?.do.status ?? 'missing'}`
      throw new ConflictError(
        `The fork cannot begin at "${from}": "${name}", which comes before it, ${why}. Redrive from "${name}" or earlier.`,
        { details: { status: state.ended ?? state.status } },
      )
    }
    return {
      step: name,
      input: step.do.input,
      output: step.do.output,
      keyRoot: step.keyRoot,
      iteration: step.iteration,
      skipped: step.do.status === 'skipped',
    }
  })
}

/** The keys that the steps of a run would go on with. @throws ConflictError: what a child saga did has keys of its own */
function reusedOf(definition: SagaDefinition, state: RunState, carried: readonly Carried[]): KeyOfStep[] {
  const isCarried = new Set(carried.map(({ step }) => step))
  const again = Object.values(state.steps).filter(({ name }) => !isCarried.has(name))
  for (const step of again) {
    const spec = stepOf(definition, step.name)
    const begun = spec?.action.type === 'saga' && step.do.attempts > 0
    if (!begun) continue
    throw new ConflictError(
      `The fork cannot keep every key: "${step.name}" is a saga of its own, whose steps would be done again under new ones. Redrive from a later step, or with new keys.`,
      { details: { status: state.ended ?? state.status } },
    )
  }
  return again.map(({ name, keyRoot, iteration, keySpent }) => ({
    step: name,
    keyRoot,
    iteration: keySpent ? iteration + 1 : iteration,
  }))
}

/** @throws ValidationError */
export function assertSize(value: Json, what: string): void {
  let size: number
  try {
    size = JSON.stringify(value).length
  } catch {
    throw new ValidationError(`${what} is nested too deep to be kept.`)
  }
  if (size > SAGA_LIMITS.value) {
    throw new ValidationError(
      `${what} is ${size} characters long; ${SAGA_LIMITS.value} are allowed. Keep large things elsewhere and pass where they are.`,
    )
  }
}
