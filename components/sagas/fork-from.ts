/** Where a run can be redriven from, and what that does over. Pure; the core decides again. */
import type { RunView, StepView } from '@/core/saga/view'

const isDone = (step: StepView) => step.do.status === 'succeeded' || step.do.status === 'skipped'
const isUndone = (step: StepView) => step.undo.status === 'compensated' || step.undo.status === 'forced'

/** All steps that must be done before each step. */
function ancestors(run: RunView): Map<string, ReadonlySet<string>> {
  const byName = new Map(run.lanes.map((step) => [step.name, step]))
  const known = new Map<string, ReadonlySet<string>>()
  const of = (name: string): ReadonlySet<string> => {
    const found = known.get(name)
    if (found) return found
    const own = new Set<string>()
    known.set(name, own)
    for (const before of byName.get(name)?.after ?? []) {
      own.add(before)
      for (const one of of(before)) own.add(one)
    }
    return own
  }
  for (const step of run.lanes) of(step.name)
  return known
}

/** Steps that a fork can begin at: all before them are done and were not undone. */
export function forkable(run: RunView): string[] {
  const before = ancestors(run)
  const kept = new Set(run.lanes.filter((step) => isDone(step) && !isUndone(step)).map(({ name }) => name))
  return run.lanes.flatMap(({ name }) => ([...(before.get(name) ?? [])].every((one) => kept.has(one)) ? [name] : []))
}

/** The step from which what has not come about would come about; null when all has. */
export function forkFrom(run: RunView): string | null {
  const able = new Set(forkable(run))
  return run.lanes.find((step) => able.has(step.name) && (!isDone(step) || isUndone(step)))?.name ?? null
}

/** Steps that a fork from `from` does again although they were undone: under the same keys their participants refuse. */
export function undoneAgain(run: RunView, from: string): string[] {
  return again(run, from, isUndone)
}

/** Child sagas that a fork from `from` starts again: their steps have keys of their own, which no fork can keep. */
export function childrenAgain(run: RunView, from: string): string[] {
  return again(run, from, (step) => step.action.type === 'saga' && step.do.attempts > 0)
}

/** Steps that a fork from `from` does again although what they did is still there: under new keys it is there twice. */
export function doneAgain(run: RunView, from: string): string[] {
  return again(run, from, (step) => step.do.status === 'succeeded' && !isUndone(step))
}

/** The only keys that a fork from `from` can have; null: both are possible. */
export function keysFor(run: RunView, from: string): 'new' | null {
  return undoneAgain(run, from).length > 0 || childrenAgain(run, from).length > 0 ? 'new' : null
}

function again(run: RunView, from: string, which: (step: StepView) => boolean): string[] {
  const carried = ancestors(run).get(from) ?? new Set()
  return run.lanes.filter((step) => !carried.has(step.name) && which(step)).map(({ name }) => name)
}
