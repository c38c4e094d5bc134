/** From what is handed in to what is kept; says what is wrong and what to do about it. */
import { ValidationError } from '../errors.ts'
import {
  DO_RETRY,
  type Json,
  LEASE_MS,
  RETENTION_DAYS,
  RETRIABLE_RETRY,
  type Retry,
  type RetrySpec,
  SAGA_LIMITS,
  type SagaDefinition,
  type SagaSpec,
  type Step,
  type StepSpec,
  TIMEOUT_MS,
  UNDO_RETRY,
  type WorkAction,
} from './definition.ts'
import { afterAll, ancestorsOf } from './graph.ts'
import { parsePath, pathsIn } from './template.ts'

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
/** Names that would shadow what every object has. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '*'])

/** @throws ValidationError that names the step and what to change */
export function normalise(spec: SagaSpec, version = 1): SagaDefinition {
  if (!NAME.test(spec.name)) {
    throw new ValidationError(`"${spec.name}" is no name for a saga. Use letters, digits, ".", "_" and "-".`)
  }
  if (JSON.stringify(spec).length > SAGA_LIMITS.definition) {
    throw new ValidationError(`The definition "${spec.name}" is larger than ${SAGA_LIMITS.definition} characters.`)
  }
  const steps: Step[] = []
  let before: string[] = []
  for (const entry of spec.steps) {
    const group = 'parallel' in entry ? entry.parallel : [entry]
    if (group.length === 0) throw new ValidationError('A parallel group has no steps. Give it one, or remove it.')
    for (const step of group) steps.push(normaliseStep(step, before))
    before = group.map((step) => step.name)
  }
  const definition: SagaDefinition = {
    name: spec.name,
    version,
    description: spec.description ?? '',
    inputSchema: spec.inputSchema ?? null,
    steps,
    deadlineMs: spec.deadlineMs ?? null,
    concurrency: spec.concurrency ?? null,
    retentionDays: spec.retentionDays ?? RETENTION_DAYS,
  }
  check(definition)
  return definition
}

function normaliseStep(spec: StepSpec, before: string[]): Step {
  const kind = spec.kind ?? 'compensatable'
  const own: WorkAction | null = spec.action.type === 'task' ? spec.action : null
  const undoAction = spec.undo && (spec.undo.action ?? own)
  if (spec.undo && !undoAction) {
    throw new ValidationError(
      `Step "${spec.name}" does not say how it is undone. Give undo.action, such as { type: "task", task: "…" }.`,
    )
  }
  const probeAction = spec.probe && (spec.probe.action ?? own)
  if (spec.probe && !probeAction) {
    throw new ValidationError(
      `Step "${spec.name}" does not say how its outcome is asked for. Give probe.action, a task or an HTTP call.`,
    )
  }
  return {
    name: spec.name,
    description: spec.description ?? '',
    kind,
    action: spec.action,
    after: spec.after ?? before,
    input: spec.input,
    inputSchema: spec.inputSchema ?? null,
    undo:
      spec.undo && undoAction
        ? {
            action: undoAction,
            input: spec.undo.input,
            retry: retryOf(spec.undo.retry, UNDO_RETRY),
            timeoutMs: spec.undo.timeoutMs ?? TIMEOUT_MS,
          }
        : null,
    probe: spec.probe && probeAction ? { action: probeAction, timeoutMs: spec.probe.timeoutMs ?? 10_000 } : null,
    retry: retryOf(spec.retry, kind === 'retriable' ? RETRIABLE_RETRY : DO_RETRY),
    timeoutMs: spec.timeoutMs ?? TIMEOUT_MS,
    stepTimeoutMs: spec.stepTimeoutMs ?? null,
    leaseMs: spec.leaseMs ?? LEASE_MS,
  }
}

function retryOf(spec: RetrySpec | undefined, base: Retry): Retry {
  return {
    policy: spec?.policy ?? null,
    maxAttempts: spec?.maxAttempts ?? base.maxAttempts,
    initialDelayMs: spec?.initialDelayMs ?? base.initialDelayMs,
    multiplier: spec?.multiplier ?? base.multiplier,
    maxDelayMs: spec?.maxDelayMs ?? base.maxDelayMs,
  }
}

function check(definition: SagaDefinition): void {
  const { steps, name } = definition
  if (steps.length === 0) throw new ValidationError(`The saga "${name}" has no steps. Give it at least one.`)
  if (steps.length > SAGA_LIMITS.steps) {
    throw new ValidationError(
      `The saga "${name}" has ${steps.length} steps; ${SAGA_LIMITS.steps} are allowed. Use child sagas.`,
    )
  }
  const names = new Set<string>()
  for (const step of steps) {
    if (!NAME.test(step.name) || step.name.length > 100 || RESERVED.has(step.name)) {
      throw new ValidationError(`"${step.name}" is no name for a step. Use letters, digits, ".", "_" and "-".`)
    }
    if (names.has(step.name)) {
      throw new ValidationError(`Two steps are called "${step.name}". Give every step a name of its own.`)
    }
    names.add(step.name)
  }
  for (const step of steps) {
    if (new Set(step.after).size !== step.after.length) {
      throw new ValidationError(`Step "${step.name}" names a step twice in "after". Name it once.`)
    }
    for (const dependency of step.after) {
      if (dependency === step.name) {
        throw new ValidationError(`Step "${step.name}" waits for itself. Remove it from its own "after".`)
      }
      if (!names.has(dependency)) {
        throw new ValidationError(
          `Step "${step.name}" waits for "${dependency}", which is no step of "${name}". Its steps are: ${[...names].slice(0, 20).join(', ')}.`,
        )
      }
    }
    if (step.action.type === 'saga' && step.action.definition === name) {
      throw new ValidationError(`Step "${step.name}" would start "${name}" within itself, without end.`)
    }
    if (step.action.type === 'timer' && (step.action.ms === undefined) === (step.action.until === undefined)) {
      throw new ValidationError(`Step "${step.name}": a timer has either "ms" or "until".`)
    }
  }
  const cycle = findCycle(steps)
  if (cycle) {
    throw new ValidationError(`The steps ${cycle.join(' → ')} wait for each other in a circle. Break one "after".`)
  }
  for (const step of steps) checkPaths(step, definition)
  checkPivot(definition)
}

function checkPaths(step: Step, definition: SagaDefinition): void {
  const before = ancestorsOf(definition, step.name)
  const look = (template: Json | undefined, isUndo: boolean) => {
    for (const path of template === undefined ? [] : pathsIn(template)) {
      const parts = parsePath(path)
      if (!parts) {
        throw new ValidationError(
          `Step "${step.name}": "${path}" is no path. Write it like $.input.orderId or $.steps.reserve.output.id.`,
        )
      }
      const [root, of] = parts
      if (root !== 'input' && root !== 'steps' && root !== 'run' && !(isUndo && root === 'do')) {
        const roots = `$.input, $.steps or $.run${isUndo ? ', in an undo also with $.do' : ''}`
        throw new ValidationError(`Step "${step.name}": "${path}" names nothing. Paths begin with ${roots}.`)
      }
      if (root === 'steps' && !(before.has(String(of)) || (isUndo && of === step.name))) {
        throw new ValidationError(
          `Step "${step.name}" reads "${path}", but "${of}" is not done before it. Add it to "after".`,
        )
      }
    }
  }
  look(step.input, false)
  look(step.undo?.input, true)
  if (step.action.type === 'timer' && step.action.until !== undefined) {
    if (!step.action.until.startsWith('$.')) {
      throw new ValidationError(`Step "${step.name}": "until" is a path such as $.input.shipAt.`)
    }
    look(step.action.until, false)
  }
}

function checkPivot(definition: SagaDefinition): void {
  const pivots = definition.steps.filter((step) => step.kind === 'pivot')
  for (const pivot of pivots) {
    if (pivot.undo) {
      throw new ValidationError(
        `The pivot "${pivot.name}" has an undo. A pivot is the point of no return: remove the undo, or make it compensatable.`,
      )
    }
    for (const name of afterAll(definition, pivot.name)) {
      const step = definition.steps.find((s) => s.name === name) as Step
      if (step.kind === 'compensatable') {
        throw new ValidationError(
          `Step "${name}" comes after the pivot "${pivot.name}" and is compensatable. After a pivot nothing is undone: make it retriable.`,
        )
      }
      if (step.kind === 'pivot') {
        throw new ValidationError(
          `The pivot "${name}" comes after the pivot "${pivot.name}". A saga has one point of no return on a path.`,
        )
      }
    }
  }
}

function findCycle(steps: readonly Step[]): string[] | null {
  const byName = new Map(steps.map((step) => [step.name, step]))
  const colour = new Map<string, 'open' | 'done'>()
  for (const root of steps) {
    if (colour.has(root.name)) continue
    const trail: { name: string; next: number }[] = [{ name: root.name, next: 0 }]
    colour.set(root.name, 'open')
    while (trail.length > 0) {
      const top = trail[trail.length - 1] as { name: string; next: number }
      const follow = byName.get(top.name)?.after[top.next]
      top.next += 1
      if (follow === undefined) {
        colour.set(top.name, 'done')
        trail.pop()
      } else if (colour.get(follow) === 'open') {
        const from = trail.findIndex((entry) => entry.name === follow)
        return [...trail.slice(from).map((entry) => entry.name), follow]
      } else if (!colour.has(follow)) {
        colour.set(follow, 'open')
        trail.push({ name: follow, next: 0 })
      }
    }
  }
  return null
}
