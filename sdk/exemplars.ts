/** Which requests are kept whole: the slowest and some failed ones of each edge, a few by trace, and what is asked for. */

import { ATTEMPTS_MAX, type Exemplar, type ExemplarReason, SPANS_MAX } from '../core/exemplar.ts'
import { type LatencyCut, latencySpans, type RequestMarks } from '../core/latency.ts'
import type { Random } from '../core/random.ts'

/** A finished request. It is only held on to, so it must not be changed afterwards. */
export interface FinishedRequest {
  /** unique among the requests of this process; the span id of the call where there is one */
  id: string
  traceId: string
  /** the call that this one was made for: the span id that came in `traceparent` */
  parentId: string | null
  /** when it began, by the wall clock */
  at: number
  callee: string
  protocol?: string | undefined
  route?: string | undefined
  method: string
  path: string
  status: number | null
  error: string | null
  failed: boolean
  cut: LatencyCut
  marks: RequestMarks
  connectFloorMs: number | null
}

/** A report carries at most so many. */
export const EXEMPLARS_MAX = 40
const SLOW_MAX = 2
const FAILED_MAX = 2
const SAMPLED_MAX = 2
/** Edges looked at in one interval. */
const EDGES_MAX = 200
/** One trace in so many is kept by everybody that it passes, chosen by its id alone. */
const SAMPLE_ONE_IN = 32
/** Requests remembered in case that another part of their trace turns out to be worth keeping. */
const RECENT = 512
/**
 * Of more a second, the same share of traces is remembered by everybody: what is asked for is asked for a second later at the
 * soonest, and to hold on to every request for a moment made the collector of garbage work twice as long.
 */
const RECENT_PER_SECOND = 256
const DRAWS = 65_536
const TEXT_MAX = 200

interface Chosen {
  callee: string
  protocol: string
  slow: FinishedRequest[]
  failed: FinishedRequest[]
  failedSeen: number
  sampled: FinishedRequest[]
}

export class Exemplars {
  readonly #random: Random
  readonly #recent: (FinishedRequest | undefined)[] = new Array(RECENT)
  #next = 0
  #seen = 0
  #remembered = DRAWS
  #edges = new Map<string, Chosen>()
  #last: Chosen | null = null
  #wanted: FinishedRequest[] = []

  constructor(random: Random) {
    this.#random = random
  }

  get waiting(): boolean {
    return this.#edges.size > 0 || this.#wanted.length > 0
  }

  /** Whether `add` would do anything with such a request: of very many, most need not even be put together. */
  wants(traceId: string, callee: string, protocol: string, totalMs: number, failed: boolean): boolean {
    const drawn = drawnBy(traceId)
    if (failed || drawn < this.#remembered) return true
    const chosen = this.#chosen(callee, protocol)
    if (chosen) {
      if (chosen.slow.length < SLOW_MAX || chosen.slow.some((slow) => totalMs > slow.cut.totalMs)) return true
      if (chosen.sampled.length < SAMPLED_MAX && drawn % SAMPLE_ONE_IN === 0) return true
    }
    this.#seen++
    return false
  }

  add(request: FinishedRequest): void {
    this.#seen++
    const drawn = drawnBy(request.traceId)
    if (drawn < this.#remembered) {
      this.#recent[this.#next] = request
      this.#next = (this.#next + 1) % RECENT
    }
    const chosen = this.#chosen(request.callee, request.protocol ?? 'http')
    if (!chosen) return
    if (request.failed) this.#addFailed(chosen, request)
    else addSlow(chosen.slow, request)
    if (chosen.sampled.length < SAMPLED_MAX && drawn % SAMPLE_ONE_IN === 0) chosen.sampled.push(request)
  }

  #chosen(callee: string, protocol: string): Chosen | null {
    const last = this.#last
    if (last !== null && last.callee === callee && last.protocol === protocol) return last
    const key = `${protocol} ${callee}`
    let chosen = this.#edges.get(key)
    if (!chosen) {
      if (this.#edges.size >= EDGES_MAX) return null
      chosen = { callee, protocol, slow: [], failed: [], failedSeen: 0, sampled: [] }
      this.#edges.set(key, chosen)
    }
    this.#last = chosen
    return chosen
  }

  /** Every failed request of the interval is as likely as any other to be among the kept ones. */
  #addFailed(chosen: Chosen, request: FinishedRequest): void {
    const at = chosen.failedSeen++
    if (at < FAILED_MAX) chosen.failed.push(request)
    else {
      const into = Math.floor(this.#random() * (at + 1))
      if (into < FAILED_MAX) chosen.failed[into] = request
    }
  }

  /** Other requests of these traces are kept: so are ours, where we still know them. */
  want(traceIds: readonly string[]): void {
    if (traceIds.length === 0) return
    const ids = new Set(traceIds)
    for (const request of this.#recent) {
      if (request && ids.has(request.traceId) && this.#wanted.length < EXEMPLARS_MAX) this.#wanted.push(request)
    }
  }

  /** Once a second. What is to be reported now: at most EXEMPLARS_MAX, asked for and failed ones first. */
  take(): Exemplar[] {
    this.#remembered = this.#seen <= RECENT_PER_SECOND ? DRAWS : Math.round((DRAWS * RECENT_PER_SECOND) / this.#seen)
    this.#seen = 0
    const out = new Map<FinishedRequest, ExemplarReason>()
    const put = (requests: readonly FinishedRequest[], why: ExemplarReason) => {
      for (const request of requests) if (out.size < EXEMPLARS_MAX && !out.has(request)) out.set(request, why)
    }
    put(this.#wanted, 'trace')
    const edges = [...this.#edges.values()]
    for (const edge of edges) put(edge.failed, 'failed')
    for (const edge of edges) put(edge.slow, 'slow')
    for (const edge of edges) put(edge.sampled, 'sampled')
    this.#wanted = []
    this.#edges = new Map()
    this.#last = null
    return [...out].map(([request, why]) => exemplar(request, why))
  }

  clear(): void {
    this.#edges.clear()
    this.#last = null
    this.#wanted = []
    this.#recent.fill(undefined)
  }
}

function addSlow(slow: FinishedRequest[], request: FinishedRequest): void {
  if (slow.length < SLOW_MAX) {
    slow.push(request)
    return
  }
  let fastest = 0
  for (let i = 1; i < slow.length; i++) if (totalOf(slow[i]) < totalOf(slow[fastest])) fastest = i
  if (request.cut.totalMs > totalOf(slow[fastest])) slow[fastest] = request
}

const totalOf = (request: FinishedRequest | undefined): number => request?.cut.totalMs ?? 0

/** By the last digits of the trace id, which are random in every generator that follows the standard's level 2. */
function drawnBy(traceId: string): number {
  return Number.parseInt(traceId.slice(-4), 16)
}

function exemplar(request: FinishedRequest, why: ExemplarReason): Exemplar {
  const { marks, cut } = request
  const query = request.path.indexOf('?')
  const offset = (ms: number) => round(Math.max(0, ms - marks.startMs))
  return {
    id: request.id,
    traceId: request.traceId,
    parentId: request.parentId,
    at: Math.round(request.at),
    callee: request.callee,
    protocol: request.protocol ?? 'http',
    route: request.route ?? null,
    method: request.method.slice(0, 20),
    // A query may hold what is nobody else's business.
    path: printable(query < 0 ? request.path : request.path.slice(0, query)),
    status: request.status,
    error: request.error === null ? null : printable(request.error),
    failed: request.failed,
    why,
    cut: {
      ...cut,
      totalMs: round(cut.totalMs),
      networkMs: round(cut.networkMs),
      processingMs: round(cut.processingMs),
      queueMs: round(cut.queueMs),
      unattributedMs: round(cut.unattributedMs),
      firstByteMs: cut.firstByteMs === null ? null : round(cut.firstByteMs),
      streamMs: round(cut.streamMs),
    },
    spans: latencySpans(marks, request.connectFloorMs)
      .slice(0, SPANS_MAX)
      .map(({ label, startMs, endMs, attempt }) => ({
        label,
        startMs: round(startMs),
        endMs: round(endMs),
        ...(attempt === undefined ? {} : { attempt }),
      })),
    attempts: marks.attempts.slice(-ATTEMPTS_MAX).map(({ instance, status, createdMs, endMs }) => ({
      instance,
      status,
      startMs: offset(createdMs),
      endMs: offset(endMs),
    })),
  }
}

/** Microseconds: 17 digits of each figure are four times the message. */
const round = (ms: number): number => Math.round(ms * 1_000) / 1_000

const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ').slice(0, TEXT_MAX)
