import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RequestTrace } from '../core/gateway/view.ts'
import type { Context } from './api/context.ts'
import { gatewayRouter } from './api/gateway.ts'
import { createCallerFactory } from './api/trpc.ts'
import { Gateway, type WorkerReport } from './gateway.ts'
import { SYSTEM } from './principal.ts'
import { type TestRegistry, testRegistry } from './test-registry.ts'

let t: TestRegistry
let gateway: Gateway
let sent: { method: string; url: string; headers: Record<string, string> }[]

beforeEach(async () => {
  t = await testRegistry()
  gateway = new Gateway({ store: t.file.store, clock: t.clock, log: pino({ level: 'silent' }), registry: t.registry })
  await gateway.start()
  sent = []
})
afterEach(async () => {
  gateway.stop()
  await t[Symbol.asyncDispose]()
})

const report = (traces: WorkerReport['traces'] = []): WorkerReport => ({
  instance: 'gateway-1',
  worker: 1,
  pid: 1,
  startedAt: 0,
  revision: 0,
  problems: [],
  connections: 0,
  inFlight: 0,
  memoryMB: 1,
  cpu: 0,
  traceKey: 'a-key-that-only-two-know',
  address: '127.0.0.1:8080',
  routes: [],
  entries: [],
  traces,
  middleware: [],
})

/** A worker that answers everything and tells the trace that was asked for. */
const outbound = {
  async http(request: (typeof sent)[number]) {
    sent.push(request)
    const [, test = ''] = (request.headers['holdfast-try'] ?? '').split('.')
    gateway.report(report([{ test, trace: { id: 'r-1' } as RequestTrace }]))
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('sold'), truncated: false }
  },
}

function ada() {
  const principal = { ...SYSTEM, kind: 'user', id: 'ada', actor: 'user:ada', role: 'operator' } as const
  const engines = { store: t.file.store, registry: t.registry, clock: t.clock, gateway, outbound }
  const ctx = { principal, engines, remoteAddress: '', flow: null, subscriptions: { open: 0 } } as unknown as Context
  return createCallerFactory(gatewayRouter)(ctx)
}
const audit = () => t.file.store.read((tx) => tx.q.audit.list({ limit: 10 }))

test('goes to a worker with the key that only it knows, and brings its trace', async () => {
  gateway.report(report())
  const { trace, response } = await ada().test({ data: { path: '/shop?a=1' } })
  expect(trace.id).toBe('r-1')
  expect(response).toMatchObject({ status: 200, body: 'sold', bytes: 4 })
  expect(sent[0]).toMatchObject({ method: 'GET', url: 'http://127.0.0.1:8080/shop?a=1' })
  expect(sent[0]?.headers['holdfast-try']).toMatch(/^a-key-that-only-two-know\.[0-9a-f-]{36}$/)
})

test('says so when no worker is there', async () => {
  await expect(ada().test({ data: { path: '/' } })).rejects.toThrow(/No worker/)
})

test('what may change something is in the audit trail, without its query, and is sent once', async () => {
  gateway.report(report())
  const input = { id: 'try-0001-0001', data: { method: 'DELETE', path: '/orders/7?key=secret' } } as const
  await ada().test(input)
  await expect(ada().test(input)).rejects.toThrow(/already/)
  expect(sent).toHaveLength(1)
  const entries = await audit()
  expect(JSON.stringify(entries)).toContain('"/orders/7"')
  expect(JSON.stringify(entries)).not.toContain('secret')
})
