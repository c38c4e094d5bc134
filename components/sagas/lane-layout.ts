/** Where steps stand in the lanes: in order of dependency, those beside each other together. Pure. */
import type { StepView } from '@/core/saga/view'

export interface LaneRow {
  step: StepView
  /** longest way from the beginning */
  level: number
  /** where it stands among steps of the same level; null when it is alone */
  group: 'first' | 'middle' | 'last' | null
}

/** Longest way from the beginning to each step, from 0. */
export function levels(steps: readonly { name: string; after: readonly string[] }[]): Map<string, number> {
  const known = new Map<string, number>()
  const byName = new Map(steps.map((step) => [step.name, step]))
  for (const root of steps) {
    const open = [root.name]
    while (open.length > 0) {
      const name = open.at(-1) as string
      const step = byName.get(name)
      const missing = (step?.after ?? []).filter((other) => byName.has(other) && !known.has(other))
      if (missing.length > 0) open.push(...missing)
      else {
        open.pop()
        known.set(name, Math.max(-1, ...(step?.after ?? []).map((other) => known.get(other) ?? -1)) + 1)
      }
    }
  }
  return known
}

export function laneRows(steps: readonly StepView[]): LaneRow[] {
  const level = levels(steps)
  const sorted = steps
    .map((step, at) => ({ step, at, level: level.get(step.name) ?? 0 }))
    .sort((a, b) => a.level - b.level || a.at - b.at)
  return sorted.map(({ step, level: own }, at) => {
    const before = sorted[at - 1]?.level === own
    const after = sorted[at + 1]?.level === own
    return { step, level: own, group: before ? (after ? 'middle' : 'last') : after ? 'first' : null }
  })
}

/** Which of the stages undoes each step, from 1. */
export function undoOrder(stages: readonly (readonly { step: string }[])[]): Map<string, number> {
  return new Map(stages.flatMap((stage, at) => stage.map(({ step }) => [step, at + 1] as const)))
}
