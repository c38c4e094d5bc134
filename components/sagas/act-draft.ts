/** What is filled in before an act is done. Pure. */
import type { Json } from '@/core/saga/definition'
import type { DefinitionView, RunView } from '@/core/saga/view'
import type { Filled } from './acting'
import type { Act } from './acts'
import { parseJson, problemIn, textOf } from './json-schema'

export interface Draft {
  text: string
  happened: boolean | null
  newKey: boolean
  retry: boolean
  from: string
  keys: 'reused' | 'new'
  paused: boolean
}

export function startOf(act: Act | 'reason', run: RunView): Draft {
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
    const input =
      lane?.edited?.input ??
      lane?.input ??
      (act.phase === 'do' ? run.input : { input: step?.do.input ?? null, output: step?.do.output ?? null })
    return { ...draft, text: textOf(input), retry: canRetry(act, run) }
  }
  if (act.kind === 'redrive') return { ...draft, from: act.step ?? run.lanes[0]?.name ?? '', text: textOf(run.input) }
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
