import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NetworkError } from '../core/errors.ts'
import { Sketch } from '../core/sketch.ts'
import type { EdgeReport } from './api.ts'
import type { Connection } from './connection.ts'
import { FakeTime } from './fake-time.ts'
import { EDGES_MAX, Telemetry } from './telemetry.ts'

interface Report {
  instanceId: string
  intervalMs: number
  edges: EdgeReport[]
}

function setUp() {
  const time = new FakeTime()
  const sent: Report[] = []
  const state = { isOpen: true, lost: false, registered: true }
  const connection = {
    get isOpen() {
      return state.isOpen
    },
    call: async (_: string, input: { data: Report }) => {
      if (state.lost) throw new NetworkError('broke')
      sent.push(input.data)
    },
  } as unknown as Connection
  const telemetry = new Telemetry(connection, time, () => (state.registered ? { id: 'orders-1', generation: 3 } : null))
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
    { callee: 'payments', protocol: 'http', count: 2, errors: 1 },
    { callee: 'payments', protocol: 'sql', count: 1, errors: 0 },
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
