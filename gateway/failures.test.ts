/** What goes wrong on either side, when it is tried again, faults on purpose, and changes under load (G5, G7). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { Fault } from '../core/gateway/fault.ts'
import type { MiddlewareConfig } from '../core/gateway/fields.ts'
import { cutLatency } from '../core/latency.ts'
import { judge } from './testing/judge.ts'
import { ask, readAll, serve } from './testing/plain.ts'
import { exchange, open } from './testing/raw-client.ts'
import { type Rig, rig, routeTo } from './testing/rig.ts'

const step = (use: string, config: MiddlewareConfig = {}) => ({ use, config })
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const until = async (is: () => boolean) => {
  while (!is()) await turn()
}
const part = (body: Buffer) => (JSON.parse(body.toString()) as { part: string }).part

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const addresses = (ports: number[]) => ({
  targets: [{ service: null, addresses: ports.map((port) => `127.0.0.1:${port}`), weight: 1 }],
})

describe('a service that fails', () => {
  test('each way is told in its own words, as problem details with the request’s id', async () => {
    const closed = await closedPort()
    const nobody = routeTo(closed)
    const route = (id: string, port: number) => ({
      ...routeTo(port, [step('request-id')]),
      id,
      match: { ...nobody.match, path: { kind: 'prefix' as const, value: `/${id}` } },
    })
    await using dies = await judge(() => null)
    await using nonsense = await judge(() => 'SSH-2.0-OpenSSH_9.6\r\n')
    await using large = await judge(() => `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(70_000)}\r\n\r\n`)
    await using gateway = await rig([
      route('closed', closed),
      route('dies', dies.port),
      route('nonsense', nonsense.port),
      route('large', large.port),
      { ...route('none', 1), targets: [{ service: 'nobody', addresses: [], weight: 1 }] },
    ])
    gateway.services.upstreams.set('nobody', [])
    const said = async (path: string) => {
      const { status, headers, body } = await ask(gateway.port, { path })
      const problem = JSON.parse(body.toString())
      expect(headers['content-type']).toBe('application/problem+json')
      expect(problem.requestId).toMatch(/-/)
      return `${status} ${problem.part} ${problem.detail}`
    }
    expect(await said('/closed')).toMatch(/^502 upstream .*could not be reached/)
    expect(await said('/dies')).toMatch(/^502 upstream .*closed the connection before it answered/)
    expect(await said('/nonsense')).toMatch(/^502 upstream .*did not answer in HTTP/)
    expect(await said('/large')).toMatch(/^502 upstream .*too many headers/)
    expect(await said('/none')).toMatch(/^503 no-instance .*no instance that can take traffic/)
    expect(await said('/nowhere')).toMatch(/^404 no-route/)
  })

  test('that breaks off in the middle of its answer is never taken for whole', async () => {
    await using cuts = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': '1000' })
      res.write('part')
      setImmediate(() => res.destroy())
    })
    await using chunked = await serve((_req, res) => {
      res.write('part')
      setImmediate(() => res.destroy())
    })
    for (const { port } of [cuts, chunked]) {
      await using gateway = await rig([routeTo(port)])
      await expect(ask(gateway.port)).rejects.toThrow(/aborted|hang up|reset/i)
      await gateway.ended(1)
      expect(gateway.outcomes[0]?.outcome.refusal).toBe('upstream')
    }
  })

  test('leaves no request of the next client on its connection', async () => {
    // One answers before it has read the body: what is left of it must not become a request of somebody else.
    await using early = await serve((_req, res) => void res.writeHead(200, { 'content-length': '2' }).end('ok'))
    await using gateway = await rig([routeTo(early.port)])
    const body = Buffer.from('GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(5_000))
    for (let i = 0; i < 5; i++) {
      const answers = await Promise.all([
        ask(gateway.port, { method: 'POST' }, body).catch(() => null),
        ask(gateway.port, { path: '/ok' }),
      ])
      expect(answers[1]?.body.toString()).toBe('ok')
    }
  })
})

/** A port where connecting hangs: its process does not take connections, and its queue is full. */
async function blackHole(): Promise<{ port: number } & AsyncDisposable> {
  const script = `require('node:net').createServer().listen(0, '127.0.0.1', 1, function () {
    require('node:fs').writeSync(1, String(this.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(said.toString())
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await once(fillers[0] as Socket, 'connect')
  // The kernel lets in a few more than asked for; who comes after those waits.
  await vi.waitFor(async () => {
    const probe = connect(port, '127.0.0.1').on('error', () => {})
    fillers.push(probe)
    const isOpen = await Promise.race([once(probe, 'connect').then(() => true), sleep(100).then(() => false)])
    expect(isOpen).toBe(false)
  })
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('a service that cannot be connected to', () => {
  test.each([
    ['for longer than the request may take', [step('timeout', { ms: 150 })]],
    ['with tries', [step('timeout', { ms: 150 }), step('retry')]],
  ])('%s is given up in time, as time on the network, and passed over', async (_, chain) => {
    await using hole = await blackHole()
    await using gateway = await rig([routeTo(hole.port, chain)])
    const answer = await ask(gateway.port)
    expect([answer.status, part(answer.body)]).toEqual([504, 'timeout'])
    await gateway.ended(1)
    const context = gateway.outcomes[0]?.context
    if (!context) throw new Error('there is no context')
    const cut = cutLatency(context.marks, context.upstream?.connectFloorMs ?? null)
    expect(cut.networkMs).toBeGreaterThan(100)
    expect(cut.totalMs).toBeLessThan(1_500)
    expect(context.upstream?.avoidUntil).toBeGreaterThan(0)
    expect(context.upstream?.inFlight).toBe(0)
    expect(context.upstream?.connections).toBe(0)
  })

  test.each(['169.254.169.254:80', '[fe80::1]:80', '0.0.0.0:80'])('because it may not be: %s', async (address) => {
    const targets = [{ service: null, addresses: [address], weight: 1 }]
    await using gateway = await rig([routeTo(1, [], { targets })])
    const answer = await ask(gateway.port)
    expect(answer.status).toBe(502)
    expect(answer.body.toString()).toContain('an address that nothing is sent to')
  })
})

describe('tried again (G5)', () => {
  const RETRY = step('retry')

  test('what was certainly not sent, whatever the method', async () => {
    await using good = await judge()
    await using gateway = await rig([routeTo(0, [RETRY], addresses([await closedPort(), good.port]))])
    for (let i = 0; i < 6; i++) {
      expect((await ask(gateway.port, { method: 'POST', path: `/${i}` }, 'x')).status).toBe(200)
    }
    expect(good.requests).toHaveLength(6)
  })

  test('what was sent only when the method allows it, at another instance', async () => {
    await using dies = await judge(() => null)
    await using good = await judge()
    await using gateway = await rig([routeTo(0, [RETRY], addresses([dies.port, good.port]))])
    const get: number[] = []
    const post: number[] = []
    for (let i = 0; i < 4; i++) {
      get.push((await ask(gateway.port)).status)
      post.push((await ask(gateway.port, { method: 'POST' }, 'x')).status)
    }
    expect(get).toEqual([200, 200, 200, 200])
    expect(post).toContain(502)
    const posts = [...dies.requests, ...good.requests].filter(({ method }) => method === 'POST')
    expect(posts).toHaveLength(4)
  })

  test('a 503 of the service, but not one of its 500s, and never a body that was streamed', async () => {
    let status = 503
    let asked = 0
    await using service = await serve(async (req, res) => {
      await readAll(req)
      asked += 1
      res.writeHead(status).end()
    })
    await using gateway = await rig([routeTo(service.port, [RETRY])])
    const times = async (run: () => Promise<unknown>) => {
      asked = 0
      await run()
      return asked
    }
    expect(await times(() => ask(gateway.port))).toBeGreaterThan(1)
    expect(await times(() => ask(gateway.port, { method: 'PUT' }, 'x'))).toBeGreaterThan(1)
    expect(await times(() => ask(gateway.port, { method: 'POST' }, 'x'))).toBe(1)
    expect(await times(() => ask(gateway.port, { method: 'PUT' }, Buffer.alloc(100_000)))).toBe(1)
    status = 500
    expect(await times(() => ask(gateway.port))).toBe(1)
  })

  test('within a budget: a service that is down is not asked many times over', async () => {
    let asked = 0
    await using service = await serve((_req, res) => {
      asked += 1
      res.writeHead(503).end()
    })
    await using gateway = await rig([routeTo(service.port, [RETRY])])
    const REQUESTS = 300
    for (let i = 0; i < REQUESTS; i += 30) await Promise.all(Array.from({ length: 30 }, () => ask(gateway.port)))
    expect(asked - REQUESTS).toBeLessThan(REQUESTS / 2)
  }, 60_000)
})

describe('a client that leaves', () => {
  interface Seen {
    begun: number
    closed: number
    bytes: number
  }
  async function leaving(chain: ReturnType<typeof step>[], run: (gateway: Rig, seen: Seen) => Promise<void>) {
    const seen: Seen = { begun: 0, closed: 0, bytes: 0 }
    await using service = await serve(async (req, res) => {
      seen.begun += 1
      req.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length
      })
      res.on('close', () => {
        seen.closed += 1
      })
      if (req.url === '/stream') {
        res.write('first')
      }
    })
    await using gateway = await rig([routeTo(service.port, chain)])
    await run(gateway, seen)
    await until(() => gateway.front.inFlight === 0)
    expect(gateway.services.upstreams.connections).toBe(0)
  }
  const chains = [[], [step('request-id'), step('timeout'), step('retry'), step('breaker')]]

  test.each(chains)('before the answer begins ends the call of the service %#', async (...chain) => {
    await leaving(chain, async ({ port }, seen) => {
      const socket = await open(port)
      socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      await until(() => seen.begun === 1)
      socket.destroy()
      await until(() => seen.closed === 1)
    })
  })

  test.each(chains)('in the middle of the answer too %#', async (...chain) => {
    await leaving(chain, async ({ port }, seen) => {
      const socket = await open(port)
      socket.write('GET /stream HTTP/1.1\r\nHost: h\r\n\r\n')
      await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
      await until(() => seen.closed === 1)
    })
  })

  test.each(chains)('and in the middle of its body %#', async (...chain) => {
    await leaving(chain, async ({ port }, seen) => {
      const socket = await open(port)
      socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`)
      await until(() => seen.bytes > 0)
      socket.destroy()
      await until(() => seen.closed === 1)
    })
  })

  test('while all connections are taken is not sent, and does not hold up who comes after', async () => {
    const waiting: (() => void)[] = []
    const paths: string[] = []
    await using service = await serve((req, res) => {
      paths.push(req.url as string)
      waiting.push(() => res.end('ok'))
    })
    await using gateway = await rig([routeTo(service.port, [step('timeout', { ms: 20_000 })])], { connectionsMax: 20 })
    const asked = Array.from({ length: 20 }, () => ask(gateway.port))
    await until(() => waiting.length === 20)
    const leaver = await open(gateway.port)
    leaver.write('GET /left HTTP/1.1\r\nHost: h\r\n\r\n')
    await until(() => gateway.front.inFlight === 21)
    leaver.destroy()
    await gateway.ended(1)
    const last = ask(gateway.port, { path: '/last' })
    await until(() => gateway.front.inFlight === 21)
    waiting.shift()?.()
    await until(() => waiting.length === 20)
    for (const go of waiting) go()
    await Promise.all([...asked, last])
    expect(paths).toContain('/last')
    expect(paths).not.toContain('/left')
  })

  test('in a queue for its turn is not sent at all', async () => {
    await using service = await judge()
    await using gateway = await rig([
      routeTo(service.port, [step('concurrency', { inFlightMax: 1, queueMax: 10, waitMs: 5_000 })]),
    ])
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(gateway.port)))
    for (const socket of sockets) {
      socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      socket.destroy()
    }
    await until(() => gateway.front.inFlight === 0)
    expect((await exchange(gateway.port, 'GET /after HTTP/1.1\r\nHost: h\r\n\r\n')).statuses).toEqual([200])
  })
})

describe('faults on purpose', () => {
  const fault = (change: Partial<Fault>): Fault => ({
    id: 'f1',
    target: { route: 'all' },
    share: 1,
    delayMs: 0,
    abortStatus: null,
    reason: 'drill',
    by: 'user:ada@example.org',
    startedAt: 0,
    expiresAt: 0,
    ...change,
  })

  test('a delay is time on the network; an answer in the place of the service says so', async () => {
    await using service = await judge()
    await using gateway = await rig([routeTo(service.port)])
    gateway.faults.push(fault({ delayMs: 60 }))
    expect((await ask(gateway.port)).status).toBe(200)
    const context = gateway.outcomes[0]?.context
    if (!context) throw new Error('there is no context')
    const cut = cutLatency(context.marks, context.upstream?.connectFloorMs ?? null)
    expect(cut.networkMs).toBeGreaterThanOrEqual(59)
    expect(context.struck).toBe(true)
    gateway.faults.splice(0, 1, fault({ abortStatus: 418 }))
    const aborted = await ask(gateway.port)
    expect([aborted.status, part(aborted.body)]).toEqual([418, 'fault'])
    gateway.faults.splice(0, 1, fault({ target: { route: 'another' }, abortStatus: 418 }))
    expect((await ask(gateway.port)).status).toBe(200)
    expect(service.requests).toHaveLength(2)
  })

  test('on an edge strike where a route to several services takes that edge', async () => {
    await using orders = await judge()
    await using canary = await judge()
    const target = (service: string) => ({ service, addresses: [], weight: 1 })
    await using gateway = await rig([routeTo(1, [], { targets: [target('orders'), target('canary')] })])
    for (const [service, { port }] of [
      ['orders', orders],
      ['canary', canary],
    ] as const) {
      const instance = { id: service, service, address: `127.0.0.1:${port}`, zone: null, weight: 1, metadata: {} }
      gateway.services.upstreams.set(service, [instance as never])
    }
    gateway.faults.push(fault({ target: { caller: 'gateway', callee: 'canary' }, abortStatus: 418 }))
    const statuses = new Map<number, number>()
    for (let i = 0; i < 60; i++) {
      const { status } = await ask(gateway.port)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([...statuses.keys()].sort()).toEqual([200, 418])
    expect(orders.requests).toHaveLength(statuses.get(200) as number)
    expect(canary.requests).toHaveLength(0)
  })

  test('strike the share they are told to', async () => {
    await using service = await judge()
    let drawn = 0
    await using gateway = await rig([routeTo(service.port)], { random: () => (drawn++ % 4) / 4 })
    gateway.faults.push(fault({ share: 0.5, abortStatus: 503 }))
    const statuses: number[] = []
    for (let i = 0; i < 20; i++) statuses.push((await ask(gateway.port)).status)
    expect(statuses).toContain(200)
    expect(statuses).toContain(503)
  })
})

test('the parts of the latency of every request sum to its whole', async () => {
  await using service = await serve((_req, res) => {
    res.setHeader('server-timing', 'app;dur=0.2, queue;dur=0.1')
    setImmediate(() => res.end('ok'))
  })
  const chain = ['request-id', 'access-log', 'concurrency', 'timeout', 'retry', 'breaker'].map((use) => step(use))
  await using gateway = await rig([routeTo(service.port, chain)])
  await Promise.all(Array.from({ length: 50 }, () => ask(gateway.port)))
  await gateway.ended(50)
  for (const { context } of gateway.outcomes) {
    if (!context) throw new Error('there is no context')
    const cut = cutLatency(context.marks, context.upstream?.connectFloorMs ?? null)
    expect(cut.networkMs + cut.processingMs + cut.queueMs).toBeCloseTo(cut.totalMs, 6)
    expect(cut.totalMs).toBeCloseTo(context.marks.endMs - context.marks.startMs, 6)
    for (const share of [cut.networkMs, cut.processingMs, cut.queueMs]) expect(share).toBeGreaterThanOrEqual(0)
  }
})

describe('a change of the configuration', () => {
  test('under load drops nothing, and holds from the next request on (G7)', async () => {
    await using a = await judge(() => 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na')
    await using b = await judge(() => 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb')
    const chains = [[], [step('timeout')], [step('timeout', { ms: 5_000 }), step('retry')], [step('concurrency')]]
    await using gateway = await rig([routeTo(a.port)])
    const statuses = new Map<number, number>()
    let done = false
    const client = async () => {
      while (!done) {
        const { status } = await ask(gateway.port)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const clients = Array.from({ length: 8 }, client)
    for (let revision = 2; revision < 60; revision++) {
      const to = revision % 2 === 0 ? b : a
      gateway.put([{ ...routeTo(to.port, chains[revision % 4]), revision }])
      gateway.services.upstreams.keep(new Set([`addresses:127.0.0.1:${to.port}`]))
      expect((await ask(gateway.port)).body.toString()).toBe(to === a ? 'a' : 'b')
    }
    done = true
    await Promise.all(clients)
    expect([...statuses.keys()]).toEqual([200])
  })

  test('that cannot be taken leaves the route as it was, and is told of', async () => {
    await using service = await judge()
    await using gateway = await rig([routeTo(service.port)])
    const wrong = { ...routeTo(service.port, [step('no-such-thing')]), revision: 2 }
    expect(() => gateway.put([wrong])).toThrow(/no-such-thing/)
    expect((await ask(gateway.port)).status).toBe(200)
  })

  test('a drain lets what is under way end, and says so on connections that stay', async () => {
    let answer: (() => void) | null = null
    await using service = await serve((_req, res) => {
      answer = () => res.end('late')
    })
    const gateway = await rig([routeTo(service.port)])
    const sent = new Promise<string>((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port: gateway.port }, (message) => {
        message.setEncoding('utf8')
        message.on('data', resolve)
      })
      req.on('error', reject)
      req.end()
    })
    await until(() => answer !== null)
    const drained = gateway.front.drain(5_000)
    await expect(ask(gateway.port)).rejects.toThrow(/ECONNREFUSED/)
    ;(answer as unknown as () => void)()
    expect(await sent).toBe('late')
    await drained
    await gateway[Symbol.asyncDispose]()
  })
})
