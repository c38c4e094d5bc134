/** The gateway as it is started: its processes and the control plane's are killed, stopped, flooded and drained. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type RequestOptions, request, type Server } from 'node:http'
import { type AddressInfo, connect as dial, type Socket } from 'node:net'
import { connect, type Holdfast } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ADMIN_TOKEN, freePort, type Launched, launch, newFolder, removeFolder } from './launch.ts'

const folder = newFolder()
let controlPlane: Launched
let holdfast: Holdfast
let service: Server
let serving = ''
let port = 0
const GIGABYTE = 1_073_741_824
const CHUNK = Buffer.alloc(65_536, 'holdfast')

const settings = () => ({
  folder,
  until: 'healthz' as const,
  port: controlPlane?.port,
  env: { HOLDFAST_GATEWAY_WORKERS: '2', HOLDFAST_GATEWAY_PORT: String(port), HOLDFAST_LOG_LEVEL: 'info' },
})
const until = <T>(check: () => T | Promise<T>, timeout = 20_000) => vi.waitFor(check, { timeout, interval: 25 })

beforeAll(async () => {
  service = createServer((req, res) => {
    if (req.url === '/big') return void send(res)
    if (req.url === '/hang') return
    if (req.url === '/drip') return void res.write(CHUNK)
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    req.on('end', () => res.end(JSON.stringify({ bytes, url: req.url })))
  })
  new WebSocketServer({ server: service }).on('connection', (socket) =>
    socket.on('message', (data) => socket.send(data)),
  )
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  serving = `127.0.0.1:${(service.address() as AddressInfo).port}`
  port = await freePort()
  controlPlane = await launch(settings())
  holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, telemetry: false })
  await put(0)
  await until(async () => expect((await ask()).status).toBe(200))
}, 60_000)

afterAll(async () => {
  await holdfast?.close()
  await controlPlane?.stop()
  service?.closeAllConnections()
  service?.close()
  removeFolder(folder)
})

function send(res: import('node:http').ServerResponse): void {
  let left = GIGABYTE
  res.setHeader('content-length', GIGABYTE)
  const push = () => {
    while (left > 0) {
      left -= CHUNK.length
      if (!res.write(CHUNK)) {
        res.once('drain', push)
        return
      }
    }
    res.end()
  }
  push()
}

async function put(expectedRevision: number, description = '') {
  const route = {
    id: 'all',
    description,
    match: { hosts: [], path: { kind: 'prefix' as const, value: '/' }, methods: [], headers: [] },
    targets: [{ service: null, addresses: [serving], weight: 1 }],
    middleware: ['request-id', 'access-log', 'timeout', 'retry', 'breaker'].map((use) => ({ use, config: {} })),
  }
  await holdfast.trpc.gateway.routes.put.mutate({ data: { route: route as never, reason: 'test', expectedRevision } })
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

function ask(options: RequestOptions = {}): Promise<{ status: number; message: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, ...options }, (message) => {
      let body = ''
      message.setEncoding('utf8')
      message.on('data', (text: string) => {
        body += text
      })
      message.on('error', reject)
      message.on('end', () => resolve({ status: message.statusCode as number, message, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Clients that ask without a pause; what was not answered with 200 is told. */
function load(clients = 8) {
  let done = false
  const seen = { ok: 0, bad: [] as string[] }
  const running = Array.from({ length: clients }, async () => {
    while (!done) {
      await ask({ agent: false }).then(
        ({ status, body }) => {
          if (status === 200) seen.ok += 1
          else seen.bad.push(`${status} ${body}`)
        },
        (error: Error) => void seen.bad.push(error.message),
      )
    }
  })
  return {
    seen,
    async end() {
      done = true
      await Promise.all(running)
    },
  }
}

const workers = async () => (await holdfast.trpc.gateway.routes.list.query({ data: {} })).workers

async function memory(): Promise<number> {
  const all = await workers()
  return Math.max(...all.map(({ memoryMB }) => memoryMB))
}

test('G8: the control plane is killed under load: routing goes on; the next one takes the gateway over', async () => {
  const before = await until(async () => {
    const pids = (await workers()).map(({ pid }) => pid).sort()
    expect(pids).toHaveLength(2)
    return pids
  })
  const running = load()
  await until(() => expect(running.seen.ok).toBeGreaterThan(100))
  await controlPlane.kill()
  const [{ ok }] = [{ ...running.seen }]
  await until(() => expect(running.seen.ok).toBeGreaterThan(ok + 500))
  controlPlane = await launch(settings())
  await until(() => expect(controlPlane.output()).toContain('is taken over'))
  await until(async () => expect((await workers()).map(({ pid }) => pid).sort()).toEqual(before))
  await running.end()
  expect(running.seen.bad).toEqual([])
})

test('G8: a worker that dies while the control plane is away comes back with the last good configuration', async () => {
  const all = await workers()
  // What it routes by has been written by then.
  await until(async () => expect((await workers()).every(({ revision }) => revision === 1)).toBe(true))
  await controlPlane.kill()
  for (const { pid } of all) process.kill(pid, 'SIGKILL')
  // A connection that was on its way to a worker when it died hears nothing more.
  const again = () => ask({ agent: false, signal: AbortSignal.timeout(1_000) })
  await until(async () => expect((await again()).status).toBe(200))
  const { status, body } = await ask({ agent: false, path: '/after?a=1' })
  expect([status, JSON.parse(body).url]).toEqual([200, '/after?a=1'])
  controlPlane = await launch(settings())
  await until(async () => {
    const pids = (await workers()).map(({ pid }) => pid)
    expect(pids).toHaveLength(2)
    expect(pids.some((pid) => all.some((old) => old.pid === pid))).toBe(false)
  })
})

test('G7: changes under load reach every worker and drop nothing', async () => {
  const running = load()
  await until(() => expect(running.seen.ok).toBeGreaterThan(50))
  const { revision } = await holdfast.trpc.gateway.routes.list.query({ data: {} })
  for (let i = 0; i < 20; i++) await put(revision + i, `change ${i}`)
  await until(async () => {
    const now = await workers()
    expect(now.map((worker) => worker.revision)).toEqual(now.map(() => revision + 20))
  })
  await running.end()
  expect(running.seen.bad).toEqual([])
  const counted = async () => {
    const text = await (await fetch(`${controlPlane.url}/metrics`)).text()
    return Number(/^holdfast_gateway_requests_total\{route="all",class="2xx"\} (\d+)$/m.exec(text)?.[1])
  }
  await until(async () => expect(await counted()).toBeGreaterThanOrEqual(running.seen.ok))
})

test('what is no request, and what no route takes, is counted', async () => {
  const figure = async (part: string) => {
    const text = await (await fetch(`${controlPlane.url}/metrics`)).text()
    const found = new RegExp(`^holdfast_gateway_refused_total\\{route="",part="${part}"\\} (\\d+)$`, 'm').exec(text)
    return Number(found?.[1] ?? 0)
  }
  const before = await figure('bad-request')
  for (const text of ['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n']) {
    const socket = dial(port, '127.0.0.1')
    socket.end(text)
    const [said] = (await once(socket, 'data')) as [Buffer]
    expect(said.toString()).toMatch(/^HTTP\/1.1 400 /)
    socket.destroy()
  }
  await until(async () => expect(await figure('bad-request')).toBe(before + 2))
})

test('a gigabyte goes through either way, whole, and memory stays where it was (G6)', {
  timeout: 120_000,
}, async () => {
  await until(async () => expect(await workers()).toHaveLength(2))
  const before = await memory()
  const sha = createHash('sha1')
  const whole = createHash('sha1')
  for (let i = 0; i < GIGABYTE; i += CHUNK.length) whole.update(CHUNK)
  const sent = request({ host: '127.0.0.1', port, agent: false, path: '/big' })
  sent.end()
  const [message] = (await once(sent, 'response')) as [IncomingMessage]
  message.on('data', (chunk: Buffer) => sha.update(chunk))
  await once(message, 'end')
  expect(sha.digest('hex')).toBe(whole.digest('hex'))
  const up = request({ host: '127.0.0.1', port, agent: false, path: '/up', method: 'POST' })
  const answered = once(up, 'response') as Promise<[IncomingMessage]>
  for (let left = GIGABYTE; left > 0; left -= CHUNK.length) if (!up.write(CHUNK)) await once(up, 'drain')
  up.end()
  const [back] = await answered
  back.setEncoding('utf8')
  let body = ''
  for await (const text of back) body += text
  expect(JSON.parse(body).bytes).toBe(GIGABYTE)
  expect(await memory()).toBeLessThan(before + 150)
})

test('idle connections, hung services, clients that leave and a WebSocket do not hold up SIGTERM', async () => {
  const sockets: Socket[] = []
  for (let i = 0; i < 1_000; i++) {
    const socket = dial(port, '127.0.0.1')
    socket.on('error', () => {})
    sockets.push(socket)
  }
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  expect((await ask({ agent: false })).status).toBe(200)
  for (const [i, socket] of sockets.slice(0, 60).entries()) {
    socket.write(`GET ${i % 2 === 0 ? '/hang' : '/drip'} HTTP/1.1\r\nHost: h\r\n\r\n`)
  }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  await once(socket, 'open')
  socket.on('error', () => {})
  for (const leaver of sockets.slice(0, 20)) leaver.destroy()
  const stopped = await controlPlane.stop()
  expect(stopped.code).toBe(0)
  expect(stopped.tookMs).toBeLessThan(5_000)
  await expect(ask({ agent: false })).rejects.toThrow(/ECONNREFUSED/)
  for (const one of sockets) one.destroy()
  controlPlane = await launch(settings())
  await until(async () => expect((await ask({ agent: false })).status).toBe(200))
})

test('a soak of requests, aborts and strangers leaves memory flat', { timeout: 120_000 }, async () => {
  const abort = () =>
    new Promise<void>((resolve) => {
      const sent = request({ host: '127.0.0.1', port, agent: false, path: '/drip' }, () => sent.destroy())
      sent.on('error', () => {})
      sent.on('close', () => resolve())
      sent.end()
    })
  const stranger = () =>
    new Promise<void>((resolve) => {
      const socket = dial(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n'))
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.resume()
    })
  const round = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await Promise.all([
        ...Array.from({ length: 40 }, () => ask({ path: `/soak/${i}` })),
        abort(),
        abort(),
        stranger(),
      ])
    }
  }
  await round(250)
  const reported = async () => {
    const at = Date.now()
    // A report of each worker from after the last request.
    return until(async () => {
      const all = await workers()
      expect(all.every(({ ageMs }) => Date.now() - ageMs > at)).toBe(true)
      return all
    })
  }
  const warm = await reported()
  await round(500)
  const after = await reported()
  const connections = after.reduce((sum, worker) => sum + worker.connections, 0)
  const grown = Math.max(...after.map(({ memoryMB }) => memoryMB)) - Math.max(...warm.map(({ memoryMB }) => memoryMB))
  expect(grown).toBeLessThan(40)
  expect(connections).toBeLessThanOrEqual(2 * 64)
  expect(after.map(({ inFlight }) => inFlight)).toEqual([0, 0])
})
