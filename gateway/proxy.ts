/** One attempt at one instance: the end of every chain. */
import { performance } from 'node:perf_hooks'
import type { Dispatcher } from 'undici'
import { isOnEdge, strikes } from '../core/gateway/fault.ts'
import type { AttemptMarks } from '../core/latency.ts'
import { parseServerTiming } from '../sdk/server-timing.ts'
import { formatTraceparent } from '../sdk/trace.ts'
import type { Answer, Sink, Source } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { passResponse } from './headers.ts'
import { failure, Refused } from './problem.ts'
import { RequestBody, readWhole, WHOLE_MAX } from './request-body.ts'
import type { Services } from './services.ts'
import type { CompiledRoute } from './table.ts'
import { dial } from './upgrade.ts'
import type { Link, Upstream } from './upstream.ts'

/** Chooses an instance of one of the route's targets and sends the request there. @throws Refused */
export async function proxy(context: Exchange, services: Services): Promise<Answer> {
  if (context.cancelled) throw context.cancelled
  const route = context.route as CompiledRoute
  const { upstream, permit } = choose(context, route, services)
  context.upstream = upstream
  context.tried.push(upstream)
  upstream.inFlight += 1
  const marks: AttemptMarks = {
    createdMs: performance.now(),
    connectMs: 0,
    headersSentMs: null,
    bodySentMs: null,
    headersMs: null,
    endMs: 0,
    appMs: null,
    queueMs: null,
    status: null,
    instance: upstream.facts.id,
  }
  context.marks.attempts.push(marks)
  let body: Buffer | RequestBody | null = null
  let link: Link
  try {
    if (context.faults.length > 0) await strike(context, marks)
    if (context.hasBody) {
      const began = performance.now()
      body = await bodyOf(context)
      // The client's body on its way to us is time on the network too.
      marks.connectMs += performance.now() - began
    }
    if (context.cancelled) throw context.cancelled
    if (context.upgrading) return await join(context, route, { upstream, permit, marks })
    const taken = upstream.take((hook) => context.onCancel(hook))
    link = taken instanceof Promise ? await taken : taken
  } catch (error) {
    marks.endMs = performance.now()
    upstream.inFlight -= 1
    permit?.settle(error instanceof Refused && error.refusal === 'upstream' ? 'failure' : 'ignored')
    throw error
  }
  return new Promise((resolve, reject) => {
    const attempt = new Attempt({ context, services, upstream, link, marks, permit, resolve, reject })
    attempt.begin()
    link.client.dispatch(requestOf(context, route, upstream, body), attempt as unknown as Dispatcher.DispatchHandler)
  })
}

/** What was asked for on purpose, once: a delay counts as time on the network. @throws Refused */
async function strike(context: Exchange, marks: AttemptMarks): Promise<void> {
  for (const { delayMs, abortStatus } of context.faults.splice(0)) {
    if (delayMs > 0) {
      const began = performance.now()
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          off()
          resolve()
        }, delayMs)
        const off = context.onCancel((why) => {
          clearTimeout(timer)
          reject(why)
        })
      })
      marks.connectMs += performance.now() - began
    }
    context.struck = true
    if (abortStatus !== null) {
      throw new Refused(abortStatus, 'fault', 'A fault made on purpose answers in the place of the service.')
    }
  }
}

interface Permit {
  settle(outcome: 'success' | 'failure' | 'ignored'): void
}

function choose(
  context: Exchange,
  route: CompiledRoute,
  services: Services,
): { upstream: Upstream; permit: Permit | null } {
  const { upstreams } = services
  const group = route.group(services.random())
  context.service = group.service ?? group.key.slice('addresses:'.length)
  for (const fault of context.edgeFaults.splice(0)) {
    if (isOnEdge(fault, 'gateway', group.service ?? '') && strikes(fault, services.random)) context.faults.push(fault)
  }
  const now = performance.now()
  const hash = () => (route.hashHeader === '' ? context.client : (context.header(route.hashHeader) ?? ''))
  const refused: Upstream[] = [...context.tried]
  for (let turn = 0; ; turn++) {
    const upstream = upstreams.choose(group, route.chooser, refused, hash, now)
    if (!upstream) {
      const why = group.known ? 'has no instance that can take traffic' : 'has not been heard of yet'
      throw new Refused(503, 'no-instance', `${label(group.service)} ${why}.`, { retryAfterMs: 1_000 })
    }
    if (!context.breakers || group.service === null) return { upstream, permit: null }
    const breaker = services.breaker(`${group.service}/${upstream.facts.id}`, {
      service: group.service,
      instance: upstream.facts.id,
    })
    const permit = breaker?.acquire()
    if (!permit) return { upstream, permit: null }
    if (!(permit instanceof Error)) return { upstream, permit }
    refused.push(upstream)
    if (turn + 1 >= group.all.length || group.all.every((one) => refused.includes(one))) {
      throw new Refused(503, 'breaker', permit.message, { retryAfterMs: permit.retryAfterMs ?? 1_000, unsent: true })
    }
  }
}

const label = (service: string | null) => (service === null ? 'This route' : `"${service}"`)

/** Small bodies are read whole, once, so that every attempt can send them. */
async function bodyOf(context: Exchange): Promise<Buffer | RequestBody> {
  if (context.wholeBody) return context.wholeBody
  const length = Number(context.req.headers['content-length'] ?? Number.NaN)
  if (length <= WHOLE_MAX) {
    context.wholeBody = await readWhole(context.req, context.body, (hook) => context.onCancel(hook))
    return context.wholeBody
  }
  context.streamed = true
  return new RequestBody(context.req, context.body, context.bodyMax)
}

function requestOf(
  context: Exchange,
  route: CompiledRoute,
  upstream: Upstream,
  body: Buffer | RequestBody | null,
): Dispatcher.DispatchOptions {
  const { trace, headers } = context
  const authority = route.keepHost ? context.req.headers.host : undefined
  const sent = [...headers, 'host', authority ?? upstream.facts.address, 'traceparent', formatTraceparent(trace)]
  if (trace.state !== undefined) sent.push('tracestate', trace.state)
  const path = route.rewrite(context.path) + context.query
  if (context.probe) {
    const pairs: [string, string][] = []
    for (let i = 0; i < sent.length; i += 2) pairs.push([sent[i] as string, sent[i + 1] as string])
    const { id, address } = upstream.facts
    context.probe.forwarded = { method: context.method, path, headers: pairs.slice(0, 200), instance: id, address }
  }
  return {
    path,
    method: context.method as Dispatcher.HttpMethod,
    headers: sent,
    body,
    // Spares undici the question whether the host is an address, 1.5% of a request; only TLS has a use for it.
    ...(upstream.facts.secure ? {} : { servername: 'plain' }),
    bodyTimeout: context.idleMs,
    // The same for both: undici makes its timer anew, with a weak reference, each time the two differ.
    headersTimeout: context.idleMs,
  }
}

/** A WebSocket has a connection of its own. */
async function join(
  context: Exchange,
  route: CompiledRoute,
  { upstream, permit, marks }: { upstream: Upstream; permit: Permit | null; marks: AttemptMarks },
): Promise<Answer> {
  marks.headersSentMs = performance.now()
  const answer = await dial(context, route, upstream)
  marks.headersMs = performance.now()
  marks.endMs = marks.headersMs
  marks.status = answer.status
  permit?.settle(answer.status >= 500 ? 'failure' : 'success')
  // It counts as under way for as long as it is open.
  context.onDone(() => {
    upstream.inFlight -= 1
  })
  return answer
}

interface AttemptParts {
  context: Exchange
  services: Services
  upstream: Upstream
  link: Link
  marks: AttemptMarks
  permit: Permit | null
  resolve: (answer: Answer) => void
  reject: (why: unknown) => void
}

/** Chunks that came in the same turn as the headers, before anybody could take them. */
const EARLY_MAX = 16_384

/** undici's handler of one request, and the source of its answer's body. */
class Attempt implements Source {
  readonly #parts: AttemptParts
  #abort: ((error?: Error) => void) | null = null
  #offCancel: () => void = () => {}
  #resume: (() => void) | null = null
  #sink: Sink | null = null
  #early: Buffer[] = []
  #earlyBytes = 0
  #held = false
  #answered = false
  #over = false
  #ended: { trailers: string[] | null } | { error: Error } | null = null

  constructor(parts: AttemptParts) {
    this.#parts = parts
  }

  /** From now on it can be stopped: also while it connects, which may take longer than anybody waits. */
  begin(): void {
    const { context } = this.#parts
    this.#offCancel = context.onCancel((why) => this.#stop(why))
    context.stopAttempt = (why) => this.#stop(why)
  }

  // ---- undici ----

  /** Called right before the headers are written. */
  onConnect(abort: (error?: Error) => void): void {
    const { marks, link } = this.#parts
    this.#abort = abort
    marks.headersSentMs = performance.now()
    // Connecting belongs to the request that waited for it.
    const began = Math.max(marks.createdMs, link.connectBeganMs)
    if (link.connectEndedMs > began) marks.connectMs += link.connectEndedMs - began
    link.connectEndedMs = 0
  }

  onRequestSent(): void {
    this.#parts.marks.bodySentMs = performance.now()
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    // 100 Continue was said by ourselves; of the others (102, 103) a final answer follows.
    if (status < 200) return true
    const { marks, resolve, permit } = this.#parts
    marks.headersMs = performance.now()
    marks.status = status
    this.#resume = resume
    const { headers, timing, stream } = passResponse(raw)
    if (stream) this.#parts.context.streams = true
    if (timing !== null) {
      const said = parseServerTiming(timing)
      marks.appMs = said.appMs
      marks.queueMs = said.queueMs
    }
    this.#answered = true
    permit?.settle(status >= 500 ? 'failure' : 'success')
    resolve({ status, headers, body: this })
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#sink) {
      if (this.#sink.data(chunk)) return true
      return this.#hold()
    }
    this.#early.push(chunk)
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes < EARLY_MAX) return true
    return this.#hold()
  }

  #hold(): false {
    this.#held = true
    this.#parts.link.hold()
    return false
  }

  onComplete(rawTrailers: Buffer[] | null): void {
    const trailers = rawTrailers && rawTrailers.length > 0 ? rawTrailers.map((part) => part.toString('latin1')) : null
    this.#finish(true)
    this.#ended = { trailers }
    if (this.#sink) this.#sink.end(trailers)
  }

  onError(error: Error): void {
    const { context, marks, permit, reject, upstream, services } = this.#parts
    const sent = marks.headersSentMs !== null
    this.#finish(false)
    if (this.#answered) {
      this.#ended = { error }
      this.#sink?.fail(error)
      return
    }
    const cancelled = context.cancelled
    const refused = cancelled ?? (error instanceof Refused ? error : null)
    if (!sent && refused?.refusal === 'timeout') {
      // Nothing but connecting, and for longer than anybody waits: time on the network, and a reason to pass it over.
      marks.connectMs += marks.endMs - Math.max(marks.createdMs, this.#parts.link.connectBeganMs)
      upstream.unreachable(performance.now(), services.random())
    }
    if (cancelled) {
      permit?.settle(cancelled.refusal === 'timeout' ? 'failure' : 'ignored')
      reject(cancelled)
      return
    }
    if (error instanceof Refused) {
      permit?.settle('ignored')
      reject(error)
      return
    }
    permit?.settle('failure')
    if (!sent) upstream.unreachable(performance.now(), services.random())
    reject(failure(error, upstream, sent))
  }

  // ---- the body ----

  /** Most answers come in one piece with their headers, before anybody could ask for them. */
  whole(): Buffer | null {
    const ended = this.#ended
    if (ended === null || 'error' in ended || ended.trailers !== null) return null
    const early = this.#early
    this.#early = []
    return early.length === 1 ? (early[0] as Buffer) : Buffer.concat(early)
  }

  pipe(sink: Sink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = []
    let room = true
    for (const chunk of early) room = sink.data(chunk)
    const ended = this.#ended
    if (ended) {
      if ('error' in ended) sink.fail(ended.error)
      else sink.end(ended.trailers)
    } else if (this.#held && room) this.resume()
    else if (!room) this.#held = true
  }

  resume(): void {
    if (!this.#held) return
    this.#held = false
    this.#parts.link.unhold()
    this.#resume?.()
  }

  abort(): void {
    this.#stop(new Refused(499, 'client', 'The client went away.'))
  }

  #stop(why: Error): void {
    if (this.#over) return
    if (this.#abort) this.#abort(why)
    else this.#parts.link.client.destroy(why).catch(() => undefined)
  }

  /** The connection is free again, or gone. */
  #finish(whole: boolean): void {
    if (this.#over) return
    this.#over = true
    this.#offCancel()
    const { context, upstream, link, marks } = this.#parts
    marks.endMs = performance.now()
    context.stopAttempt = null
    link.unhold()
    upstream.inFlight -= 1
    const aborted = context.cancelled !== null && context.cancelled.refusal === 'client'
    if (!aborted) {
      const answeredMs = marks.headersMs ?? marks.endMs
      upstream.seen(answeredMs - marks.createdMs, !whole || (marks.status ?? 599) >= 500, marks.endMs)
    }
    // undici opens a connection anew when it must; the link stays with the instance.
    upstream.release(link, whole)
  }
}
