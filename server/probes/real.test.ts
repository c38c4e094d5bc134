import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { createOutbound } from '../outbound.ts'
import { Probes } from '../probes.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('checks tell real services apart', async () => {
  const service = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(307, { location: 'http://169.254.169.254/' }).end()
    else response.writeHead(request.url === '/ok' ? 200 : 503).end(`${request.url} of ${request.headers['user-agent']}`)
  })
  const up = await listen(service)
  const hung = await listen(createTcpServer(() => {}))
  const gone = await listen(createTcpServer())
  closers.pop()?.()
  const clock = { monotonic: () => performance.now(), wall: () => Date.now() }
  const told: string[] = []
  const probes = new Probes({
    clock,
    random: Math.random,
    outbound: createOutbound({ allow: [], loopbackAllowed: true, clock, log: pino({ level: 'silent' }) }),
    onResult: (id, _generation, { status, output }) => void told.push(`${id} ${status}: ${output}`),
  })
  const targets: [id: string, address: string, path: string | null][] = [
    ['fine', up, '/ok'],
    ['broken', up, '/broken'],
    ['moved', up, '/moved'],
    ['hung', hung, '/ok'],
    ['open', hung, null],
    ['gone', gone, '/ok'],
    ['metadata', '169.254.169.254:80', '/latest/meta-data'],
  ]
  for (const [id, address, path] of targets) {
    const check = { intervalMs: 10_000, timeoutMs: 300, successThreshold: 1, failureThreshold: 1 }
    probes.set({
      id,
      generation: 1,
      service: id,
      address,
      check: { ...check, ...(path === null ? { tcp: true } : { http: path }) },
    })
  }
  await Promise.all(targets.map(([id]) => probes.checkNow(id)))
  await probes.stop()
  expect(told.sort()).toEqual([
    'broken failing: HTTP 503: /broken of holdfast',
    'fine passing: HTTP 200: /ok of holdfast',
    `gone failing: ${gone}: connection refused.`,
    `hung failing: ${hung}: timed out after 300 ms, waiting for its answer.`,
    'metadata unknown: 169.254.169.254:80 may not be called: 169.254.169.254 is a link-local address, which is never called.',
    'moved failing: HTTP 307: a redirect, which is not followed',
    'open passing: accepts connections',
  ])
})
