/** What participants do in a rehearsal, said in advance. */
import type { Json } from '../../core/saga/definition.ts'
import type { Phase } from '../../core/saga/event.ts'

export type Answer =
  | { type: 'gives'; output: Json }
  | { type: 'refuses'; code: string; message: string }
  | { type: 'fails'; code: string; message: string; retryAfterMs: number | null }
  | { type: 'unknown'; code: string; message: string }
  | { type: 'hangs' }

/** It works. */
export function gives(output: Json = null): Answer {
  return { type: 'gives', output }
}

/** It certainly has not happened, and never will. */
export function refuses(code = 'REFUSED', message = code): Answer {
  return { type: 'refuses', code, message }
}

/** It certainly has not happened this time. */
export function fails(code = 'FAILED', options: { message?: string; retryAfterMs?: number } = {}): Answer {
  return { type: 'fails', code, message: options.message ?? code, retryAfterMs: options.retryAfterMs ?? null }
}

/** It may have happened: a 503, a connection that broke. */
export function unknown(code = 'UNKNOWN', message = code): Answer {
  return { type: 'unknown', code, message }
}

/** No answer before the attempt has taken too long: it may have happened. */
export function hangs(): Answer {
  return { type: 'hangs' }
}

/** One attempt of a step, as a participant sees it. */
export interface Attempted {
  step: string
  phase: Phase
  /** from 1 */
  attempt: number
  key: string
  input: Json
}

/**
 * By step; `undo STEP` and `probe STEP` for its other halves. One answer holds for every attempt, a list for the first ones (then
 * it works), a function decides.
 */
export type Script = Readonly<
  Record<string, Answer | readonly Answer[] | ((attempted: Attempted) => Answer | undefined)>
>

export function callName(step: string, phase: Phase): string {
  return phase === 'do' ? step : `${phase} ${step}`
}

/** Undefined: nothing is said about this attempt. */
export function scripted(script: Script, attempted: Attempted): Answer | undefined {
  const name = callName(attempted.step, attempted.phase)
  const line = Object.hasOwn(script, name) ? script[name] : undefined
  if (line === undefined) return undefined
  if (typeof line === 'function') return line(attempted)
  return isList(line) ? line[attempted.attempt - 1] : line
}

function isList(line: Answer | readonly Answer[]): line is readonly Answer[] {
  return Array.isArray(line)
}
