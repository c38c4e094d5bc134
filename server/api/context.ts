import type { Engines } from '../engines.ts'
import type { Principal } from '../principal.ts'
import type { Closing } from './closing.ts'

/** Holds back a stream while its reader has not taken what was sent. */
export interface Flow {
  /** resolves when the reader has room again; at once when it has */
  ready(): Promise<void>
  /** tells when the connection has gone */
  readonly closing: Closing
}

export interface Context {
  principal: Principal | null
  engines: Engines
  /** the peer's address, for rate limits and the audit trail */
  remoteAddress: string
  flow: Flow | null
  /** tells when the caller has gone: whoever waits for it may stop */
  closing: Closing
  /** live subscriptions of this connection; bounded */
  subscriptions: { open: number }
}
