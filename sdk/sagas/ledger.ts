/**
 * What a participant remembers about the keys it was given, so that the same key again changes nothing, an undo of what never
 * happened succeeds, and a do that comes after its undo is refused.
 */
import { InternalError } from '../../core/errors.ts'
import type { Json } from '../../core/saga/definition.ts'
import { StepRefusedError } from './errors.ts'
import { Recent } from './recent.ts'

export interface LedgerRow {
  /** its do has happened */
  done: boolean
  output: Json
  /** `begun`: no do of this key may happen any more; `over`: it is undone */
  undo: 'none' | 'begun' | 'over'
  undoOutput: Json
}

export interface Change<T> {
  /** null: as it was */
  row: LedgerRow | null
  value: T
}

export interface SagaLedger {
  /**
   * True when it is kept with the data, and an effect and its row are written together: what it does not know has not
   * happened, whichever process was asked.
   */
  readonly complete: boolean
  find(key: string): LedgerRow | null | Promise<LedgerRow | null>
  /** Reads the row of `key` and writes what `change` makes of it, in one transaction with everything `change` does. */
  transact<T>(key: string, change: (row: LedgerRow | null) => Change<T> | Promise<Change<T>>): T | Promise<T>
}

const NEW: LedgerRow = { done: false, output: null, undo: 'none', undoOutput: null }

export function tooLate(key: string): StepRefusedError {
  return new StepRefusedError('UNDONE', `The undo of ${key} came first; its do is refused.`)
}

/** What need not be done any more: answered as the first time. Undefined: go on. @throws StepRefusedError for a late do */
export function answerOf(row: LedgerRow | null, phase: 'do' | 'undo', key: string): Json | undefined {
  if (!row) return undefined
  if (phase === 'undo') return row.undo === 'over' ? row.undoOutput : undefined
  if (row.undo !== 'none') throw tooLate(key)
  return row.done ? row.output : undefined
}

/** Notes that no do of this key may happen any more. */
export function beginUndo(row: LedgerRow | null): Change<void> {
  if (row && row.undo !== 'none') return { row: null, value: undefined }
  return { row: { ...(row ?? NEW), undo: 'begun' }, value: undefined }
}

/** A probe's answer. A no is final: its note, in the same transaction, keeps a do that is still under way from happening. */
export function askedFor(row: LedgerRow | null): Change<{ done: true; output: Json } | { done: false; final: true }> {
  if (row?.done) return { row: null, value: { done: true, output: row.output } }
  return { row: beginUndo(row).row, value: { done: false, final: true } }
}

export function afterDo(output: Json): Change<Json> {
  return { row: { ...NEW, done: true, output }, value: output }
}

export function afterUndo(row: LedgerRow | null, output: Json): Change<Json> {
  return { row: { ...(row ?? NEW), undo: 'over', undoOutput: output }, value: output }
}

const ROWS_KEPT = 10_000

/** In this process only, the newest 10,000 keys: stops repetitions and late dos that come back to the same process. */
export function memoryLedger(): SagaLedger {
  const rows = new Recent<LedgerRow>(ROWS_KEPT)
  return {
    complete: false,
    find: (key) => rows.get(key) ?? null,
    transact(key, change) {
      const changed = change(rows.get(key) ?? null)
      // Nothing is awaited between reading and writing; effects run outside of it, see `once`.
      if (changed instanceof Promise) throw new InternalError('A ledger in memory takes no promises.')
      const { row, value } = changed
      if (row) rows.set(key, row)
      return value
    },
  }
}
