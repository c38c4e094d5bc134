import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { NetworkError } from '../core/errors.ts'
import type { Exemplar } from '../core/exemplar.ts'
import { type CutQuality, cutLatency, type LatencyCut } from '../core/latency.ts'
import { Sketch } from '../core/sketch.ts'
import type { EdgeReport } from './api.ts'
import type { Connection } from './connection.ts'
import { GROUPS_MAX } from './cut-groups.ts'
import { EXEMPLARS_MAX, type FinishedRequest } from './exemplars.ts'
import { FakeTime } from './fake-time.ts'
import { EDGES_MAX, Telemetry } from './telemetry.ts'

interface Report {
  instanceId: string
  intervalMs: number
  edges: EdgeReport[]
  exemplars?: Exemplar[]
}

function setUp() {
  const time = new FakeTime()
  const sent: Report[] = []
  const state = { isOpen: true, lost: false, registered: true, traces: [] as string[] }
  const connection = {
    get isOpen() {
      return state.isOpen
    },
    call: async (_: string, input: { data: Report }) => {
      if (state.lost) throw new NetworkError('broke')
      sent.push(input.data)
      return { accepted: 1, rejected: 0, traces: state.traces.splice(0) }
    },
  } as unknown as Connection
  const identity = () => (state.registered ? { id: 'orders-1', generation: 3 } : null)
  const telemetry = new Telemetry(connection, time, identity, () => 0.5)
  return { time, sent, state, telemetry }
}

test('sends once a second what was seen, per callee and protocol, and nothing when nothing was', () => {
  const { time, sent, telemetry } = setUp()
  time.advance(10_000)
  telemetry.record({ callee: 'payments', durationMs: 10 })
  telemetry.record({ callee: 'payments', durationMs: 30, failed: true })
  telemetry.record({ callee: 'payments', protocol: 'sql', durationMs: 1 })
  time.advance(999)
  expect(sent).toEqual([])
  time.advance(1)
  expect(sent).toHaveLength(1)
  expect(sent[0]).toMatchObject({ instanceId: 'orders-1', generation: 3, intervalMs: 1_000 })
  expect(sent[0]?.edges.map(({ sketch, ...edge }) => edge)).toEqual([
    { callee: 'payments', protocol: 'http', count: 2, errors: 1, sumMs: 40 },
    { callee: 'payments', protocol: 'sql', count: 1, errors: 0, sumMs: 1 },
  ])
  time.advance(5_000)
  expect(sent).toHaveLength(1)
  expect(time.waiting).toBe(0)
})

test('sketches of several reports merge into that of the whole, within 1%', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double({ min: 0.01, max: 60_000, noNaN: true }), { minLength: 1 }), { minLength: 1 }),
      (seconds) => {
        const { time, sent, telemetry } = setUp()
        for (const second of seconds) {
          for (const durationMs of second) telemetry.record({ callee: 'payments', durationMs })
          time.advance(1_000)
        }
        const whole = new Sketch()
        for (const { edges } of sent) whole.merge(Sketch.fromWire(edges[0]?.sketch ?? []) as Sketch)
        const sorted = seconds.flat().sort((a, b) => a - b)
        expect(whole.count).toBe(sorted.length)
        const exact = sorted[Math.floor(0.5 * (sorted.length - 1))] as number
        const [median] = whole.quantiles(0.5)
        expect(Math.abs((median as number) - exact)).toBeLessThanOrEqual(exact * 0.011)
      },
    ),
    { numRuns: 50 },
  )
})

test('what cannot be delivered is dropped, not kept for later', async () => {
  const { time, sent, state, telemetry } = setUp()
  state.isOpen = false
  telemetry.record({ callee: 'payments', durationMs: 1 })
  time.advance(1_000)
  state.isOpen = true
  state.lost = true
  telemetry.record({ callee: 'payments', durationMs: 1 })
  time.advance(1_000)
  await Promise.resolve()
  state.lost = false
  telemetry.record({ callee: 'payments', durationMs: 1 })
  time.advance(1_000)
  expect(sent.map((r) => r.edges[0]?.count)).toEqual([1])
})

test('without a registration nothing is sent', () => {
  const { time, sent, state, telemetry } = setUp()
  state.registered = false
  telemetry.record({ callee: 'payments', durationMs: 1 })
  time.advance(1_000)
  expect(sent).toEqual([])
})

test('edges are bounded, and what finds no room is counted', () => {
  const { time, sent, telemetry } = setUp()
  for (let i = 0; i < EDGES_MAX + 7; i++) telemetry.record({ callee: `s${i}`, durationMs: 1 })
  time.advance(1_000)
  expect(sent[0]?.edges).toHaveLength(EDGES_MAX)
  expect(telemetry.overflowed).toBe(7)
})

test('a duration that is none counts the call and spoils no quantile', () => {
  const { time, sent, telemetry } = setUp()
  telemetry.record({ callee: 'payments', durationMs: Number.NaN })
  telemetry.record({ callee: 'payments', durationMs: -1 })
  time.advance(1_000)
  expect(sent[0]?.edges[0]).toMatchObject({ count: 2, sketch: null })
})

function cut(networkMs: number, processingMs: number, queueMs: number, quality: CutQuality = 'measured'): LatencyCut {
  const totalMs = networkMs + processingMs + queueMs
  return {
    ...{ totalMs, networkMs, processingMs, queueMs, unattributedMs: 0, quality, clamped: false },
    ...{ firstByteMs: null, streamMs: 0 },
  }
}

test('requests are added up by part, each quality and each route for itself, attempts by instance', () => {
  const { time, sent, telemetry } = setUp()
  const call = { callee: 'payments', durationMs: 10, instance: 'payments-1' }
  telemetry.record({ ...call, route: '/charge', cut: cut(1, 7, 2) })
  telemetry.record({ ...call, route: '/charge', cut: cut(2, 6, 2), failed: true })
  telemetry.record({ ...call, route: '/charge', cut: cut(5, 0, 0, 'estimated') })
  telemetry.record({ ...call, attempt: cut(9, 1, 0) })
  telemetry.request({ callee: 'payments', cut: { ...cut(0, 0, 4), clamped: true } })
  time.advance(1_000)
  const [edge] = sent[0]?.edges ?? []
  expect(edge?.count).toBe(4)
  const groups = edge?.cuts?.map(({ total, parts, ...group }) => group)
  expect(groups).toEqual([
    { kind: 'route', name: '/charge', quality: 'measured', count: 2, errors: 1, clamped: 0, sumsMs: [3, 13, 4, 0] },
    {
      kind: 'instance',
      name: 'payments-1',
      quality: 'measured',
      count: 3,
      errors: 1,
      clamped: 0,
      sumsMs: [12, 14, 4, 0],
    },
    { kind: 'route', name: '/charge', quality: 'estimated', count: 1, errors: 0, clamped: 0, sumsMs: [5, 0, 0, 0] },
    {
      kind: 'instance',
      name: 'payments-1',
      quality: 'estimated',
      count: 1,
      errors: 0,
      clamped: 0,
      sumsMs: [5, 0, 0, 0],
    },
    { kind: 'route', name: '', quality: 'measured', count: 1, errors: 0, clamped: 1, sumsMs: [0, 0, 4, 0] },
  ])
  const [byRoute, byInstance] = edge?.cuts ?? []
  expect(byInstance?.parts).toBeNull()
  expect(byRoute?.parts?.map((wire) => Sketch.fromWire(wire)?.count)).toEqual([2, 2, 2, 2])
  expect(Sketch.fromWire(byRoute?.total ?? [])?.quantiles(1)[0]).toBeCloseTo(10, 0)
})

test('groups are bounded: routes without room are counted with those that have none', () => {
  const { time, sent, telemetry } = setUp()
  telemetry.request({ callee: 'payments', cut: cut(1, 1, 1) })
  for (let i = 0; i < GROUPS_MAX + 50; i++) telemetry.request({ callee: 'payments', route: `r${i}`, cut: cut(1, 1, 1) })
  time.advance(1_000)
  const groups = sent[0]?.edges[0]?.cuts ?? []
  expect(groups).toHaveLength(GROUPS_MAX)
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(GROUPS_MAX + 51)
})

test('the gauge is the mean over time of what is in flight, and goes on while nothing ends', () => {
  const { time, sent, telemetry } = setUp()
  telemetry.began('payments')
  time.advance(500)
  telemetry.began('payments')
  time.advance(500)
  expect(sent[0]?.edges).toEqual([expect.objectContaining({ count: 0, inFlight: { mean: 1.5, max: 2 } })])
  time.advance(1_000)
  expect(sent[1]?.edges[0]?.inFlight).toEqual({ mean: 2, max: 2 })
  telemetry.ended('payments')
  telemetry.ended('payments')
  time.advance(1_000)
  expect(sent[2]?.edges[0]?.inFlight).toBeUndefined()
  time.advance(3_000)
  expect([sent.length, time.waiting]).toEqual([2, 0])
})

function finishedRequest(id: number, totalMs: number, more: Partial<FinishedRequest> = {}): FinishedRequest {
  const marks = { startMs: 0, endMs: totalMs, admissionMs: 0, backoffMs: 0, attempts: [], firstByteMs: null }
  return {
    id: `${id}`,
    traceId: `${'0'.repeat(28)}${(id * 2 + 1).toString(16).padStart(4, '0')}`,
    parentId: null,
    at: 1_000 + id,
    callee: 'payments',
    method: 'GET',
    path: '/charge?card=4111',
    status: 200,
    error: null,
    failed: false,
    cut: cutLatency(marks, null),
    marks,
    connectFloorMs: null,
    ...more,
  }
}

test('the slowest of each second are kept whole, some that failed, and never more than a report may carry', () => {
  const { time, sent, telemetry } = setUp()
  for (let i = 0; i < 1_000; i++) telemetry.exemplar(finishedRequest(i, i))
  for (let i = 1_000; i < 1_100; i++) {
    telemetry.exemplar(finishedRequest(i, 5, { failed: true, status: null, error: 'broke\nhere' }))
  }
  for (let i = 0; i < 300; i++) telemetry.exemplar(finishedRequest(i, 1, { callee: `s${i}` }))
  time.advance(1_000)
  const kept = sent[0]?.exemplars ?? []
  expect(kept).toHaveLength(EXEMPLARS_MAX)
  const of = (why: string) => kept.filter((e) => e.callee === 'payments' && e.why === why)
  expect(of('slow').map((e) => e.cut.totalMs)).toEqual([998, 999])
  expect(of('failed')).toHaveLength(2)
  expect(of('failed')[0]).toMatchObject({ path: '/charge', error: 'broke here', status: null })
})

test('what is wanted of very many is what is kept of all of them', () => {
  const { time, sent, telemetry } = setUp()
  const told = setUp()
  for (let second = 0; second < 2; second++) {
    for (let i = 0; i < 3_000; i++) {
      const request = finishedRequest(i, (i * 7_919) % 1_009, {
        failed: i % 500 === 0,
        traceId: i.toString(16).padStart(32, '0'),
      })
      const { traceId, callee, cut, failed } = request
      if (telemetry.wants(traceId, callee, 'http', cut.totalMs, failed)) telemetry.exemplar(request)
      told.telemetry.exemplar(request)
    }
    time.advance(1_000)
    told.time.advance(1_000)
  }
  const kept = (all: typeof sent) => all[1]?.exemplars?.filter((e) => e.why !== 'failed').map((e) => [e.id, e.why])
  expect(kept(sent)).toEqual(kept(told.sent))
  expect(kept(sent)?.length).toBeGreaterThan(2)
})

test('of very many requests the same share of traces is remembered by everybody', async () => {
  const { time, sent, state, telemetry } = setUp()
  const many = Array.from({ length: 4_096 }, (_, i) => finishedRequest(i * 8, 1))
  for (const request of many) telemetry.exemplar(request)
  time.advance(1_000)
  state.traces = [(many[0] as FinishedRequest).traceId, (many[4_095] as FinishedRequest).traceId]
  for (const request of [...many, ...many, ...many]) telemetry.exemplar(request)
  time.advance(1_000)
  await vi.waitFor(() => expect(time.waiting).toBe(1))
  time.advance(1_000)
  expect(sent[2]?.exemplars?.filter((e) => e.why === 'trace').map((e) => e.traceId)).toContain(many[0]?.traceId)
  expect(sent[2]?.exemplars?.map((e) => e.traceId)).not.toContain(many[4_095]?.traceId)
})

test('the rest of a trace is sent when it is asked for', async () => {
  const { time, sent, state, telemetry } = setUp()
  const wanted = finishedRequest(7, 1)
  for (const request of [wanted, finishedRequest(1, 50), finishedRequest(2, 60)]) telemetry.exemplar(request)
  state.traces = [wanted.traceId]
  time.advance(1_000)
  expect(sent[0]?.exemplars?.map((e) => e.id).sort()).toEqual(['1', '2'])
  await vi.waitFor(() => expect(time.waiting).toBe(1))
  time.advance(1_000)
  expect(sent[1]?.exemplars).toEqual([expect.objectContaining({ id: '7', why: 'trace' })])
})
