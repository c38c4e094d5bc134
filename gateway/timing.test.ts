import { afterEach, describe, expect, test, vi } from 'vitest'
import { testRoute } from '../core/gateway/test-route.ts'
import type { Instance } from '../core/instance.ts'
import type { FinishedRequest } from '../sdk/exemplars.ts'
import { parseServerTiming } from '../sdk/server-timing.ts'
import { NO_RECORDER, type Observation, type Recorder } from '../sdk/telemetry.ts'
import { ask, serve } from './testing/plain.ts'
import { type Rig, rig } from './testing/rig.ts'
import { SAMPLE_MS, Timing } from './timing.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

function recording() {
  const attempts: Observation[] = []
  const whole: FinishedRequest[] = []
  const levels: [string, number, string | undefined][] = []
  const recorder: Recorder = {
    ...NO_RECORDER,
    record: (observation) => void attempts.push(observation),
    exemplar: (request) => void whole.push(request),
    level: (callee, inFlight, protocol) => void levels.push([callee, inFlight, protocol]),
  }
  return { attempts, whole, levels, recorder }
}

function gatewayTo(ports: readonly number[], use: string[] = []): Promise<Rig> {
  const route = testRoute('shop', {
    targets: [{ service: 'orders', addresses: [], weight: 1 }],
    middleware: use.map((name) => ({ use: name, config: {} })) as never,
  })
  return rig([route]).then((made) => {
    const instances = ports.map((port, i) => ({ id: `orders-${i + 1}`, address: `127.0.0.1:${port}` }))
    made.services.upstreams.set(
      'orders',
      instances.map((one) => ({ service: 'orders', zone: null, weight: 1, metadata: {}, ...one }) as never as Instance),
    )
    return made
  })
}

function tell(gateway: Rig, timing: Timing): void {
  for (const { context, outcome } of gateway.outcomes) {
    if (context) timing.done(context, outcome, timing.cut(context, outcome))
  }
}

test('a request is told of with its route, its instance and its cut; whole with the trace that it belongs to', async () => {
  await using service = await serve((_req, res) => {
    res.setHeader('server-timing', 'app;dur=0.2, queue;dur=0.1')
    res.end('ok')
  })
  await using gateway = await gatewayTo([service.port])
  await ask(gateway.port, { path: '/cart?card=4111', headers: { traceparent: `00-${TRACE}-${PARENT}-01` } })
  await gateway.ended(1)
  const { attempts, whole, recorder } = recording()
  tell(gateway, new Timing(() => recorder, gateway.services.upstreams))
  expect(attempts).toHaveLength(1)
  const [told] = attempts as [Observation]
  expect(told).toMatchObject({ callee: 'orders', protocol: 'http', failed: false, instance: 'orders-1', route: 'shop' })
  expect(told.cut?.quality).toBe('measured')
  expect(told.cut?.totalMs).toBeGreaterThanOrEqual(told.attempt?.totalMs as number)
  expect(whole).toMatchObject([{ traceId: TRACE, parentId: PARENT, path: '/cart', callee: 'orders', route: 'shop' }])
  expect(whole[0]?.id).toBe(gateway.outcomes[0]?.context?.trace.spanId)
})

test('each attempt counts for its instance, the request once, at the attempt that settles it', async () => {
  let answered = 0
  await using service = await serve((_req, res) => {
    res.statusCode = answered++ === 0 ? 503 : 200
    res.end()
  })
  await using gateway = await gatewayTo([service.port, service.port], ['retry'])
  expect((await ask(gateway.port)).status).toBe(200)
  await gateway.ended(1)
  const { attempts, recorder } = recording()
  tell(gateway, new Timing(() => recorder, gateway.services.upstreams))
  expect(attempts.map(({ failed, cut }) => [failed, cut !== undefined])).toEqual([
    [true, false],
    [false, true],
  ])
})

test('who went away is no failure of the service; a request that reached none is placed nowhere', async () => {
  const client = new AbortController()
  await using service = await serve(() => client.abort())
  await using gateway = await gatewayTo([service.port])
  const { attempts, whole, recorder } = recording()
  await expect(ask(gateway.port, { signal: client.signal })).rejects.toThrow()
  await gateway.ended(1)
  gateway.services.upstreams.set('orders', [])
  expect((await ask(gateway.port)).status).toBe(503)
  await gateway.ended(2)
  tell(gateway, new Timing(() => recorder, gateway.services.upstreams))
  expect(attempts.map(({ failed }) => failed)).toEqual([false])
  expect(whole.map(({ failed }) => failed)).toEqual([false])
})

test('a caller that carries a trace is told what we did ourselves; what the service said stays', async () => {
  await using service = await serve((_req, res) => {
    res.setHeader('server-timing', 'app;dur=0.2, queue;dur=0.1')
    setTimeout(() => res.end('ok'), 30)
  })
  await using gateway = await gatewayTo([service.port])
  const plain = await ask(gateway.port)
  expect(plain.headers['server-timing']).toBe('app;dur=0.2, queue;dur=0.1')
  const traced = await ask(gateway.port, { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } })
  const said = parseServerTiming(traced.headers['server-timing'])
  expect(said).toMatchObject({ appMs: 0.2, queueMs: 0.1 })
  expect(said.gatewayAppMs).toBeGreaterThan(0)
  // The service's 30 ms are no part of it.
  expect(said.gatewayAppMs + said.gatewayQueueMs).toBeLessThan(29)
})

test('of an event stream the time to the first byte is cut; its length stands apart', async () => {
  await using service = await serve((_req, res) => {
    res.setHeader('content-type', 'text/event-stream; charset=utf-8')
    res.write('data: 1\n\n')
    setTimeout(() => res.end(), 80)
  })
  await using gateway = await gatewayTo([service.port])
  // Whatever the request says that it takes: `fetch` says nothing of it.
  await ask(gateway.port)
  await gateway.ended(1)
  const { attempts, recorder } = recording()
  tell(gateway, new Timing(() => recorder, gateway.services.upstreams))
  const cut = attempts[0]?.cut
  expect(cut?.streamMs).toBeGreaterThanOrEqual(70)
  expect(cut?.totalMs).toBe(cut?.firstByteMs)
})

describe('under load', () => {
  afterEach(() => vi.useRealTimers())

  test('objects are made only for failed and slow requests once little traffic is told of', async () => {
    await using service = await serve((_req, res) => void res.end('ok'))
    await using gateway = await gatewayTo([service.port])
    await ask(gateway.port)
    await gateway.ended(1)
    const { attempts, whole, recorder } = recording()
    const timing = new Timing(() => recorder, gateway.services.upstreams)
    const [{ context, outcome }] = gateway.outcomes as [(typeof gateway.outcomes)[number]]
    if (!context) throw new Error('there is no context')
    const cut = timing.cut(context, outcome)
    for (let i = 0; i < 5_000; i++) timing.done(context, outcome, { ...cut, totalMs: 1 })
    expect(attempts).toHaveLength(5_000)
    expect(whole).toHaveLength(102)
    timing.done(context, outcome, { ...cut, totalMs: 900 })
    expect(whole.at(-1)?.cut.totalMs).toBe(900)
    for (let i = 0; i < 5_000; i++) timing.done(context, { ...outcome, status: 502 }, cut)
    expect(whole.filter(({ failed }) => failed)).toHaveLength(100)
    timing.next()
    timing.done(context, outcome, { ...cut, totalMs: 1 })
    expect(whole).toHaveLength(204)
    timing.stop()
  })

  test('calls in flight are looked at again and again, until a second has passed without a request', async () => {
    await using service = await serve((_req, res) => void res.end('ok'))
    await using gateway = await gatewayTo([service.port])
    await ask(gateway.port)
    await gateway.ended(1)
    const { levels, recorder } = recording()
    vi.useFakeTimers()
    const timing = new Timing(() => recorder, gateway.services.upstreams)
    const [upstream] = gateway.services.upstreams.service('orders').all
    if (!upstream) throw new Error('there is no instance')
    upstream.inFlight = 3
    tell(gateway, timing)
    vi.advanceTimersByTime(SAMPLE_MS * 2)
    upstream.inFlight = 0
    vi.advanceTimersByTime(SAMPLE_MS * 2)
    expect(levels).toEqual([
      ['orders', 3, 'http'],
      ['orders', 3, 'http'],
      ['orders', 3, 'http'],
      ['orders', 0, 'http'],
    ])
    expect(vi.getTimerCount()).toBe(1)
    timing.next()
    timing.next()
    vi.advanceTimersByTime(SAMPLE_MS)
    expect(vi.getTimerCount()).toBe(0)
  })
})
