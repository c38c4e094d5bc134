import type { IncomingHttpHeaders } from 'node:http'
import { ValidationError } from '../core/errors.ts'
import type { Instance } from '../core/instance.ts'
import type { LatencyCut } from '../core/latency.ts'
import type { AttemptResult } from './attempt.ts'

export type CallTiming = LatencyCut

/** An answer in full. Like `fetch`, a call resolves for every status; `ok` tells 2xx. */
export class CallResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Uint8Array
  /** where the time of the whole call went, from the call to its answer, failed attempts and waits included */
  readonly timing: CallTiming
  readonly traceId: string
  /** who answered */
  readonly instance: Instance
  readonly attempts: number

  constructor(
    result: AttemptResult,
    facts: { timing: CallTiming; traceId: string; instance: Instance; attempts: number },
  ) {
    this.status = result.status
    this.headers = result.headers
    this.bytes = result.body
    this.timing = facts.timing
    this.traceId = facts.traceId
    this.instance = facts.instance
    this.attempts = facts.attempts
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  text(): string {
    return Buffer.from(this.bytes).toString('utf8')
  }

  /** The parsed body. Throws a ValidationError when it is not JSON. */
  json<T = unknown>(): T {
    try {
      return JSON.parse(this.text()) as T
    } catch {
      throw new ValidationError(`${this.instance.service} answered ${this.status} with a body that is not JSON`)
    }
  }
}
