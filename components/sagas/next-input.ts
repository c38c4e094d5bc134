/** What a half of a step would be given if it began now. Pure; the core fills in the same template. */
import type { Json, SagaDefinition } from '@/core/saga/definition'
import { fillIn, parsePath, pathsIn } from '@/core/saga/template'
import type { RunView } from '@/core/saga/view'

export interface NextInput {
  value: Json
  /** steps that its template reads and that are not done yet: null stands in for what they give */
  missing: string[]
}

export function nextInput(run: RunView, definition: SagaDefinition, name: string, phase: 'do' | 'undo'): NextInput {
  const spec = definition.steps.find((step) => step.name === name)
  const lane = run.lanes.find((step) => step.name === name)
  const own = { input: lane?.do.input ?? null, output: lane?.do.output ?? null }
  const template = phase === 'do' ? spec?.input : spec?.undo?.input
  if (template === undefined) return { value: phase === 'do' ? run.input : own, missing: [] }
  const known = run.lanes.filter(({ do: { status } }) => ['succeeded', 'skipped', 'unknown'].includes(status))
  const steps = Object.fromEntries(known.map((step) => [step.name, { input: step.do.input, output: step.do.output }]))
  const { id, version, startedAt, attributes } = run
  const scope: Json = {
    input: run.input,
    steps,
    run: { id, definition: run.definition, version, startedAt, attributes: { ...attributes } },
    ...(phase === 'undo' ? { do: own } : {}),
  }
  const read = pathsIn(template).flatMap((path) => {
    const [root, step] = parsePath(path) ?? []
    return root === 'steps' && typeof step === 'string' && !Object.hasOwn(steps, step) ? [step] : []
  })
  return { value: fillIn(template, scope), missing: [...new Set(read)] }
}
