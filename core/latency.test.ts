import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AttemptMarks,
  cutLatency,
  LATENCY_PARTS,
  type LatencyCut,
  latencySpans,
  type RequestMarks,
} from './latency.ts'

const plain: AttemptMarks = {
  createdMs: 105,
  connectMs: 3,
  headersSentMs: 110,
  bodySentMs: 111,
  headersMs: 151,
  endMs: 160,
  appMs: 30,
  queueMs: 6,
  status: 200,
  instance: 'payments-1',
}

function request(attempts: AttemptMarks[], more: Partial<RequestMarks> = {}): RequestMarks {
  return { startMs: 100, endMs: 162, admissionMs: 1, backoffMs: 0, attempts, firstByteMs: 152, ...more }
}

const sumOf = (cut: LatencyCut) => cut.networkMs + cut.processingMs + cut.queueMs + cut.unattributedMs

test('a request whose upstream reports is cut by the definitions', () => {
  const cut = cutLatency(request([plain]), null)
  expect(cut).toEqual({
    totalMs: 62,
    // connecting 3, sending 1, W = 40 of which 36 are told, receiving 9, handing on 2
    networkMs: 3 + 1 + 4 + 9 + 2,
    // own work 4, the upstream's 30
    processingMs: 4 + 30,
    // admission 1, waiting for a connection 110 - 105 - 3, the upstream's queue 6
    queueMs: 1 + 2 + 6,
    unattributedMs: 0,
    quality: 'measured',
    clamped: false,
    firstByteMs: 52,
    streamMs: 0,
  })
  const labels = latencySpans(request([plain]), null).map((span) => span.label)
  expect(labels).toEqual([
    ...['admission', 'own', 'pool', 'connect', 'send', 'wire', 'upstream-queue', 'upstream-app', 'wire'],
    ...['receive', 'deliver'],
  ])
})

test('an upstream that is silent leaves its part inseparable; the shortest connect is taken for the network', () => {
  const silent = { ...plain, appMs: null, queueMs: null }
  expect(cutLatency(request([silent]), null)).toMatchObject({ networkMs: 15, unattributedMs: 40, quality: 'partial' })
  expect(cutLatency(request([silent]), 5)).toMatchObject({ networkMs: 20, unattributedMs: 35, quality: 'partial' })
  expect(cutLatency(request([silent]), 90)).toMatchObject({ networkMs: 55, unattributedMs: 0, quality: 'estimated' })
})

test('an attempt without an answer: what it did is told, what it waited for is nobody’s', () => {
  const lost = { ...plain, headersMs: null, appMs: null, queueMs: null, status: null, endMs: 140 }
  const again = { ...plain, createdMs: 147, connectMs: 0, headersSentMs: 147, bodySentMs: 148, headersMs: 160 }
  const marks = request([lost, { ...again, appMs: 10, queueMs: 0, endMs: 160 }], { backoffMs: 6, firstByteMs: 161 })
  expect(cutLatency(marks, null)).toEqual({
    totalMs: 62,
    networkMs: 3 + 1 + 1 + 2 + 1,
    processingMs: 4 + 1 + 10 + 1,
    queueMs: 1 + 2 + 6,
    unattributedMs: 29,
    quality: 'partial',
    clamped: false,
    firstByteMs: 61,
    streamMs: 0,
  })
})

test('an answer that comes before all is sent: W begins with the headers, and sending is part of it', () => {
  const early = { ...plain, bodySentMs: 155 }
  const cut = cutLatency(request([early]), null)
  expect(cut).toMatchObject({ networkMs: 3 + (151 - 110 - 36) + 9 + 2, processingMs: 34, queueMs: 9 })
  expect(latencySpans(request([early]), null).some((span) => span.label === 'send')).toBe(false)
})

test('an upstream that was at work before the end of sending was noted did not wait for it: sending was shorter', () => {
  // Sent at 110, noted at 140, answered at 151; 36 are told: it began at 115 at the latest.
  const cut = cutLatency(request([{ ...plain, bodySentMs: 140 }]), null)
  expect(cut).toMatchObject({ networkMs: 3 + 5 + 9 + 2, processingMs: 34, queueMs: 9, clamped: false })
  expect(sumOf(cut)).toBe(62)
})

test('an upstream that claims more than the time that passed is cut off, and it is said', () => {
  const cut = cutLatency(request([{ ...plain, appMs: 39, queueMs: 500 }]), null)
  expect(cut).toMatchObject({ totalMs: 62, processingMs: 4 + 39, queueMs: 3 + 1, clamped: true, quality: 'measured' })
  expect(sumOf(cut)).toBe(62)
})

test('what a gateway tells of its inside is no network', () => {
  const through = cutLatency(request([{ ...plain, gatewayAppMs: 1, gatewayQueueMs: 2 }]), null)
  const plainly = cutLatency(request([plain]), null)
  expect(through.networkMs).toBe(plainly.networkMs - 3)
  expect(through.processingMs).toBe(plainly.processingMs + 1)
  expect(through.queueMs).toBe(plainly.queueMs + 2)
})

test('a stream is cut up to its first byte; how long it went on stands apart', () => {
  const stream = request([{ ...plain, endMs: 9_100 }], { endMs: 9_100, stream: true })
  expect(cutLatency(stream, null)).toMatchObject({ totalMs: 52, firstByteMs: 52, streamMs: 8_948, networkMs: 9 })
})

test('a request that makes no attempt: answered from here, or refused after a wait', () => {
  expect(cutLatency(request([], { endMs: 104, firstByteMs: 103 }), null)).toMatchObject({
    totalMs: 4,
    queueMs: 1,
    processingMs: 2,
    networkMs: 1,
    quality: 'measured',
  })
})

const moment = fc.double({ min: 0, max: 5_000, noNaN: true })
const length = fc.double({ min: -5, max: 3_000, noNaN: true })
const maybe = fc.option(moment)
const wild: fc.Arbitrary<AttemptMarks> = fc.record(
  {
    createdMs: moment,
    connectMs: length,
    headersSentMs: maybe,
    bodySentMs: maybe,
    headersMs: maybe,
    endMs: moment,
    appMs: fc.option(length),
    queueMs: fc.option(length),
    gatewayAppMs: length,
    gatewayQueueMs: length,
    status: fc.constant(null),
    instance: fc.constant(null),
  },
  {
    requiredKeys: [
      ...(['createdMs', 'connectMs', 'headersSentMs', 'bodySentMs', 'headersMs', 'endMs', 'appMs', 'queueMs'] as const),
      ...(['status', 'instance'] as const),
    ],
  },
)
const wildRequest: fc.Arbitrary<RequestMarks> = fc.record({
  startMs: moment,
  endMs: moment,
  admissionMs: length,
  backoffMs: length,
  attempts: fc.array(wild, { maxLength: 5 }),
  firstByteMs: maybe,
  stream: fc.boolean(),
})

test('whatever the marks say: no part is negative, and the parts sum to the total', () => {
  fc.assert(
    fc.property(wildRequest, fc.option(length), (marks, floor) => {
      const cut = cutLatency(marks, floor)
      const whole = Math.max(0, marks.endMs - marks.startMs)
      expect(Math.min(cut.networkMs, cut.processingMs, cut.queueMs, cut.unattributedMs)).toBeGreaterThanOrEqual(0)
      expect(Math.abs(sumOf(cut) - cut.totalMs)).toBeLessThanOrEqual(1e-9 * Math.max(1, cut.totalMs))
      expect(Math.abs(cut.totalMs + cut.streamMs - whole)).toBeLessThanOrEqual(1e-9 * Math.max(1, whole))
      expect(cut.quality === 'partial').toBe(cut.unattributedMs > 1e-6)
    }),
    { numRuns: 2_000 },
  )
})

test('the spans are the cut: ordered, without gap or overlap, and each part sums to the same', () => {
  fc.assert(
    fc.property(wildRequest, fc.option(length), (marks, floor) => {
      const cut = cutLatency(marks, floor)
      const spans = latencySpans(marks, floor)
      let at = 0
      const sums = { network: 0, processing: 0, queue: 0, unattributed: 0 }
      for (const { part, startMs, endMs } of spans) {
        expect(startMs).toBe(at)
        expect(endMs).toBeGreaterThanOrEqual(startMs)
        sums[part] += endMs - startMs
        at = endMs
      }
      if (spans.length > 0 || cut.totalMs > 0) expect(at).toBe(cut.totalMs)
      for (const part of LATENCY_PARTS) expect(sums[part]).toBeCloseTo(cut[`${part}Ms`], 8)
    }),
    { numRuns: 1_000 },
  )
})

const gap = fc.double({ min: 0, max: 200, noNaN: true })
/** Lengths instead of moments, so that every request is in order and what each part is can be added up by the table. */
const ordered = fc.record({
  admissionMs: gap,
  backoffMs: gap,
  ownMs: gap,
  deliverMs: gap,
  attempts: fc.array(
    fc.record({ poolMs: gap, connectMs: gap, sendMs: gap, wireMs: gap, appMs: gap, queueMs: gap, receiveMs: gap }),
    { minLength: 1, maxLength: 4 },
  ),
})

test('a request in order is cut by the table of the definitions', () => {
  fc.assert(
    fc.property(ordered, ({ admissionMs, backoffMs, ownMs, deliverMs, attempts }) => {
      let at = 1e6 + admissionMs + ownMs
      const marks = attempts.map((a, i): AttemptMarks => {
        if (i === 1) at += backoffMs
        const createdMs = at
        const headersSentMs = createdMs + a.poolMs + a.connectMs
        const bodySentMs = headersSentMs + a.sendMs
        const headersMs = bodySentMs + a.wireMs + a.appMs + a.queueMs
        at = headersMs + a.receiveMs
        const { connectMs, appMs, queueMs } = a
        const sent = { createdMs, connectMs, headersSentMs, bodySentMs, headersMs, endMs: at, appMs, queueMs }
        return { ...sent, status: 200, instance: null }
      })
      const backoff = attempts.length > 1 ? backoffMs : 0
      const waits = { admissionMs, backoffMs: backoff, firstByteMs: at }
      const cut = cutLatency({ startMs: 1e6, endMs: at + deliverMs, attempts: marks, ...waits }, null)
      const sum = (of: (a: (typeof attempts)[number]) => number) => attempts.reduce((n, a) => n + of(a), 0)
      expect(cut.networkMs).toBeCloseTo(sum((a) => a.connectMs + a.sendMs + a.wireMs + a.receiveMs) + deliverMs, 6)
      expect(cut.processingMs).toBeCloseTo(ownMs + sum((a) => a.appMs), 6)
      expect(cut.queueMs).toBeCloseTo(admissionMs + backoff + sum((a) => a.poolMs + a.queueMs), 6)
      expect(cut.unattributedMs).toBe(0)
      expect(cut.quality).toBe('measured')
    }),
    { numRuns: 500 },
  )
})
