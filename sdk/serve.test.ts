import { request as requestHttp } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { type Handler, type HttpService, type ServeOptions, serve } from './serve.ts'
import { parseServerTiming } from './server-timing.ts'
import { currentTrace, parseTraceparent } from './trace.ts'

const services: HttpService[] = []

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop()
})

async function started(handler: Handler, options: ServeOptions = {}): Promise<HttpService> {
  const service = await serve(handler, { signals: false, ...options })
  services.push(service)
  return service
}

const get = (service: HttpService, path = '/', headers: Record<string, string> = {}) =>
  fetch(`http://${service.address}${path}`, { headers: { connection: 'close', ...headers } })

/** Lets a test decide when something goes on. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('listens on a free port and answers health checks by itself', async () => {
  const service = await started((_, response) => response.end('hello'))
  expect(service.address).toBe(`127.0.0.1:${service.port}`)
  expect(await (await get(service)).text()).toBe('hello')
  const health = await get(service, '/healthz?x')
  expect(health.status).toBe(200)
  expect(await health.json()).toEqual({ status: 'ok' })
})

test.each([
  [{ status: 'warning', note: 'disk' } as const, 429],
  [{ status: 'failing', note: 'no database' } as const, 503],
])('tells %o with status %i', async (report, status) => {
  const service = await started(() => {}, { health: () => report })
  const answer = await get(service, '/healthz')
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual(report)
})

test('a health function that throws is a failing one', async () => {
  const service = await started(() => {}, { health: () => Promise.reject(new Error('boom')) })
  const answer = await get(service, '/healthz')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ status: 'failing', note: 'boom' })
})

test('emits Server-Timing, with and without an explicit head, before what the handler says itself', async () => {
  const service = await started((request, response) => {
    if (request.url === '/own') response.setHeader('Server-Timing', 'db;dur=1')
    if (request.url === '/head') response.writeHead(201, { 'x-a': 'b' })
    response.end('ok')
  })
  const plain = await get(service)
  expect(parseServerTiming(plain.headers.get('server-timing') ?? '').appMs).toBeGreaterThanOrEqual(0)
  const head = await get(service, '/head')
  expect(head.status).toBe(201)
  expect(head.headers.get('x-a')).toBe('b')
  expect(head.headers.get('server-timing')).toContain('app;dur=')
  expect((await get(service, '/own')).headers.get('server-timing')).toMatch(/^app;dur=.*, queue;dur=.*, db;dur=1$/)
})

test('continues the trace of its caller and ignores a malformed one', async () => {
  const service = await started((_, response) => response.end(currentTrace()?.traceId))
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(await (await get(service, '/', { traceparent })).text()).toBe(parseTraceparent(traceparent)?.traceId)
  expect(await (await get(service, '/', { traceparent: 'nonsense' })).text()).toMatch(/^[0-9a-f]{32}$/)
})

test('a handler that throws answers 500 and says nothing of its inside', async () => {
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const service = await started(() => Promise.reject(new Error('secret')))
  const answer = await get(service)
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('secret')
  expect(warning).toHaveBeenCalled()
  warning.mockRestore()
})

test('past its concurrency requests wait, are told so, and past the queue are turned away', async () => {
  const { opened, open } = gate()
  const service = await started(
    async (_, response) => {
      await opened
      response.end('ok')
    },
    { concurrencyMax: 1, queueMax: 1 },
  )
  const first = get(service)
  await vi.waitFor(() => expect(service.inFlight).toBe(1))
  const second = get(service)
  await vi.waitFor(() => expect(service.inFlight).toBe(2))
  const third = await get(service)
  expect(third.status).toBe(503)
  expect(third.headers.get('retry-after')).toBe('1')
  open()
  expect((await first).status).toBe(200)
  const waited = await second
  expect(parseServerTiming(waited.headers.get('server-timing') ?? '').queueMs).toBeGreaterThan(0)
})

test('stopping: health turns 503, requests in flight are finished, new connections refused', async () => {
  const { opened, open } = gate()
  const service = await started(async (_, response) => {
    await opened
    response.end('done')
  })
  const inFlight = get(service)
  await vi.waitFor(() => expect(service.inFlight).toBe(1))
  service.startDraining()
  expect((await get(service, '/healthz')).status).toBe(503)
  const stopped = service.stop()
  await expect(get(service)).rejects.toThrow()
  open()
  expect(await (await inFlight).text()).toBe('done')
  await stopped
  expect(service.server.listening).toBe(false)
})

test('a request that never ends holds up the stop for no longer than the drain time', async () => {
  const service = await started(() => {}, { drainTimeoutMs: 30 })
  const request = requestHttp(`http://${service.address}/`)
  const broken = new Promise((resolve) => request.once('error', resolve))
  request.end()
  await vi.waitFor(() => expect(service.inFlight).toBe(1))
  await service.stop()
  expect(await broken).toBeInstanceOf(Error)
})

test('a port that is taken is an error of serve itself', async () => {
  const service = await started(() => {})
  await expect(serve(() => {}, { port: service.port, signals: false })).rejects.toThrow(/EADDRINUSE/)
})
