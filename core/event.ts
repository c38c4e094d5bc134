/**
 * One entry of the journal: what one key became, and why. `value` is the whole state of the key after the event
 * (null: it is gone), so that the state at any `seq` is the last value of each key up to it.
 */
export interface JournalEvent<V = unknown> {
  /** position in the journal, strictly increasing */
  seq: number
  /** store time of the transaction, milliseconds since the epoch */
  at: number
  /** what happened, as noun.verb: `instance.registered` */
  kind: string
  /** what it happened to, as noun/id: `instance/orders-1` */
  key: string
  /** the service concerned, where there is one */
  service: string | null
  /** who did it: `user:ada@example.org`, `token:ci`, `system` */
  actor: string
  /** a sentence for people */
  summary: string
  /** id of the DistributedOperation that caused it */
  operationId: string | null
  value: V | null
}

export type NewEvent = Omit<JournalEvent, 'seq' | 'at' | 'actor' | 'operationId'>

/** What a subscriber of the journal receives; `resync` says that entries up to `seq` are not to be had one by one. */
export type JournalMessage =
  | { type: 'events'; events: JournalEvent[] }
  | { type: 'resync'; seq: number; reason: string }
