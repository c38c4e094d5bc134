/** What is filled in before an act is done. Pure. */
import type { Json } from '@/core/saga/definition'
import type { DefinitionView, RunView } from '@/core/saga/view'
import type { Filled } from './acting'
import { type Act, isLight } from './acts'
import { forkable, forkFrom, keysFor } from './fork-from'
import { parseJson, problemIn, textOf } from './json-schema'
import { nextInput } from './next-input'

export interface Draft {
  text: string
  happened: boolean | null
  newKey: boolean
  retry: boolean
  from: string
  keys: 'reused' | 'new'
  paused: boolean
}

/**
 * What the operator looks at when they decide: an act that rests on it is refused when it has changed, one that would only meet
 * a run that goes on elsewhere is not. Null: the act rests on nothing.
 */
export function lookedAt(act: Act | 'reason', run: RunView): string | null {
  if (act === 'reason' || !('step' in act) || isLight(act) || act.kind === 'redrive') return null
  const phase = act.kind === 'force' || act.kind === 'waive' ? 'undo' : 'phase' in act ? act.phase : 'do'
  const lane = run.lanes.find(({ name }) => name === act.step)?.[phase ?? 'do']
  const { status = '', attempts, input, edited } = lane ?? {}
  const rest = act.kind === 'resolve' ? [attempts] : act.kind === 'edit' ? [input, edited?.input] : []
  return JSON.stringify([run.direction, run.endedAt, MOVING.has(status) ? 'moving' : status, ...rest])
}

/** One attempt more or less is no news to who gives up on it, or asks for another. */
const MOVING: ReadonlySet<string> = new Set(['owed', 'ready', 'leased', 'backoff'])

/** What the fields begin with. */
export function startOf(act: Act | 'reason', run: RunView, definition: DefinitionView | null): Draft {
  const draft: Draft = {
    text: 'null',
    happened: null,
    newKey: false,
    retry: false,
    from: '',
    keys: 'reused',
    paused: false,
  }
  if (act === 'reason') return draft
  if (act.kind === 'edit') {
    const step = run.lanes.find(({ name }) => name === act.step)
    const lane = step?.[act.phase]
    const begun = lane !== undefined && (lane.input !== null || lane.attempts > 0)
    const next = definition && !begun ? nextInput(run, definition, act.step, act.phase).value : null
    const input = lane?.edited?.input ?? (begun ? lane.input : next)
    return { ...draft, text: textOf(input), retry: canRetry(act, run) }
  }
  if (act.kind === 'redrive') {
    const able = forkable(run)
    const wanted = act.step !== null && able.includes(act.step) ? act.step : (forkFrom(run) ?? able[0] ?? '')
    const keys = keysFor(run, wanted) ?? 'reused'
    return { ...draft, from: wanted, keys, text: textOf(run.input) }
  }
  return draft
}

/** Whether an edited step can be tried again in the same breath. */
export function canRetry(act: Extract<Act, { kind: 'edit' }>, run: RunView): boolean {
  const status = run.lanes.find(({ name }) => name === act.step)?.[act.phase].status
  return act.phase === 'undo' ? status === 'stuck' : status === 'failed' || status === 'unknown'
}

export function schemaOf(act: Act | 'reason', run: RunView, definition: DefinitionView | null): Json | null {
  if (act === 'reason') return null
  if (act.kind === 'edit' && act.phase === 'do')
    return run.lanes.find(({ name }) => name === act.step)?.inputSchema ?? null
  return act.kind === 'redrive' ? (definition?.inputSchema ?? null) : null
}

export function problemOf(act: Act | 'reason', draft: Draft, schema: Json | null): string | null {
  if (act === 'reason') return null
  if (act.kind === 'resolve' && draft.happened === null) return 'Say whether it has happened.'
  if (act.kind === 'resolve' && !draft.happened) return null
  return ['edit', 'skip', 'signal', 'redrive', 'resolve'].includes(act.kind) ? problemIn(draft.text, schema) : null
}

export function filledOf(act: Act | 'reason', draft: Draft): Partial<Filled> {
  if (act === 'reason') return {}
  const { value } = parseJson(draft.text)
  switch (act.kind) {
    case 'retry':
      return { newKey: draft.newKey }
    case 'edit':
      return { input: value, retry: draft.retry }
    case 'skip':
    case 'signal':
      return { output: value }
    case 'resolve':
      return { happened: draft.happened === true, output: draft.happened ? value : null }
    case 'redrive':
      return { from: draft.from, keys: draft.keys, paused: draft.paused, input: value }
    default:
      return {}
  }
}
