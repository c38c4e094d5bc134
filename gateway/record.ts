/** What a worker tells the control plane once a second: counts, requests for the live log, traces. Lost reports are not repeated. */
import { performance } from 'node:perf_hooks'
import type { RequestEntry, RequestTrace, RouteCounts } from '../core/gateway/view.ts'
import { cutLatency, type LatencyCut, latencySpans } from '../core/latency.ts'
import type { Holdfast } from '../sdk/holdfast.ts'
import type { Exchange } from './exchange.ts'
import type { Front, Outcome } from './front.ts'
import { newId } from './middleware/request-id.ts'
import type { MiddlewareKind } from './middleware.ts'
import { plainAddress } from './peer.ts'
import { RouteStats } from './route-stats.ts'
import type { Services } from './services.ts'
import type { GatewaySettings } from './settings.ts'
import type { Table } from './table.ts'
import { Timing } from './timing.ts'
import type { Upstreams } from './upstreams.ts'

const REPORT_MS = 1_000
/** Requests told of in a second; failures first. */
const ENTRIES_MAX = 200
const FAILURES_MAX = 100
const COMPLAIN_MS = 60_000

export interface RecordOptions {
  holdfast: Holdfast
  settings: GatewaySettings
  worker: number
  table: () => Table
  upstreams: Upstreams
  kinds: ReadonlyMap<string, MiddlewareKind>
  startedAt: number
  address: () => string
  random: () => number
  log: Services['log']
}

export class Recorder {
  readonly #options: RecordOptions
  /** requests that no route took, and what was not understood */
  readonly #none = new RouteStats('')
  #entries: RequestEntry[] = []
  #failures = 0
  #traces: { test: string; trace: RequestTrace }[] = []
  readonly #timing: Timing
  #timer: NodeJS.Timeout | null = null
  #cpu = process.cpuUsage()
  #cpuAt = performance.now()
  #complainedAt = Number.NEGATIVE_INFINITY
  front: Front | null = null

  constructor(options: RecordOptions) {
    this.#options = options
    this.#timing = new Timing(() => options.holdfast.recorder, options.upstreams)
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), REPORT_MS)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timing.stop()
  }

  /** A request is over. */
  readonly done = (context: Exchange | null, outcome: Outcome): void => {
    const route = context?.route ?? null
    ;(route?.stats ?? this.#none).add(outcome.status, outcome.refusal, context?.retries ?? 0)
    const cut = context && this.#timing.cut(context, outcome)
    if (context && cut) this.#timing.done(context, outcome, cut)
    const failed = outcome.status === null || outcome.status >= 500 || outcome.refusal !== undefined
    const wanted = this.#wanted(context, failed)
    const probe = context?.probe ?? null
    if (!wanted && probe === null) return
    const entry = entryOf(context, outcome, cut)
    if (wanted) this.#entries.push(entry)
    if (probe && context) {
      const upstream = context.upstream?.facts.id
      for (const [i, attempt] of context.marks.attempts.entries()) {
        if (probe.steps.length >= 100) break
        const start = context.marks.startMs
        const did = attempt.status === null ? 'no answer' : `status ${attempt.status}`
        const name = `attempt ${i + 1}: ${attempt.instance ?? upstream ?? ''}`.slice(0, 64)
        probe.steps.push({
          name,
          startMs: attempt.createdMs - start,
          endMs: Math.max(attempt.createdMs, attempt.endMs) - start,
          did,
        })
      }
      this.#traces.push({ test: probe.test, trace: { ...entry, steps: probe.steps, forwarded: probe.forwarded } })
      void this.flush()
    }
  }

  /** Something came that Node's parser did not take for a request. */
  readonly malformed = (status: number): void => this.#none.add(status, 'bad-request', 0)

  #wanted(context: Exchange | null, failed: boolean): boolean {
    if (this.#entries.length >= ENTRIES_MAX) return false
    if (failed && (context === null || context.route === null || context.logFailures)) {
      this.#failures += 1
      return this.#failures <= FAILURES_MAX
    }
    if (context === null || context.route === null || context.logShare <= 0) return false
    return (
      this.#entries.length - this.#failures < ENTRIES_MAX - FAILURES_MAX &&
      (context.logShare >= 1 || this.#options.random() < context.logShare)
    )
  }

  /** Never throws. */
  async flush(): Promise<void> {
    const { holdfast, settings, worker, table, upstreams, startedAt } = this.#options
    const entries = this.#entries
    const traces = this.#traces
    this.#entries = []
    this.#failures = 0
    this.#traces = []
    this.#timing.next()
    const now = table()
    const routes: RouteCounts[] = []
    for (const { stats } of now.routes.values()) routes.push(stats.take())
    routes.push(this.#none.take())
    const instance = holdfast.instance
    if (!instance || !holdfast.connected) return
    const used = process.cpuUsage(this.#cpu)
    const at = performance.now()
    const cpu = (used.user + used.system) / 1000 / Math.max(1, at - this.#cpuAt)
    this.#cpu = process.cpuUsage()
    this.#cpuAt = at
    const data = {
      instance: instance.id,
      worker,
      pid: process.pid,
      startedAt,
      revision: now.revision,
      problems: now.problems.slice(0, 500).map(({ route, problem }) => ({ route, problem })),
      connections: upstreams.connections,
      inFlight: this.front?.inFlight ?? 0,
      memoryMB: Math.round((process.memoryUsage.rss() / 1_048_576) * 10) / 10,
      cpu: Math.round(cpu * 1000) / 1000,
      traceKey: settings.tryKey,
      address: this.#options.address(),
      routes,
      entries,
      traces,
      middleware: [...this.#options.kinds.values()].flatMap(({ spec }) => (spec.from === undefined ? [] : [spec])),
    }
    await holdfast.trpc.gateway.report.mutate({ data: data as never }).catch((error: unknown) => {
      // A connection that is away is told of elsewhere; a report that is refused would be missed in silence.
      if (!holdfast.connected || at - this.#complainedAt < COMPLAIN_MS) return
      this.#complainedAt = at
      this.#options.log('warn', { error }, 'reports are not taken')
    })
  }
}

function entryOf(
  context: Exchange | null,
  { req, startMs, status, refusal, error, delivered, clean }: Outcome,
  known: LatencyCut | null,
): RequestEntry {
  const marks = context?.marks ?? {
    startMs,
    endMs: performance.now(),
    admissionMs: 0,
    backoffMs: 0,
    attempts: [],
    firstByteMs: delivered.firstByteMs,
  }
  const floor = context?.upstream?.connectFloorMs ?? null
  const cut = known ?? cutLatency(marks, floor)
  return {
    id: context?.id ?? newId(),
    traceId: context?.trace.traceId ?? '',
    at: Date.now() - (performance.now() - startMs),
    method: (req.method ?? '').slice(0, 32),
    host: (context?.host ?? clean?.host ?? '').slice(0, 256),
    path: (clean ? clean.path + clean.query : (req.url ?? '')).slice(0, 2_048),
    route: context?.route?.id ?? null,
    service: context?.service?.slice(0, 260) ?? null,
    instance: context?.upstream?.facts.id ?? null,
    status,
    refusal: refusal ?? null,
    error: error?.slice(0, 1_000) ?? null,
    attempts: marks.attempts.length,
    bytesIn: context?.body.bytes ?? 0,
    bytesOut: delivered.bytes,
    client: (context?.client ?? plainAddress(req.socket.remoteAddress)).slice(0, 64),
    cut: { ...cut, spans: context?.probe ? latencySpans(marks, floor) : undefined } as RequestEntry['cut'],
    fault: context?.struck ?? false,
  }
}
