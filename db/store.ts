/**
 * The port to storage. Verbs are async functions over a `Tx`; they know no dialect and must not await anything but the
 * transaction itself. SQLite answers at once behind these promises; another database may take a round trip.
 */
import type { JournalEvent, NewEvent } from '../core/event.ts'
import type { Queries } from './queries.ts'

export interface AuditRow {
  action: string
  target: string
  reason: string | null
  before: unknown
  after: unknown
  /** the journal entry that it made */
  seq?: number | null
}

/** Who writes, and under which operation. */
export interface Origin {
  actor: string
  operationId: string | null
}

export interface ReadTx {
  readonly q: Queries
  /** the newest journal entry this transaction can see */
  head(): Promise<number>
}

export interface Tx extends ReadTx {
  /** the one time of this transaction, milliseconds since the epoch */
  readonly now: number
  readonly origin: Origin
  /** Writes a journal event; what it says is told to listeners after the commit. */
  emit(event: NewEvent): Promise<JournalEvent>
  /** Writes a row of the audit trail, by the transaction's origin. */
  audit(row: AuditRow): Promise<void>
  /** Runs once the transaction is durable; never when it is rolled back. */
  afterCommit(effect: () => void): void
  /** Runs when the verb fails and is taken back, the newest first: for what it has changed in memory. */
  afterRollback(effect: () => void): void
}

export type Verb<T> = (tx: Tx) => Promise<T>

export interface Store {
  /**
   * Runs `verb` in a durable transaction and answers after the commit. What `verb` throws rolls it back and is thrown.
   * A commit that fails leaves the outcome unknown: the store is dead from then on and says so through `onFatal`.
   */
  transact<T>(origin: Origin, verb: Verb<T>): Promise<T>
  /** Runs `fn` on one consistent, committed snapshot that it cannot write to. */
  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>
  readonly journal: {
    /** the newest committed entry, read at the store */
    head(): Promise<number>
    /** entries after `cursor`, oldest first, at most `limit`; `oldest` is the first one still kept */
    after(cursor: number, limit: number): Promise<{ events: JournalEvent[]; oldest: number }>
    /** called with what each commit added, in order, after it is durable; returns how to stop */
    onCommit(listener: (events: readonly JournalEvent[]) => void): () => void
  }
  /** transactions waiting */
  readonly waiting: number
  close(): Promise<void>
}
