import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  BreakerOpenError,
  BudgetExhaustedError,
  NetworkError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../core/errors.ts'
import { effectivePolicy, type PolicyValues } from '../core/policy.ts'
import { BudgetState } from '../core/retry-budget.ts'
import { Agents } from './attempt.ts'
import { type CallOptions, call } from './call.ts'
import type { BreakerOf } from './call-breakers.ts'
import type { CallRetry } from './call-retry.ts'
import type { Discovery } from './discover.ts'
import { Discovered } from './discovered.ts'
import type { FinishedRequest } from './exemplars.ts'
import { instance } from './fake-control-plane.ts'
import { FakeTime } from './fake-time.ts'
import type { Strike } from './faults.ts'
import { Load } from './load.ts'
import { Retrier } from './retry.ts'
import { NO_RECORDER, type Observation } from './telemetry.ts'
import { systemTime } from './time.ts'
import { incomingTrace, nextTrace, parseTraceparent, withTrace } from './trace.ts'

let agents: Agents
let addresses: string[]
let seen: Observation[]
let finished: FinishedRequest[]
let retry: CallRetry | null
let breakers: BreakerOf | null
let strike: Strike | null
const servers: Server[] = []

beforeEach(() => {
  agents = new Agents()
  addresses = []
  seen = []
  finished = []
  retry = null
  breakers = null
  strike = null
})

afterEach(async () => {
  agents.destroy()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(handler: RequestListener): Promise<Server> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  addresses.push(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  return server
}

/** An address where nobody listens. */
async function deadAddress(): Promise<string> {
  const server = createTcp()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}

/** The first address is always chosen first. */
function invoke(path: string, options: CallOptions = {}) {
  const instances = addresses.map((address, i) => instance(`inventory-${i}`, { address, weight: i === 0 ? 1_000 : 1 }))
  const facts = { level: 'eventual', lastResort: false, total: instances.length } as const
  const list = Discovered.list(instances, facts, { appliedSeq: 1, headSeq: 1, staleMs: 0 })
  const discovery = { local: () => list } as unknown as Discovery
  const load = new Load(new FakeTime(), () => 0.5)
  return call(
    {
      discovery,
      load,
      agents,
      recorder: { ...NO_RECORDER, wants: () => true, record: (o) => seen.push(o), exemplar: (e) => finished.push(e) },
      ...(retry ? { retry } : {}),
      ...(breakers ? { breakers } : {}),
      ...(strike ? { faults: { strike: () => strike } } : {}),
    },
    'inventory',
    path,
    options,
  )
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

describe('a call that succeeds', () => {
  test('sends JSON, reads JSON, and says who answered and where the time went', async () => {
    await listen(async (request, response) => {
      const body = JSON.parse(await bodyOf(request))
      response.setHeader('server-timing', 'app;dur=0.01, queue;dur=0.02')
      response.end(JSON.stringify({ method: request.method, type: request.headers['content-type'], body }))
    })
    const answer = await invoke('/reserve?x=1', { body: { sku: 'tea' }, headers: { 'X-Tenant': 'a' } })
    expect(answer.json()).toEqual({ method: 'POST', type: 'application/json', body: { sku: 'tea' } })
    expect(answer).toMatchObject({ status: 200, ok: true, attempts: 1, instance: { id: 'inventory-0' } })
    const { totalMs, networkMs, processingMs, queueMs, quality } = answer.timing
    expect(processingMs).toBeGreaterThanOrEqual(0.01)
    expect(networkMs + processingMs + queueMs).toBeCloseTo(totalMs, 6)
    expect(quality).toBe('measured')
    expect(seen).toEqual([expect.objectContaining({ callee: 'inventory', protocol: 'http', failed: false })])
  })

  test('a service that tells nothing: connecting and sending are known, the rest is nobody’s', async () => {
    await listen((_, response) => response.end())
    const { totalMs, networkMs, processingMs, queueMs, unattributedMs, quality } = (await invoke('/')).timing
    expect(quality).toBe(unattributedMs > 0 ? 'partial' : 'estimated')
    expect(networkMs).toBeGreaterThan(0)
    expect(networkMs + processingMs + queueMs + unattributedMs).toBeCloseTo(totalMs, 6)
  })

  test('what a gateway on the way tells of its inside is no network', async () => {
    await listen((_, response) => {
      response.setHeader('server-timing', 'app;dur=0, queue;dur=0, gateway-app;dur=1e9, gateway-app;dur=900000')
      response.end()
    })
    const { clamped, processingMs, quality } = (await invoke('/')).timing
    expect([clamped, quality]).toEqual([true, 'measured'])
    expect(processingMs).toBeGreaterThan(0)
  })

  test('continues the trace it is part of, else begins one', async () => {
    const headers: (string | undefined)[] = []
    await listen((request, response) => {
      headers.push(request.headers.traceparent as string)
      response.end()
    })
    const outer = { ...nextTrace(undefined), flags: 0 }
    const inner = await withTrace(outer, () => invoke('/'))
    const own = await invoke('/')
    expect(inner.traceId).toBe(outer.traceId)
    expect(parseTraceparent(headers[0])).toMatchObject({ traceId: outer.traceId, flags: 0 })
    expect(parseTraceparent(headers[0])?.spanId).not.toBe(outer.spanId)
    expect(parseTraceparent(headers[1])).toMatchObject({ traceId: own.traceId, flags: 1 })
  })

  test('tells of its attempts and of the request as a whole, as part of the trace it was made in', async () => {
    await listen((_, response) => response.end())
    const outer = incomingTrace({ traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })
    const answer = await withTrace(outer, () => invoke('/orders?q=1', { route: '/orders' }))
    expect(finished).toEqual([
      expect.objectContaining({ traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), route: '/orders', failed: false }),
    ])
    expect(finished[0]?.cut).toBe(answer.timing)
    expect(seen).toEqual([expect.objectContaining({ instance: 'inventory-0', attempt: expect.anything() })])
    addresses = [await deadAddress()]
    await invoke('/').catch(() => undefined)
    expect(finished[1]).toMatchObject({ failed: true, status: null, error: expect.stringContaining('inventory-0') })
  })

  test('every status resolves; 5xx counts as an error on the map, 4xx does not', async () => {
    await listen((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end('no')
    })
    expect(await invoke('/404')).toMatchObject({ ok: false, status: 404 })
    expect(await invoke('/500')).toMatchObject({ ok: false, status: 500, attempts: 1 })
    expect(seen.map((o) => o.failed)).toEqual([false, true])
  })

  test('keeps its socket for the next call', async () => {
    const ports = new Set<number | undefined>()
    await listen((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('ok')
    })
    for (let i = 0; i < 5; i++) await invoke('/')
    expect(ports.size).toBe(1)
  })
})

describe('a call that fails', () => {
  test('a refused connection is tried once more elsewhere, even for POST: nothing was sent', async () => {
    addresses.push(await deadAddress())
    await listen((_, response) => response.end('ok'))
    const answer = await invoke('/', { method: 'POST', body: { a: 1 } })
    expect(answer).toMatchObject({ status: 200, attempts: 2, instance: { id: 'inventory-1' } })
    expect(seen.map((o) => o.failed)).toEqual([true, false])
  })

  test('two refusals are enough', async () => {
    addresses.push(await deadAddress(), await deadAddress(), await deadAddress())
    const failure = await invoke('/').catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(NetworkError)
    expect(failure).toMatchObject({ retryable: true, details: { sent: false, errno: 'ECONNREFUSED' } })
    expect(seen).toHaveLength(2)
  })

  test('a connection that breaks after sending: GET goes elsewhere, POST does not', async () => {
    let reached = 0
    await listen((request) => {
      reached++
      request.socket.destroy()
    })
    await listen((_, response) => response.end('ok'))
    const failure = await invoke('/', { method: 'POST', body: 'x' }).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(NetworkError)
    expect(failure).toMatchObject({ details: { sent: true } })
    expect(reached).toBe(1)
    expect(await invoke('/')).toMatchObject({ attempts: 2, status: 200 })
    expect(await invoke('/', { method: 'POST', body: 'x', idempotent: true })).toMatchObject({ attempts: 2 })
  })

  test('no answer in time is a TimeoutError that names the instance, and is not tried again', async () => {
    await listen(() => {})
    await listen((_, response) => response.end('ok'))
    const failure = await invoke('/', { timeoutMs: 40 }).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(TimeoutError)
    expect((failure as Error).message).toMatch(/"inventory" \(inventory-0 at .*\) did not answer within 40 ms/)
    expect(seen).toHaveLength(1)
  })

  test('the caller may give up, with its own reason', async () => {
    const server = await listen(() => {})
    const controller = new AbortController()
    const pending = invoke('/', { signal: controller.signal })
    server.once('request', () => controller.abort(new Error('changed my mind')))
    await expect(pending).rejects.toThrow('changed my mind')
    await expect(invoke('/', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  })

  test('an answer past the bound is refused and its connection closed', async () => {
    let closed = false
    await listen((request, response) => {
      request.socket.once('close', () => {
        closed = true
      })
      response.end('x'.repeat(100_000))
    })
    await expect(invoke('/', { bytesMax: 1_000 })).rejects.toThrow(/larger than 1000 bytes/)
    await vi.waitFor(() => expect(closed).toBe(true))
  })

  test('an answer cut short is a NetworkError', async () => {
    await listen((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('short')
      setImmediate(() => response.destroy())
    })
    await expect(invoke('/', { method: 'POST' })).rejects.toBeInstanceOf(NetworkError)
  })

  test('nobody to call, bad paths and answers that are no JSON say so', async () => {
    await expect(invoke('/')).rejects.toBeInstanceOf(ServiceUnavailableError)
    await expect(invoke('no-slash')).rejects.toBeInstanceOf(ValidationError)
    await listen((_, response) => response.end('<html>'))
    const answer = await invoke('/')
    expect(() => answer.json()).toThrow(ValidationError)
  })
})

describe('a call that is tried again by a policy', () => {
  const by = (values: PolicyValues = {}): CallRetry => {
    const retrier = new Retrier(systemTime, () => 0)
    const { policy } = effectivePolicy('call', values)
    const budget = policy.budget && new BudgetState(policy.budget, 0)
    return (_, attempt, options) => retrier.execute({ name: 'call', policy, budget }, attempt, options)
  }

  test('an answer of 503 to what may be repeated; the last one is the answer', async () => {
    retry = by()
    let asked = 0
    await listen((_, response) => response.writeHead(++asked % 3 === 0 ? 200 : 503).end())
    expect(await invoke('/')).toMatchObject({ status: 200, attempts: 3 })
    expect(await invoke('/', { retry: false })).toMatchObject({ status: 503, attempts: 1 })
    asked = 0
    retry = by({ maxRetries: 1 })
    const answer = await invoke('/')
    expect(answer).toMatchObject({ status: 503, attempts: 2 })
    const { totalMs, networkMs, processingMs, queueMs, unattributedMs } = answer.timing
    expect(networkMs + processingMs + queueMs + unattributedMs).toBeCloseTo(totalMs, 6)
    expect(queueMs).toBeGreaterThan(0)
  })

  test('what may have had its effect is not; what was declined is', async () => {
    retry = by()
    let asked = 0
    await listen((_, response) => response.writeHead(++asked === 1 ? 503 : asked === 2 ? 429 : 200).end())
    expect(await invoke('/', { method: 'POST', body: 'x' })).toMatchObject({ status: 503, attempts: 1 })
    expect(await invoke('/', { method: 'POST', body: 'x' })).toMatchObject({ status: 200, attempts: 2 })
  })

  test('with everything down it ends by the policy, and says so by what failed', async () => {
    retry = by()
    addresses.push(await deadAddress(), await deadAddress(), await deadAddress())
    await expect(invoke('/')).rejects.toBeInstanceOf(NetworkError)
    expect(seen).toHaveLength(4)
  })

  test('a spent budget is told at once; an answer is still the answer', async () => {
    retry = by({ budget: { name: null, ratio: 0.2, perSecond: 0, concurrentMin: 3 } })
    addresses.push(await deadAddress())
    await expect(invoke('/')).rejects.toBeInstanceOf(BudgetExhaustedError)
    addresses = []
    await listen((_, response) => response.writeHead(503).end())
    expect(await invoke('/')).toMatchObject({ status: 503, attempts: 1 })
  })

  test('the time of the call bounds it all, and the error names whom it waited for', async () => {
    retry = by()
    await listen(() => {})
    await expect(invoke('/', { timeoutMs: 40 })).rejects.toThrow(/\(inventory-0 at .*\) did not answer within 40 ms/)
    retry = by({ initialDelayMs: 5_000, maxDelayMs: 5_000, jitter: 'none' })
    addresses = [await deadAddress()]
    await expect(invoke('/', { timeoutMs: 40 })).rejects.toThrow(/did not answer within 40 ms, the only attempt failed/)
    const controller = new AbortController()
    const pending = invoke('/', { signal: controller.signal })
    setImmediate(() => controller.abort(new Error('changed my mind')))
    await expect(pending).rejects.toThrow('changed my mind')
  })
})

describe('a call through breakers', () => {
  let outcomes: string[]
  let open: Set<string>
  beforeEach(() => {
    outcomes = []
    open = new Set()
    breakers = (service, instance) => ({
      async enter({ signal } = {}) {
        const name = instance ?? service
        if (open.has(name)) throw new BreakerOpenError(`"${name}" is open`)
        return { signal: signal as AbortSignal, settle: (outcome) => outcomes.push(`${name} ${outcome}`) }
      },
    })
  })

  test('the service and the instance learn how it ended; an instance that was passed over is its own failure only', async () => {
    addresses.push(await deadAddress())
    await listen((request, response) => response.writeHead(Number(request.url?.slice(1))).end())
    await invoke('/200')
    expect(outcomes).toEqual(['inventory-0 failure', 'inventory-1 success', 'inventory success'])
    outcomes = []
    addresses.shift()
    await invoke('/500')
    await invoke('/404')
    expect(outcomes).toEqual(['inventory-0 failure', 'inventory failure', 'inventory-0 success', 'inventory success'])
    outcomes = []
    await invoke('/500', { breaker: false })
    expect(outcomes).toEqual([])
  })

  test('an open instance is not chosen; an open service, or nobody but open instances, is told at once', async () => {
    await listen((_, response) => response.end('0'))
    await listen((_, response) => response.end('1'))
    open.add('inventory-0')
    expect(await invoke('/')).toMatchObject({ instance: { id: 'inventory-1' }, attempts: 1 })
    open.add('inventory-1')
    await expect(invoke('/')).rejects.toBeInstanceOf(BreakerOpenError)
    open.clear()
    open.add('inventory')
    outcomes = []
    await expect(invoke('/')).rejects.toThrow('"inventory" is open')
    expect([outcomes, seen.length]).toEqual([[], 1])
  })

  test('a caller that gives up says nothing about whom it called; running out of time does', async () => {
    const server = await listen(() => {})
    const controller = new AbortController()
    const pending = invoke('/', { signal: controller.signal })
    server.once('request', () => controller.abort(new Error('changed my mind')))
    await expect(pending).rejects.toThrow('changed my mind')
    expect(outcomes).toEqual(['inventory-0 ignored', 'inventory ignored'])
    outcomes = []
    await expect(invoke('/', { timeoutMs: 30 })).rejects.toBeInstanceOf(TimeoutError)
    expect(outcomes).toEqual(['inventory-0 failure', 'inventory failure'])
  })
})

describe('a fault made on purpose', () => {
  const fault = { id: 'fault_1', abortStatus: 503, reason: 'a drill' } as NonNullable<Strike['abort']>

  test('delays an attempt, as time on the network', async () => {
    await listen((_request, response) => {
      response.setHeader('server-timing', 'app;dur=0.01, queue;dur=0')
      response.end('ok')
    })
    strike = { delayMs: 40, abort: null }
    const { status, timing } = await invoke('/charge')
    expect(status).toBe(200)
    // Node's timers go off up to 1 ms early by the clock that is measured with.
    expect(timing.networkMs).toBeGreaterThanOrEqual(39)
    expect(timing).toMatchObject({ quality: 'measured', clamped: false })
    const { totalMs, networkMs, processingMs, queueMs, unattributedMs } = timing
    expect(networkMs + processingMs + queueMs + unattributedMs).toBeCloseTo(totalMs, 6)
    expect(seen[0]?.durationMs).toBeGreaterThanOrEqual(39)
  })

  test('answers in the place of the instance, which hears nothing of it', async () => {
    let asked = 0
    await listen((_request, response) => {
      asked++
      response.end()
    })
    strike = { delayMs: 0, abort: fault }
    const answer = await invoke('/charge')
    expect(answer).toMatchObject({ status: 503, headers: { 'holdfast-fault': 'fault_1' } })
    expect(answer.json()).toMatchObject({ status: 503, detail: expect.stringContaining('a drill') })
    expect(asked).toBe(0)
    expect(seen).toMatchObject([{ callee: 'inventory', failed: true }])
  })

  test('is tried again as any such answer, and stops with the time of the call', async () => {
    await listen((_request, response) => response.end())
    strike = { delayMs: 0, abort: fault }
    let passes = 0
    retry = (_policy, attempt, options) => {
      const { policy } = effectivePolicy('call', null, { maxRetries: 2, initialDelayMs: 1, maxDelayMs: 1 })
      const rule = { name: 'call', policy, budget: null }
      return new Retrier(systemTime, () => 0).execute(
        rule,
        (signal, n) => {
          passes++
          return attempt(signal, n)
        },
        options,
      )
    }
    expect((await invoke('/charge')).status).toBe(503)
    expect(passes).toBe(3)
    strike = { delayMs: 60_000, abort: null }
    await expect(invoke('/charge', { timeoutMs: 30 })).rejects.toBeInstanceOf(TimeoutError)
  })
})
