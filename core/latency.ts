/**
 * Where the time of one request went: L_total = L_network + L_processing + L_queue, and what cannot be told apart.
 *
 * All moments are milliseconds on one process' monotonic clock. The request is walked from its start to its end; every
 * piece goes to exactly one part, so that the parts are disjoint and sum to the total, whatever the marks say. Marks out
 * of order are moved to the nearest place that is possible.
 */

/**
 * Moments of one attempt to an upstream; null: it did not get there. W, the wait for the upstream, is
 * `headersMs - bodySentMs`, or `headersMs - headersSentMs` when it answers before it has heard all. Where it reports more
 * than that, and no more than since the headers were sent, it began before the end of the body was noted: the wait is what
 * it reports.
 */
export interface AttemptMarks {
  createdMs: number
  /** spent connecting for this attempt: name, TCP and TLS; 0 on a kept connection */
  connectMs: number
  headersSentMs: number | null
  bodySentMs: number | null
  /** the response's headers have come */
  headersMs: number | null
  /** the response is complete, or the attempt has failed */
  endMs: number
  /** what the upstream says of itself in `Server-Timing`; null: nothing */
  appMs: number | null
  queueMs: number | null
  /** what gateways on the way say of their own inside, to be told apart from the network */
  gatewayAppMs?: number
  gatewayQueueMs?: number
  status: number | null
  instance: string | null
}

export interface RequestMarks {
  /** request headers parsed (gateway), the call was made (SDK) */
  startMs: number
  /** last byte handed to the client's socket (gateway), the call has settled (SDK) */
  endMs: number
  /** waited for admission: for a slot, a permit, a rate */
  admissionMs: number
  /** waited between attempts */
  backoffMs: number
  attempts: readonly AttemptMarks[]
  /** the first byte of the answer was handed to the client's socket; null: there is none, or nobody streams */
  firstByteMs: number | null
  /** an answer without an end that matters (server-sent events, WebSocket): cut up to its first byte, its length apart */
  stream?: boolean
}

export type LatencyPart = 'network' | 'processing' | 'queue' | 'unattributed'
export const LATENCY_PARTS: readonly LatencyPart[] = ['network', 'processing', 'queue', 'unattributed']

/**
 * `measured`: every upstream told its part. `partial`: some of the time is nobody's. `estimated`: all of it is somebody's,
 * but what is network was taken from the shortest connect. Figures of different quality are never averaged together.
 */
export type CutQuality = 'measured' | 'partial' | 'estimated'
export const CUT_QUALITIES: readonly CutQuality[] = ['measured', 'partial', 'estimated']

export interface LatencyCut {
  /** exactly the sum of the four parts */
  totalMs: number
  /** connecting, sending, on the wire, receiving */
  networkMs: number
  /** work: the upstreams' own, as they report it, and that of whoever made the attempts */
  processingMs: number
  /** waiting: for admission, for a connection, between attempts, and in the upstream's own queue */
  queueMs: number
  /** attempts without an answer, and answers of upstreams that do not say what they did: inseparable */
  unattributedMs: number
  quality: CutQuality
  /** something claimed more time than had passed, and was cut off */
  clamped: boolean
  /** from the start to the first byte for the client; null where there is none */
  firstByteMs: number | null
  /** length of a stream after its first byte; not in `totalMs` */
  streamMs: number
}

/** What a piece of a request is, and the part it belongs to. */
export const SPAN_PARTS = {
  admission: 'queue',
  backoff: 'queue',
  own: 'processing',
  pool: 'queue',
  connect: 'network',
  send: 'network',
  wire: 'network',
  'upstream-queue': 'queue',
  'upstream-app': 'processing',
  'gateway-queue': 'queue',
  'gateway-app': 'processing',
  inseparable: 'unattributed',
  unanswered: 'unattributed',
  receive: 'network',
  deliver: 'network',
} as const satisfies Record<string, LatencyPart>
export type SpanLabel = keyof typeof SPAN_PARTS
export const SPAN_LABELS = Object.keys(SPAN_PARTS) as [SpanLabel, ...SpanLabel[]]

/** One piece of a request, in milliseconds since its start. */
export interface LatencySpan {
  part: LatencyPart
  label: SpanLabel
  startMs: number
  endMs: number
  /** which attempt it belongs to, from 0 */
  attempt?: number
}

/** One billionth of a second: what is left over by rounding claims nothing. */
const DUST_MS = 1e-6

/**
 * `connectFloorMs`: the least connect round trip to the upstream in a window, the best guess at the network's share where
 * the upstream does not report; null: unknown. Allocates its result only (bench `gateway`, metric `timingCost`).
 */
export function cutLatency(marks: RequestMarks, connectFloorMs: number | null): LatencyCut {
  return walk(marks, connectFloorMs, null)
}

/** The same pieces in order, for a waterfall: disjoint, without gaps, from 0 to the total. Empty pieces are left out. */
export function latencySpans(marks: RequestMarks, connectFloorMs: number | null): LatencySpan[] {
  const spans: LatencySpan[] = []
  walk(marks, connectFloorMs, spans)
  return spans
}

/** One attempt by itself, for figures of the instance that it went to. */
export function cutAttempt(attempt: AttemptMarks, connectFloorMs: number | null): LatencyCut {
  const { createdMs: startMs, endMs } = attempt
  const marks = { startMs, endMs, admissionMs: 0, backoffMs: 0, attempts: [attempt], firstByteMs: null }
  return walk(marks, connectFloorMs, null)
}

function walk(marks: RequestMarks, floorMs: number | null, spans: LatencySpan[] | null): LatencyCut {
  const start = marks.startMs
  const last = Math.max(start, marks.endMs)
  const firstByte = marks.firstByteMs === null ? null : within(marks.firstByteMs, start, last)
  const end = marks.stream && firstByte !== null ? firstByte : last
  const cut: LatencyCut = {
    totalMs: end - start,
    networkMs: 0,
    processingMs: 0,
    queueMs: 0,
    unattributedMs: 0,
    quality: 'measured',
    clamped: false,
    firstByteMs: firstByte === null ? null : firstByte - start,
    streamMs: last - end,
  }
  const { attempts } = marks
  let admission = Math.max(0, marks.admissionMs)
  let backoff = Math.max(0, marks.backoffMs)
  let guessed = false
  let at = start

  for (let i = 0; i <= attempts.length; i++) {
    const a = attempts[i]
    // Between attempts: waiting, then the own work. After the last: up to the first byte for the client.
    const until = a ? within(a.createdMs, at, end) : firstByte === null ? end : Math.max(at, firstByte)
    const admitted = Math.min(until, at + admission)
    if (admitted > at) {
      admission -= admitted - at
      at = put(cut, spans, 'queue', 'admission', start, at, admitted, -1)
    }
    if (i > 0 || !a) {
      const waited = Math.min(until, at + backoff)
      if (waited > at) {
        backoff -= waited - at
        at = put(cut, spans, 'queue', 'backoff', start, at, waited, -1)
      }
    }
    at = put(cut, spans, 'processing', 'own', start, at, until, -1)
    if (!a) break

    const over = within(a.endMs, at, end)
    const answered = a.headersMs === null ? over : within(a.headersMs, at, over)
    const connectMs = Math.max(0, a.connectMs)
    if (a.headersSentMs !== null) {
      const sent = within(a.headersSentMs, at, answered)
      if (connectMs > sent - at + DUST_MS) cut.clamped = true
      at = put(cut, spans, 'queue', 'pool', start, at, Math.max(at, sent - connectMs), i)
      at = put(cut, spans, 'network', 'connect', start, at, sent, i)
      const body = a.bodySentMs
      if (body !== null && body <= answered) {
        // A busy process hears late that all is sent, by 50 ms and more, while the upstream has long been at work on it.
        const worked = claimedBy(a)
        const sentBy = worked <= answered - at ? Math.min(body, answered - worked) : body
        at = put(cut, spans, 'network', 'send', start, at, Math.max(at, sentBy), i)
      }
    } else {
      if (connectMs > answered - at + DUST_MS) cut.clamped = true
      at = put(cut, spans, 'network', 'connect', start, at, Math.min(answered, at + connectMs), i)
    }
    if (a.headersMs === null) {
      at = put(cut, spans, 'unattributed', 'unanswered', start, at, over, i)
      continue
    }

    const wait = answered - at
    const app = Math.min(Math.max(0, a.appMs ?? 0), wait)
    const queue = Math.min(Math.max(0, a.queueMs ?? 0), wait - app)
    const viaApp = Math.min(Math.max(0, a.gatewayAppMs ?? 0), wait - app - queue)
    const viaQueue = Math.min(Math.max(0, a.gatewayQueueMs ?? 0), wait - app - queue - viaApp)
    const rest = wait - app - queue - viaApp - viaQueue
    if (claimedBy(a) > wait + DUST_MS) cut.clamped = true
    const silent = a.appMs === null
    const wire = silent ? Math.min(rest, Math.max(0, floorMs ?? 0)) : rest
    if (silent) guessed = true
    // Where on the way the time on the wire was spent is not known: half there, half back.
    at = put(cut, spans, 'network', 'wire', start, at, Math.min(at + wire / 2, answered), i)
    at = put(cut, spans, 'queue', 'gateway-queue', start, at, Math.min(at + viaQueue, answered), i)
    at = put(cut, spans, 'processing', 'gateway-app', start, at, Math.min(at + viaApp, answered), i)
    at = put(cut, spans, 'queue', 'upstream-queue', start, at, Math.min(at + queue, answered), i)
    at = put(cut, spans, 'processing', 'upstream-app', start, at, Math.min(at + app, answered), i)
    if (silent) at = put(cut, spans, 'unattributed', 'inseparable', start, at, Math.min(at + rest - wire, answered), i)
    at = put(cut, spans, 'network', 'wire', start, at, answered, i)
    at = put(cut, spans, 'network', 'receive', start, at, over, i)
  }
  put(cut, spans, 'network', 'deliver', start, at, end, -1)

  if (admission > DUST_MS || backoff > DUST_MS) cut.clamped = true
  if (cut.unattributedMs > DUST_MS) cut.quality = 'partial'
  else if (guessed) cut.quality = 'estimated'
  return cut
}

const claimedBy = (a: AttemptMarks): number =>
  Math.max(0, a.appMs ?? 0) +
  Math.max(0, a.queueMs ?? 0) +
  Math.max(0, a.gatewayAppMs ?? 0) +
  Math.max(0, a.gatewayQueueMs ?? 0)

/** Gives the piece to its part and returns where the next one begins. */
function put(
  cut: LatencyCut,
  spans: LatencySpan[] | null,
  part: LatencyPart,
  label: SpanLabel,
  start: number,
  from: number,
  to: number,
  attempt: number,
): number {
  const length = to - from
  if (!(length > 0)) return from
  if (part === 'network') cut.networkMs += length
  else if (part === 'processing') cut.processingMs += length
  else if (part === 'queue') cut.queueMs += length
  else cut.unattributedMs += length
  if (spans !== null) {
    const span: LatencySpan = { part, label, startMs: from - start, endMs: to - start }
    if (attempt >= 0) span.attempt = attempt
    spans.push(span)
  }
  return to
}

const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
