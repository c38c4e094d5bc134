/**
 * Tells the control plane where the time of each request went: the cut, by route and by instance, calls in flight, and
 * some requests whole. Runs once for every request, so it allocates little and keeps nothing but figures of this second.
 */
import { cutAttempt, cutLatency, type LatencyCut, type RequestMarks } from '../core/latency.ts'
import type { FinishedRequest } from '../sdk/exemplars.ts'
import { formatGatewayTiming } from '../sdk/server-timing.ts'
import type { Recorder } from '../sdk/telemetry.ts'
import { parseTraceparent } from '../sdk/trace.ts'
import type { Exchange } from './exchange.ts'
import type { Outcome } from './front.ts'
import type { Upstreams } from './upstreams.ts'

/** Requests of one second that are offered whatever they took, so that little traffic is known completely. */
const OFFERED_MAX = 100
const FAILED_MAX = 100
/** Of one service, the slowest of a second are told apart by this many. */
const SLOWEST = 2
/** Calls in flight are looked at so often: by what is open then, not by what has ended. */
export const SAMPLE_MS = 20

export class Timing {
  readonly #recorder: () => Recorder
  readonly #upstreams: Upstreams
  readonly #slowest = new Map<string, number[]>()
  #offered = 0
  #failed = 0
  #sampler: NodeJS.Timeout | null = null
  #open: ReadonlySet<string> = new Set()
  /** seconds since the last request */
  #quiet = 0

  constructor(recorder: () => Recorder, upstreams: Upstreams) {
    this.#recorder = recorder
    this.#upstreams = upstreams
  }

  /** What is left of a stream after its first byte is no time on the network. */
  cut(context: Exchange, { delivered }: Outcome): LatencyCut {
    const { marks } = context
    if (context.upgraded !== null || context.streams) {
      marks.stream = true
      marks.firstByteMs ??= delivered.firstByteMs
    }
    return cutLatency(marks, context.upstream?.connectFloorMs ?? null)
  }

  /** A request is over. Without an attempt there is no service that it could be placed at. */
  done(context: Exchange, outcome: Outcome, cut: LatencyCut): void {
    const last = context.upstream
    if (last === null) return
    const recorder = this.#recorder()
    const { attempts } = context.marks
    const gone = outcome.refusal === 'client'
    const failed = !gone && (outcome.status === null || outcome.status >= 500)
    for (let i = 0; i < attempts.length; i++) {
      const attempt = attempts[i] as (typeof attempts)[number]
      const { facts, connectFloorMs } = context.tried[i] ?? last
      if (facts.service === null || attempt.endMs === 0) continue
      const settles = i === attempts.length - 1
      recorder.record({
        callee: facts.service,
        protocol: facts.secure ? 'https' : 'http',
        durationMs: attempt.endMs - attempt.createdMs,
        failed: attempt.status === null ? !gone : attempt.status >= 500,
        instance: facts.id,
        attempt: cutAttempt(attempt, connectFloorMs),
        route: context.route?.id,
        cut: settles ? cut : undefined,
      })
    }
    if (last.facts.service !== null && this.#isWorth(last.facts.service, failed, cut.totalMs)) {
      recorder.exemplar(whole(context, outcome, cut, failed))
    }
    this.#quiet = 0
    this.#sample()
  }

  /** At full load two in a hundred are offered: an object for each of 15,000 requests a second would cost more than the cut. */
  #isWorth(service: string, failed: boolean, totalMs: number): boolean {
    if (failed) return this.#failed++ < FAILED_MAX
    let slowest = this.#slowest.get(service)
    if (!slowest) {
      slowest = []
      this.#slowest.set(service, slowest)
    }
    const least = slowest[0] as number
    if (slowest.length < SLOWEST || totalMs > least) {
      if (slowest.length >= SLOWEST) slowest.shift()
      slowest.push(totalMs)
      slowest.sort((a, b) => a - b)
      return true
    }
    return this.#offered++ < OFFERED_MAX
  }

  /** A new second begins. */
  next(): void {
    this.#offered = 0
    this.#failed = 0
    this.#slowest.clear()
    this.#quiet += 1
    this.#sample()
  }

  /** Looks at the calls in flight for as long as there is traffic, whether any is open or not: else it would see too many. */
  #sample(): void {
    if (this.#sampler !== null) return
    this.#open = this.#look()
    if (this.#open.size === 0 && this.#quiet > 1) return
    this.#sampler = setTimeout(() => {
      this.#sampler = null
      this.#sample()
    }, SAMPLE_MS)
    this.#sampler.unref()
  }

  #look(): ReadonlySet<string> {
    const recorder = this.#recorder()
    const open = new Set<string>()
    for (const { service, all } of this.#upstreams.groups) {
      if (service === null) continue
      let [http, https] = [0, 0]
      for (const { facts, inFlight } of all) {
        if (facts.secure) https += inFlight
        else http += inFlight
      }
      for (const [protocol, inFlight] of [
        ['http', http],
        ['https', https],
      ] as const) {
        const key = `${protocol} ${service}`
        if (inFlight > 0) open.add(key)
        if (inFlight > 0 || this.#open.has(key)) recorder.level(service, inFlight, protocol)
      }
    }
    return open
  }

  stop(): void {
    if (this.#sampler) clearTimeout(this.#sampler)
    this.#sampler = null
  }
}

/**
 * What we did with a request until its answer is handed on, as the `Server-Timing` header says it: waits for a slot, for the
 * next try and for a connection, and everything else but the attempts.
 */
export function gatewayTiming(marks: RequestMarks, now: number): string {
  let queueMs = marks.admissionMs + marks.backoffMs
  let elsewhereMs = 0
  for (const attempt of marks.attempts) {
    const { createdMs, connectMs, headersSentMs, headersMs, endMs } = attempt
    const until = headersMs ?? (endMs === 0 ? now : endMs)
    const pooled = Math.max(0, (headersSentMs ?? until) - createdMs - connectMs)
    queueMs += pooled
    elsewhereMs += Math.max(0, until - createdMs - pooled)
  }
  return formatGatewayTiming(Math.max(0, now - marks.startMs - queueMs - elsewhereMs), queueMs)
}

function whole(context: Exchange, outcome: Outcome, cut: LatencyCut, failed: boolean): FinishedRequest {
  const { trace, marks, upstream } = context
  return {
    id: trace.spanId,
    traceId: trace.traceId,
    parentId: parseTraceparent(context.req.headers.traceparent)?.spanId ?? null,
    at: Date.now() - (performance.now() - marks.startMs),
    callee: upstream?.facts.service ?? '',
    protocol: upstream?.facts.secure ? 'https' : 'http',
    route: context.route?.id,
    method: context.method,
    path: context.path,
    status: outcome.status,
    error: outcome.error ?? (outcome.status !== null && outcome.status >= 500 ? `answered ${outcome.status}` : null),
    failed,
    cut,
    marks,
    connectFloorMs: upstream?.connectFloorMs ?? null,
  }
}
