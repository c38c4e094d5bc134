/** A fault on the calls of one service to another, with a service's own token: it acts, it ends by hand and by itself. */
import { connect, type Holdfast, serve } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'
import { ADMIN, ask } from './wire.ts'

const folder = newFolder()
let controlPlane: Launched
let operator: Holdfast
let payments: Holdfast
let orders: Holdfast
let asked = 0

beforeAll(async () => {
  controlPlane = await launch({ folder, until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  const { url } = controlPlane
  const scopes = ['registry:read', 'registry:write', 'policies:read', 'breakers:read', 'breakers:write']
  const { secret } = await ask<{ secret: string }>(url, ADMIN, 'mutation', 'admin.tokens.create', {
    name: 'shop',
    scopes,
    services: ['orders', 'payments'],
  })
  operator = await connect({ url, token: ADMIN_TOKEN, telemetry: false })
  const server = await serve(
    (_request, response) => {
      asked++
      response.end('charged')
    },
    { port: 0, signals: false },
  )
  const more = { url, token: secret, telemetry: false } as const
  payments = await connect({ ...more, server, service: { name: 'payments', address: server.address } })
  orders = await connect({ ...more, follow: ['payments'], service: { name: 'orders', address: '127.0.0.1:9' } })
}, 30_000)

afterAll(async () => {
  await Promise.all([orders?.close(), payments?.close(), operator?.close()])
  await controlPlane?.kill()
  removeFolder(folder)
})

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })
const call = () => orders.call('payments', '/charge', { retry: false, breaker: false })
const start = async (more: object) => {
  const target = { caller: 'orders', callee: 'payments' }
  const data = { target, share: 1, reason: 'a drill', forMs: 60_000, ...more }
  return (await operator.trpc.gateway.faults.start.mutate({ data: data as never })).fault
}

test('an answer in the place of the service, until an operator ends it', async () => {
  expect((await call()).status).toBe(200)
  const fault = await start({ abortStatus: 503 })
  await until(async () => expect((await call()).status).toBe(503))
  const before = asked
  expect((await call()).headers['holdfast-fault']).toBe(fault.id)
  expect(asked).toBe(before)
  await operator.trpc.gateway.faults.end.mutate({ data: { id: fault.id, reason: 'the drill is over' } })
  await until(async () => expect((await call()).status).toBe(200))
})

test('300 ms more, seen as network, over in time although the control plane is gone', async () => {
  await start({ delayMs: 300, forMs: 4_000 })
  await until(async () => expect((await call()).timing.networkMs).toBeGreaterThanOrEqual(299))
  const { timing } = await call()
  expect(timing.totalMs - timing.networkMs).toBeLessThan(300)
  await controlPlane.kill()
  await until(async () => expect((await call()).timing.networkMs).toBeLessThan(299))
})
