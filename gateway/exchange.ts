/** One request on its way through the gateway: the context that every middleware gets. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from '../core/gateway/fault.ts'
import type { TraceStep } from '../core/gateway/view.ts'
import type { AttemptMarks, RequestMarks } from '../core/latency.ts'
import type { Trace } from '../sdk/trace.ts'
import { headerOf } from './answer.ts'
import type { Clean } from './hygiene.ts'
import type { Refused } from './problem.ts'
import { type BodyState, hasBody } from './request-body.ts'
import type { CompiledRoute } from './table.ts'
import type { Upgraded } from './upgrade.ts'
import type { Upstream } from './upstream.ts'

/** The same, still being written. */
export type Marks = RequestMarks & { attempts: AttemptMarks[] }

/** What "try a request" wants to know besides. */
export interface Tried {
  test: string
  steps: TraceStep[]
  /** those that are under way, the innermost last */
  running: TraceStep[]
  forwarded: { method: string; path: string; headers: [string, string][]; instance: string; address: string } | null
}

export class Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  /** lower case, without a port */
  host: string
  /** normalised: what was authorised, and what is forwarded unless the route rewrites it */
  readonly path: string
  readonly query: string
  /** the client's address; behind a trusted proxy, what that says */
  readonly client: string
  readonly trace: Trace
  /** what goes to the service, names and values in turn; middlewares change it */
  readonly headers: string[]
  readonly marks: Marks
  readonly body: BodyState
  readonly hasBody: boolean
  /** set by `body-limit` */
  bodyMax = Number.POSITIVE_INFINITY
  id = ''
  route: CompiledRoute | null = null
  params: Readonly<Record<string, string>> = {}
  /** the service or addresses that a try chose */
  service: string | null = null
  upstream: Upstream | null = null
  /** asked already, so that a retry goes elsewhere */
  readonly tried: Upstream[] = []
  wholeBody: Buffer | null = null
  /** share of requests that the access log shows; failures whatever it is */
  logShare = 0
  logFailures = false
  retries = 0
  /** longest silence of an answer that is coming */
  idleMs = 60_000
  /** breakers of instances may refuse it */
  breakers = false
  /** a body that was sent as it came cannot be sent again */
  streamed = false
  /** to be done to it at its first attempt, on purpose */
  readonly faults: { delayMs: number; abortStatus: number | null }[] = []
  /** of the edges, where it is not known yet which one it takes */
  readonly edgeFaults: Fault[] = []
  /** the answer is an event stream */
  streams = false
  /** a fault made on purpose has done something to it */
  struck = false
  probe: Tried | null = null
  /** a WebSocket is asked for */
  upgrading = false
  upgraded: Upgraded | null = null
  /** ends the attempt under way, not the request */
  stopAttempt: ((why: Refused) => void) | null = null
  #notes: Map<string, string> | null = null
  #onDone: (() => void)[] | null = null
  #cancelled: Refused | null = null
  #onCancel: ((why: Refused) => void)[] = []

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    clean: Clean,
    more: { client: string; trace: Trace; headers: string[]; startMs: number },
  ) {
    this.req = req
    this.res = res
    this.method = req.method as string
    this.host = clean.host
    this.path = clean.path
    this.query = clean.query
    this.client = more.client
    this.trace = more.trace
    this.headers = more.headers
    this.hasBody = hasBody(req)
    this.body = { bytes: 0, complete: !this.hasBody }
    this.marks = {
      startMs: more.startMs,
      endMs: more.startMs,
      admissionMs: 0,
      backoffMs: 0,
      attempts: [],
      firstByteMs: null,
    }
  }

  /** The value of a header of the request, by lower-case name. */
  header(name: string): string | undefined {
    const value = this.req.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** A header as it will go to the service, by lower-case name. */
  passed(name: string): string | undefined {
    return headerOf(this.headers, name)
  }

  /** What middlewares tell each other, and the log. */
  get notes(): Map<string, string> {
    this.#notes ??= new Map()
    return this.#notes
  }

  /** Runs when the answer is through, or will never be. */
  onDone(hook: () => void): void {
    this.#onDone ??= []
    this.#onDone.push(hook)
  }

  /** @internal */
  done(): void {
    const hooks = this.#onDone
    this.#onDone = null
    for (const hook of hooks ?? []) hook()
  }

  get cancelled(): Refused | null {
    return this.#cancelled
  }

  /** Ends what is under way: nobody waits for it any more, or it took too long. */
  cancel(why: Refused): void {
    if (this.#cancelled) return
    this.#cancelled = why
    const hooks = this.#onCancel
    this.#onCancel = []
    for (const hook of hooks) hook(why)
  }

  /** Calls back at once when it was cancelled already; the returned function ends it. */
  onCancel(hook: (why: Refused) => void): () => void {
    if (this.#cancelled) {
      hook(this.#cancelled)
      return () => {}
    }
    this.#onCancel.push(hook)
    return () => {
      const i = this.#onCancel.indexOf(hook)
      if (i >= 0) this.#onCancel.splice(i, 1)
    }
  }

  /** Says what a middleware did, for whoever tries a request. Costs nothing otherwise. */
  did(what: () => string): void {
    const step = this.probe?.running.at(-1)
    if (step) step.did = what()
  }
}
