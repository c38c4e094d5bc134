/** The steps of a traced request, each within the one that handed on to it. Pure. */
import type { TraceStep } from '@/core/gateway/view'

export interface NestedStep extends TraceStep {
  depth: number
  /** without those within it */
  ownMs: number
}

/** Moments of different steps are taken one after the other. */
const ROUNDING_MS = 0.05

export function nested(steps: readonly TraceStep[]): NestedStep[] {
  const out: NestedStep[] = []
  const around: NestedStep[] = []
  const order = steps.map((step, i) => ({ step, i })).sort((a, b) => a.step.startMs - b.step.startMs || a.i - b.i)
  for (const { step } of order) {
    for (let last = around.at(-1); last && step.endMs > last.endMs + ROUNDING_MS; last = around.at(-1)) around.pop()
    const lengthMs = Math.max(0, step.endMs - step.startMs)
    const parent = around.at(-1)
    if (parent) parent.ownMs = Math.max(0, parent.ownMs - lengthMs)
    const one = { ...step, depth: around.length, ownMs: lengthMs }
    out.push(one)
    around.push(one)
  }
  // A refusal passes through all that are around it: it is told where it began.
  for (const [i, step] of out.entries()) {
    const within = out[i + 1]
    if (within && within.depth > step.depth && step.did !== '' && step.did === within.did) step.did = PASSED_BACK
  }
  return out
}

export const PASSED_BACK = 'passed it on, and the refusal back'
