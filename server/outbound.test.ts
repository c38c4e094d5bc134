import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../core/clock.ts'
import { HoldfastError, ValidationError } from '../core/errors.ts'
import type { Scheduler } from './loops.ts'
import { createOutbound, type Lookup, type OutboundOptions, OutboundRefused } from './outbound.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) => listen(createServer(answer))
const serveTcp = (answer: (socket: Socket) => void) => listen(createTcpServer(answer))

function outbound(options: Partial<OutboundOptions> = {}) {
  return createOutbound({
    allow: [],
    loopbackAllowed: true,
    clock: { monotonic: () => performance.now(), wall: () => 0 },
    log: pino({ level: 'silent' }),
    ...options,
  })
}

async function failure(work: Promise<unknown>): Promise<HoldfastError> {
  const error = await work.then(
    () => expect.fail('it was answered'),
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(HoldfastError)
  return error as HoldfastError
}

/** Timers that go off when told to: a deadline passes without waiting for it. */
class HandTimers implements Scheduler {
  readonly #pending = new Set<() => void>()
  set(run: () => void): unknown {
    this.#pending.add(run)
    return run
  }
  clear(handle: unknown): void {
    this.#pending.delete(handle as () => void)
  }
  fire(): void {
    for (const run of [...this.#pending]) run()
  }
  get size(): number {
    return this.#pending.size
  }
}

const usual = { timeoutMs: 5_000, maxBytes: 10_000 }

describe('an HTTP call', () => {
  it('sends what it is given and returns what comes back', async () => {
    const seen: { method?: string | undefined; url?: string | undefined; headers?: object; body?: string } = {}
    const port = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      Object.assign(seen, { method: request.method, url: request.url, headers: request.headers, body })
      response.writeHead(201, { 'x-answer': 'yes' }).end('made')
    })
    const answer = await outbound().http({
      url: `http://127.0.0.1:${port}/things?a=1`,
      method: 'post',
      headers: { 'X-Trace': 'abc' },
      body: '{"n":1}',
      ...usual,
    })
    expect(answer).toMatchObject({ status: 201, truncated: false, remote: '127.0.0.1' })
    expect(answer.headers['x-answer']).toBe('yes')
    expect(answer.body.toString()).toBe('made')
    expect(answer.durationMs).toBeGreaterThan(0)
    expect(seen).toMatchObject({ method: 'POST', url: '/things?a=1', body: '{"n":1}' })
    expect(seen.headers).toMatchObject({ 'x-trace': 'abc', host: `127.0.0.1:${port}`, connection: 'close' })
  })

  it('does not follow a redirect', async () => {
    const visits: string[] = []
    const port = await serve((request, response) => {
      visits.push(request.url ?? '')
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
    })
    const answer = await outbound().http({ address: `127.0.0.1:${port}`, path: '/health', ...usual })
    expect(answer.status).toBe(302)
    expect(visits).toEqual(['/health'])
  })

  it('reads no more of an endless body than it was told to, and hangs up', async () => {
    let hungUp: () => void = () => {}
    const gone = new Promise<void>((resolve) => {
      hungUp = resolve
    })
    const port = await serve((_request, response) => {
      response.on('close', hungUp)
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
      }
      response.on('drain', pour)
      pour()
    })
    const answer = await outbound().http({ address: `127.0.0.1:${port}`, path: '/', timeoutMs: 5_000, maxBytes: 1_000 })
    expect(answer).toMatchObject({ status: 200, truncated: true })
    expect(answer.body).toHaveLength(1_000)
    await gone
  })

  it.each([
    ['no answer at all', () => {}, 'answer'],
    ['a status line that drips', (socket: Socket) => socket.write('HTTP/1.1 2'), 'answer'],
    ['headers that never end', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nx-a: 1\r\n'), 'answer'],
    [
      'a body that never ends',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
      'body',
    ],
  ] as const)('ends in time on %s', async (_what, answer, phase) => {
    const timers = new HandTimers()
    let reached: (socket: Socket) => void = () => {}
    const asked = new Promise<Socket>((resolve) => {
      reached = resolve
    })
    const port = await serveTcp((socket) => {
      socket.once('data', () => {
        answer(socket)
        reached(socket)
      })
    })
    const out = outbound({ scheduler: timers })
    const pending = failure(out.http({ address: `127.0.0.1:${port}`, path: '/', timeoutMs: 200, maxBytes: 100 }))
    const socket = await asked
    // The bytes it did send have to arrive before the time is up, or the phase would be the one before.
    if (phase === 'body') await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(0), { timeout: 10_000 })
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    timers.fire()
    const error = await pending
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { phase } })
    expect(error.message).toContain('200 ms')
    await once(socket, 'close')
    expect(timers.size).toBe(0)
    expect(out.stats().inFlight).toBe(0)
  })

  it('is limited in real time too', async () => {
    const port = await serveTcp(() => {})
    const begun = performance.now()
    const error = await failure(
      outbound().http({ address: `127.0.0.1:${port}`, path: '/', timeoutMs: 60, maxBytes: 1 }),
    )
    expect(error.code).toBe('TIMEOUT')
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  it('refuses headers that are too large', async () => {
    const port = await serveTcp((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`))
    const error = await failure(outbound().http({ address: `127.0.0.1:${port}`, path: '/', ...usual }))
    expect(error).toMatchObject({ code: 'NETWORK', details: { cause: 'HPE_HEADER_OVERFLOW', local: false } })
  })

  it('is not switched to another protocol', async () => {
    const port = await serveTcp((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    )
    const error = await failure(outbound().http({ address: `127.0.0.1:${port}`, path: '/', ...usual }))
    expect(error.code).toBe('NETWORK')
  })

  it('says that an answer is not HTTP', async () => {
    const port = await serveTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
    const error = await failure(outbound().http({ address: `127.0.0.1:${port}`, path: '/', ...usual }))
    expect(error.message).toContain('not valid HTTP')
  })

  it('says that the connection was refused, as news from the other side', async () => {
    const port = await serve(() => {})
    await Promise.all(closers.splice(0).map((close) => close()))
    const error = await failure(outbound().http({ address: `127.0.0.1:${port}`, path: '/', ...usual }))
    expect(error).toMatchObject({ code: 'NETWORK', details: { cause: 'ECONNREFUSED', phase: 'connect', local: false } })
    expect(error.message).toBe(`127.0.0.1:${port}: connection refused.`)
  })

  it('can be given up', async () => {
    const port = await serveTcp(() => {})
    const giveUp = new AbortController()
    const out = outbound()
    const pending = failure(out.http({ address: `127.0.0.1:${port}`, path: '/', ...usual, signal: giveUp.signal }))
    giveUp.abort()
    expect(await pending).toMatchObject({ code: 'NETWORK', details: { cause: 'aborted', local: true } })
    expect(out.stats().inFlight).toBe(0)
    expect(
      (await failure(out.http({ address: `127.0.0.1:${port}`, path: '/', ...usual, signal: giveUp.signal }))).code,
    ).toBe('NETWORK')
  })

  it('uses no proxy that the environment names', async () => {
    const proxied: string[] = []
    const proxy = await serve((request, response) => {
      proxied.push(request.url ?? '')
      response.end('from the proxy')
    })
    const port = await serve((_request, response) => response.end('from the service'))
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, `http://127.0.0.1:${proxy}`)
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    try {
      const answer = await outbound().http({ address: `127.0.0.1:${port}`, path: '/', ...usual })
      expect(answer.body.toString()).toBe('from the service')
      expect(proxied).toEqual([])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it.each([
    [{ url: 'ftp://127.0.0.1/' }, 'http or https'],
    [{ url: 'http://user:secret@127.0.0.1/' }, 'user name'],
    [{ address: '127.0.0.1', path: '/' }, 'host:port'],
    [{ address: '127.0.0.1:99999', path: '/' }, 'host:port'],
    [{ address: '127.0.0.1:80/x', path: '/' }, 'host:port'],
    [{ address: 'a@b:80', path: '/' }, 'host:port'],
    [{ address: '127.0.0.1:80', path: 'http://elsewhere/' }, 'begin with "/"'],
    [{ address: '127.0.0.1:80', path: '/ HTTP/1.1\r\nhost: x' }, 'begin with "/"'],
    [{ address: '127.0.0.1:80', path: `/${'a'.repeat(9_000)}` }, 'longer'],
    [{ address: '127.0.0.1:80', path: '/', method: 'CONNECT' }, 'method'],
    [{ address: '127.0.0.1:80', path: '/', headers: { Host: 'x' } }, '"host"'],
    [{ address: '127.0.0.1:80', path: '/', headers: { 'Transfer-Encoding': 'chunked' } }, '"transfer-encoding"'],
    [{ address: '127.0.0.1:80', path: '/', headers: { a: 'b\r\nc: d' } }, 'HTTP does not allow'],
    [{ address: '127.0.0.1:80', path: '/', headers: { a: 'x'.repeat(20_000) } }, 'larger than'],
    [{ address: '127.0.0.1:80', path: '/', timeoutMs: 0 }, 'timeoutMs'],
  ])('is refused before anything is sent: %j', async (parts, words) => {
    const error = await failure(
      outbound().http({ ...usual, ...parts } as Parameters<ReturnType<typeof outbound>['http']>[0]),
    )
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).toContain(words)
  })
})

describe('where calls go', () => {
  const never = [
    '169.254.169.254:80',
    '[fe80::1]:80',
    '[::ffff:169.254.169.254]:80',
    '0.0.0.0:80',
    '[64:ff9b::a9fe:a9fe]:80',
  ]

  it.each(never)('%s is refused even when everything is allowed', async (address) => {
    const out = outbound({ allow: ['0.0.0.0/0', '::/0'] })
    for (const call of [out.http({ address, path: '/', ...usual }), out.tcp({ address, timeoutMs: 100 })]) {
      const error = await failure(call)
      expect(error).toBeInstanceOf(OutboundRefused)
      expect(error).toMatchObject({ code: 'FORBIDDEN', details: { cause: 'outbound-refused' } })
    }
    expect(out.stats().refused).toBe(2)
  })

  it.each(['2130706433:80', '0x7f.1:80', '127.1:80', '017700000001:80'])(
    '%s is judged by what it resolves to',
    async (address) => {
      expect(await failure(outbound({ loopbackAllowed: false }).tcp({ address, timeoutMs: 2_000 }))).toMatchObject({
        details: expect.objectContaining({ cause: expect.stringMatching(/outbound-refused|ENOTFOUND|EAI_AGAIN/) }),
      })
    },
  )

  it('not to loopback when the control plane can be reached from elsewhere', async () => {
    const port = await serve((_request, response) => response.end())
    const error = await failure(
      outbound({ loopbackAllowed: false }).http({ address: `127.0.0.1:${port}`, path: '/', ...usual }),
    )
    expect(error).toBeInstanceOf(OutboundRefused)
  })

  it('not to a name of which one address is forbidden', async () => {
    const lookup: Lookup = async () => ['10.0.0.1', '169.254.169.254']
    const error = await failure(outbound({ lookup }).tcp({ address: 'mixed.example:80', timeoutMs: 100 }))
    expect(error).toBeInstanceOf(OutboundRefused)
  })

  it.each([['fe80::1%eth0'], ['not-an-address'], ['']])('not to a name that resolves to %j', async (address) => {
    const error = await failure(
      outbound({ lookup: async () => [address] }).tcp({ address: 'odd.example:80', timeoutMs: 100 }),
    )
    expect(error).toBeInstanceOf(OutboundRefused)
  })

  it('to the address that was checked, when the name changes its mind between two look-ups', async () => {
    const port = await serve((request, response) => response.end(request.headers.host))
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    const lookup = vi.fn<Lookup>(async () => answers.shift() ?? [])
    const out = outbound({ lookup })
    const first = await out.http({ address: `rebind.example:${port}`, path: '/', ...usual })
    expect(first.remote).toBe('127.0.0.1')
    expect(first.body.toString()).toBe(`rebind.example:${port}`)
    expect(lookup).toHaveBeenCalledTimes(1)
    expect(await failure(out.http({ address: `rebind.example:${port}`, path: '/', ...usual }))).toBeInstanceOf(
      OutboundRefused,
    )
  })

  it('to the next address of a name when the first refuses', async () => {
    const port = await serve((_request, response) => response.end('here'))
    const lookup: Lookup = async () => ['127.0.0.2', '127.0.0.1']
    const answer = await outbound({ lookup }).http({ address: `both.example:${port}`, path: '/', ...usual })
    expect(answer.remote).toBe('127.0.0.1')
  })

  it('nowhere while a name does not resolve, within the time of the whole call', async () => {
    const timers = new HandTimers()
    const out = outbound({ lookup: () => new Promise(() => {}), scheduler: timers })
    const pending = failure(out.tcp({ address: 'slow.example:80', timeoutMs: 300 }))
    timers.fire()
    expect(await pending).toMatchObject({ code: 'TIMEOUT', details: { phase: 'resolve' } })
  })

  it.each([
    ['EAI_AGAIN', true],
    ['ENOTFOUND', false],
  ])('nowhere on %s, which is %s to be our own trouble', async (code, local) => {
    const lookup: Lookup = () => Promise.reject(Object.assign(new Error(code), { code }))
    const error = await failure(outbound({ lookup }).tcp({ address: 'gone.example:80', timeoutMs: 300 }))
    expect(error).toMatchObject({ code: 'NETWORK', details: { cause: code, phase: 'resolve', local } })
  })

  it('asks once for a name that several calls want at the same time', async () => {
    const port = await serveTcp((socket) => socket.end())
    const lookup = vi.fn<Lookup>(async () => ['127.0.0.1'])
    const out = outbound({ lookup })
    await Promise.all(Array.from({ length: 5 }, () => out.tcp({ address: `shared.example:${port}`, timeoutMs: 1_000 })))
    expect(lookup).toHaveBeenCalledTimes(1)
  })

  it('keeps a turn for other names while some do not resolve', async () => {
    const clock = new FakeClock()
    const stuck: ((error: Error) => void)[] = []
    const lookup: Lookup = (host) =>
      host.startsWith('dead') ? new Promise((_resolve, reject) => stuck.push(reject)) : Promise.resolve(['127.0.0.1'])
    const port = await serveTcp((socket) => socket.end())
    const out = outbound({ lookup, clock })
    const call = (host: string) => failure(out.tcp({ address: `${host}:80`, timeoutMs: 1_000 }))
    const first = ['dead-1', 'dead-2'].map(call)
    await vi.waitFor(() => expect(stuck).toHaveLength(2), { timeout: 10_000 })
    clock.advance(20_000)
    for (const reject of stuck.splice(0)) reject(Object.assign(new Error(), { code: 'EAI_AGAIN' }))
    await Promise.all(first)
    const second = ['dead-1', 'dead-2'].map(call)
    await out.tcp({ address: `alive:${port}`, timeoutMs: 1_000 })
    expect(stuck).toHaveLength(1)
    stuck[0]?.(Object.assign(new Error(), { code: 'EAI_AGAIN' }))
    await vi.waitFor(() => expect(stuck).toHaveLength(2), { timeout: 10_000 })
    stuck[1]?.(Object.assign(new Error(), { code: 'EAI_AGAIN' }))
    await Promise.all(second)
  })
})

describe('how many calls at once', () => {
  let port: number
  beforeEach(async () => {
    port = await serveTcp(() => {})
  })

  it('is bounded for one target and in total, and told at once', async () => {
    const out = outbound({ totalMax: 3, perTargetMax: 2 })
    const giveUp = new AbortController()
    const call = (host: string) =>
      failure(out.http({ address: `${host}:${port}`, path: '/', ...usual, signal: giveUp.signal }))
    const pending = [call('127.0.0.1'), call('127.0.0.1'), call('localhost')]
    expect(out.stats().inFlight).toBe(3)
    expect(await call('127.0.0.1')).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
      details: { cause: 'outbound-busy' },
    })
    expect((await call('10.0.0.1')).message).toContain('3 outgoing calls')
    giveUp.abort()
    await Promise.all(pending)
    expect(out.stats().inFlight).toBe(0)
  })
})

describe('a TCP call', () => {
  it('connects and hangs up', async () => {
    let closed: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      closed = resolve
    })
    const port = await serveTcp((socket) => {
      socket.resume()
      socket.once('end', closed)
    })
    expect(await outbound().tcp({ address: `127.0.0.1:${port}`, timeoutMs: 1_000 })).toMatchObject({
      remote: '127.0.0.1',
    })
    await done
  })

  it('says that nobody listens', async () => {
    const port = await serveTcp(() => {})
    await Promise.all(closers.splice(0).map((close) => close()))
    const probe = connect(port, '127.0.0.1')
    await once(probe, 'error')
    const error = await failure(outbound().tcp({ address: `127.0.0.1:${port}`, timeoutMs: 1_000 }))
    expect(error).toMatchObject({ code: 'NETWORK', details: { cause: 'ECONNREFUSED' } })
  })
})
