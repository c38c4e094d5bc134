import type { LatencyCut } from '../core/latency.ts'
import type { Random } from '../core/random.ts'
import { Sketch } from '../core/sketch.ts'
import type { EdgeReport } from './api.ts'
import type { Connection } from './connection.ts'
import { CutGroups, GROUPS_MAX } from './cut-groups.ts'
import { Exemplars, type FinishedRequest } from './exemplars.ts'
import { InFlightGauge } from './in-flight-gauge.ts'
import type { Time } from './time.ts'

/** Callees and protocols told apart by one process. */
export const EDGES_MAX = 200
const INTERVAL_MS = 1_000
const NAME_MAX = 160

/** One attempt at a callee. */
export interface Observation {
  /** the service that was called */
  callee: string
  /** `http`, `grpc`, `sql`, …; default `http` */
  protocol?: string | undefined
  durationMs: number
  failed?: boolean | undefined
  /** which instance of it */
  instance?: string | undefined
  /** where the time of this attempt alone went, for the figures of its instance */
  attempt?: LatencyCut | undefined
  /** a name for what was asked for */
  route?: string | undefined
  /** where the time of the whole request went; on the one attempt that settles it */
  cut?: LatencyCut | undefined
}

/** One request, with all of its attempts, or without any. */
export interface RequestObservation {
  callee: string
  protocol?: string | undefined
  route?: string | undefined
  failed?: boolean | undefined
  cut: LatencyCut
}

/** What measures calls for the control plane: for gateways, and for clients of other protocols. */
export interface Recorder {
  record(observation: Observation): void
  request(observation: RequestObservation): void
  /** an attempt begins; `ended` must follow */
  began(callee: string, protocol?: string): void
  ended(callee: string, protocol?: string): void
  /** Attempts under way now, from who counts them and looks often; instead of `began` and `ended`. */
  level(callee: string, inFlight: number, protocol?: string): void
  /** Whether there is any use in telling of such a request by `exemplar`, where there are very many. */
  wants(traceId: string, callee: string, protocol: string, totalMs: number, failed: boolean): boolean
  /** Of all finished requests the slowest and some that failed are kept whole. */
  exemplar(request: FinishedRequest): void
}

export const NO_RECORDER: Recorder = {
  record() {},
  request() {},
  began() {},
  ended() {},
  level() {},
  wants: () => false,
  exemplar() {},
}

interface Edge {
  callee: string
  protocol: string
  count: number
  errors: number
  sumMs: number
  sketch: Sketch
  cuts: CutGroups | null
}

/**
 * Counts what this service calls, how long it takes and where that time goes, per callee and protocol, and tells the
 * control plane once a second. A report that cannot be delivered is dropped: figures of a time that has gone by would only
 * be mistaken for the present.
 */
export class Telemetry implements Recorder {
  readonly #connection: Connection
  readonly #time: Time
  readonly #identity: () => { id: string; generation: number } | null
  readonly #exemplars: Exemplars
  readonly #gauges = new Map<string, { callee: string; protocol: string; gauge: InFlightGauge }>()
  #edges = new Map<string, Edge>()
  #last: Edge | null = null
  #lastGauge: { callee: string; protocol: string; gauge: InFlightGauge } | null = null
  #groups = 0
  #since = 0
  #cancel: (() => void) | null = null
  /** observations that found no room, since the start */
  overflowed = 0

  constructor(
    connection: Connection,
    time: Time,
    identity: () => { id: string; generation: number } | null,
    random: Random,
  ) {
    this.#connection = connection
    this.#time = time
    this.#identity = identity
    this.#exemplars = new Exemplars(random)
  }

  record(observation: Observation): void {
    const { callee, protocol = 'http', durationMs, failed = false, instance, attempt, cut } = observation
    const edge = this.#edge(callee, protocol)
    if (!edge) return
    edge.count++
    if (failed) edge.errors++
    if (durationMs >= 0 && Number.isFinite(durationMs)) {
      edge.sumMs += durationMs
      edge.sketch.add(durationMs)
    }
    if (cut) this.#cut(edge, 'route', observation.route ?? '', cut, failed)
    const own = attempt ?? cut
    if (instance !== undefined && own) this.#cut(edge, 'instance', instance, own, failed)
  }

  request({ callee, protocol = 'http', route = '', failed = false, cut }: RequestObservation): void {
    const edge = this.#edge(callee, protocol)
    if (edge) this.#cut(edge, 'route', route, cut, failed)
  }

  began(callee: string, protocol = 'http'): void {
    this.#gauge(callee, protocol)?.change(1, this.#time.monotonic())
  }

  ended(callee: string, protocol = 'http'): void {
    const last = this.#lastGauge
    const known =
      last !== null && last.callee === callee && last.protocol === protocol
        ? last
        : this.#gauges.get(`${protocol} ${callee}`)
    known?.gauge.change(-1, this.#time.monotonic())
  }

  level(callee: string, inFlight: number, protocol = 'http'): void {
    this.#gauge(callee, protocol)?.set(inFlight, this.#time.monotonic())
  }

  #gauge(callee: string, protocol: string): InFlightGauge | null {
    const last = this.#lastGauge
    if (last !== null && last.callee === callee && last.protocol === protocol) return last.gauge
    const key = `${protocol} ${callee}`
    const known = this.#gauges.get(key)
    if (known) {
      this.#lastGauge = known
      return known.gauge
    }
    if (this.#gauges.size >= EDGES_MAX) return null
    this.#begin()
    const gauge = new InFlightGauge(this.#since)
    this.#gauges.set(key, { callee, protocol, gauge })
    return gauge
  }

  wants(traceId: string, callee: string, protocol: string, totalMs: number, failed: boolean): boolean {
    return this.#exemplars.wants(traceId, callee, protocol, totalMs, failed)
  }

  exemplar(request: FinishedRequest): void {
    this.#exemplars.add(request)
    this.#begin()
  }

  #cut(edge: Edge, kind: 'route' | 'instance', name: string, cut: LatencyCut, failed: boolean): void {
    if (!Number.isFinite(cut.totalMs)) return
    edge.cuts ??= new CutGroups(() => this.#groups < GROUPS_MAX)
    const before = edge.cuts.size
    if (!edge.cuts.add(kind, name.slice(0, NAME_MAX), cut, failed)) this.overflowed++
    this.#groups += edge.cuts.size - before
  }

  #edge(callee: string, protocol: string): Edge | null {
    // Calls come in rows: the edge of the one before spares the key of this one.
    const last = this.#last
    if (last !== null && last.callee === callee && last.protocol === protocol) return last
    const key = `${protocol} ${callee}`
    const known = this.#edges.get(key)
    if (known) {
      this.#last = known
      return known
    }
    if (this.#edges.size >= EDGES_MAX) {
      this.overflowed++
      return null
    }
    this.#begin()
    const edge: Edge = { callee, protocol, count: 0, errors: 0, sumMs: 0, sketch: new Sketch(), cuts: null }
    this.#edges.set(key, edge)
    return edge
  }

  /** Nothing runs while nothing is called. */
  #begin(): void {
    if (this.#cancel) return
    this.#since = this.#time.monotonic()
    this.#cancel = this.#time.after(INTERVAL_MS, () => {
      this.#cancel = null
      void this.flush(INTERVAL_MS)
    })
  }

  /** Sends what has been counted since the last time, or drops it. Never throws. */
  async flush(timeoutMs: number): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    const now = this.#time.monotonic()
    const since = this.#since
    const edges = this.#takeEdges(now)
    const exemplars = this.#exemplars.take()
    // Calls that go on are counted on, also when none of them ends.
    if (this.#gauges.size > 0) this.#begin()
    const identity = this.#identity()
    if ((edges.length === 0 && exemplars.length === 0) || !identity || !this.#connection.isOpen) return
    const data = {
      instanceId: identity.id,
      generation: identity.generation,
      intervalMs: Math.min(60_000, Math.max(100, Math.round(now - since))),
      edges,
      ...(exemplars.length > 0 ? { exemplars } : {}),
    }
    const answer = await this.#connection.call('telemetry.report', { data }, timeoutMs).catch(() => undefined)
    if (!answer?.traces || answer.traces.length === 0) return
    this.#exemplars.want(answer.traces)
    if (this.#exemplars.waiting) this.#begin()
  }

  #takeEdges(now: number): EdgeReport[] {
    const edges = this.#edges
    this.#edges = new Map()
    this.#last = null
    this.#lastGauge = null
    this.#groups = 0
    const reports = new Map<string, EdgeReport>()
    for (const [key, edge] of edges) reports.set(key, report(edge))
    for (const [key, { callee, protocol, gauge }] of this.#gauges) {
      const idle = gauge.current === 0
      const inFlight = gauge.take(now)
      if (idle) this.#gauges.delete(key)
      const known = reports.get(key)
      if (known) known.inFlight = inFlight
      else if (!idle) reports.set(key, { callee, protocol, count: 0, errors: 0, sketch: null, inFlight })
    }
    return [...reports.values()].slice(0, EDGES_MAX)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#edges.clear()
    this.#last = null
    this.#lastGauge = null
    this.#gauges.clear()
    this.#exemplars.clear()
  }
}

function report({ callee, protocol, count, errors, sumMs, sketch, cuts }: Edge): EdgeReport {
  return {
    callee,
    protocol,
    count,
    errors,
    sketch: sketch.count > 0 ? sketch.toWire() : null,
    sumMs,
    ...(cuts === null ? {} : { cuts: cuts.reports() }),
  }
}
