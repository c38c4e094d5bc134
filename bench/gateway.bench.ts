/**
 * Requests a second through the gateway with its default chain on, beside other gateways and proxies before the same
 * service, one worker each; what it adds to the p99 at half load; what the report of latency costs; its memory with 1,000
 * slow readers.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectSdk } from '@holdfast/sdk'
import { ADMIN_TOKEN, launch, removeFolder } from '../e2e/launch.ts'
import { forkHere, freePort, type Running, startPeer, untilOpen } from './gateways.ts'
import type { LoadOrder, LoadResult } from './http-client.ts'
import { median } from './load.ts'
import { remark, report } from './report.ts'

const CONNECTIONS = 32
const MS = Number(process.env.BENCH_MS ?? 3_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const READERS = 1_000
const CHAIN = ['request-id', 'access-log', 'timeout', 'retry', 'breaker']
const only = process.env.BENCH_PEERS?.split(',')

const backend = await forkHere('http-backend.ts')
const client = await forkHere('http-client.ts')
const gatewayPort = await freePort()
const controlPlane = await launch({
  env: { HOLDFAST_GATEWAY_WORKERS: '1', HOLDFAST_GATEWAY_PORT: String(gatewayPort), HOLDFAST_LOG_LEVEL: 'warn' },
})
const peers = new Map<string, Running>()
try {
  const holdfast = await connectSdk({
    url: controlPlane.url,
    token: ADMIN_TOKEN,
    service: { name: 'bench', address: `127.0.0.1:${backend.port}` },
  })
  const put = (id: string, path: string, middleware: string[]) =>
    holdfast.trpc.gateway.routes.put.mutate({
      data: {
        route: {
          id,
          match: { path: { kind: 'prefix', value: path } },
          targets: [{ service: 'bench' }],
          middleware: middleware.map((use) => ({ use })),
        },
        reason: 'benchmark',
        expectedRevision: 0,
      },
    })
  await put('all', '/', CHAIN)
  await put(
    'unreported',
    '/unreported',
    CHAIN.filter((name) => name !== 'access-log'),
  )
  await untilOpen(gatewayPort)
  await until200(gatewayPort)

  const pid = await workerPid(holdfast)
  const slowReaderMemory = async (metric: string, limit?: number) => {
    const readers = await slowReaders(gatewayPort)
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    report({ bench: 'gateway', metric, unit: 'MB', ours: residentMB(pid), lower: true, ...(limit && { limit }) })
    for (const socket of readers) socket.destroy()
  }
  await slowReaderMemory('slowReaderMemory', 200)

  for (const name of ['caddy', 'http-proxy', 'undici', 'nginx', 'haproxy']) {
    if (only && !only.includes(name)) continue
    const peer = await startPeer(name, backend.port)
    if (peer) peers.set(name, peer)
    else remark(`${name} is not installed`)
  }

  const ports = new Map<string, number>([
    ['ours', gatewayPort],
    ...[...peers].map(([name, { port }]): [string, number] => [name, port]),
  ])
  const rates = new Map<string, number[]>()
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, port] of ports) {
      const { perSecond, failed } = await load({
        port,
        path: '/',
        connections: CONNECTIONS,
        ms: round < 0 ? 1_000 : MS,
        rate: null,
      })
      if (failed > 0) remark(`${name}: ${failed} requests failed`)
      if (round >= 0) rates.set(name, [...(rates.get(name) ?? []), perSecond])
    }
  }
  const best = (name: string) => median(rates.get(name) as number[])
  const others = (value: (name: string) => number) =>
    Object.fromEntries([...peers.keys()].map((name) => [name, value(name)]))
  report({ bench: 'gateway', metric: 'requests', unit: 'req/s', ours: best('ours'), peers: others(best) })

  // Half of what the slowest of ours and Caddy takes, the same for all; the way without a gateway is taken off.
  const half = Math.round(Math.min(best('ours'), peers.has('caddy') ? best('caddy') : Number.POSITIVE_INFINITY) / 2)
  const tails = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, port] of [['direct', backend.port] as const, ...ports]) {
      const { p99Ms } = await load({ port, path: '/', connections: CONNECTIONS, ms: MS, rate: half })
      tails.set(name, [...(tails.get(name) ?? []), p99Ms])
    }
  }
  const added = (name: string) =>
    Math.max(0.001, median(tails.get(name) as number[]) - median(tails.get('direct') as number[]))
  remark(`added p99 at ${half} requests/s`)
  report({ bench: 'gateway', metric: 'addedP99', unit: 'ms', ours: added('ours'), peers: others(added), lower: true })

  const withReport: number[] = []
  const without: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    withReport.push(
      (await load({ port: gatewayPort, path: '/', connections: CONNECTIONS, ms: MS, rate: null })).perSecond,
    )
    without.push(
      (await load({ port: gatewayPort, path: '/unreported', connections: CONNECTIONS, ms: MS, rate: null })).perSecond,
    )
  }
  report({
    bench: 'gateway',
    metric: 'timingCost',
    unit: 'ratio',
    ours: median(without) / median(withReport) - 1,
    limit: 0.05,
    lower: true,
  })

  await slowReaderMemory('slowReaderMemoryAfterLoad')
  await holdfast.close()
} finally {
  for (const peer of peers.values()) peer.stop()
  client.stop()
  backend.stop()
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
}
process.exit(0)

function load(order: LoadOrder): Promise<LoadResult> {
  return new Promise((resolve) => {
    client.child.once('message', (result) => resolve(result as LoadResult))
    client.child.send(order)
  })
}

async function until200(port: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { status } = await fetch(`http://127.0.0.1:${port}/`).catch(() => ({ status: 0 }))
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the gateway does not route')
}

async function workerPid(holdfast: Awaited<ReturnType<typeof connectSdk>>): Promise<number> {
  const { workers } = await holdfast.trpc.gateway.routes.list.query({ data: {} })
  const [worker] = workers
  if (worker) return worker.pid
  await new Promise((resolve) => setTimeout(resolve, 200))
  return workerPid(holdfast)
}

function residentMB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Ask for 100 MB and read next to nothing of it. */
async function slowReaders(port: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let i = 0; i < READERS; i++) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    socket.write('GET /large HTTP/1.1\r\nhost: bench.test\r\n\r\n')
    socket.pause()
    sockets.push(socket)
  }
  return sockets
}
