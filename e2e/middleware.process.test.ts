/** The example of docs/middleware.md as operators use it: loaded by a setting, with its form, in a chain, hot changed. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type Holdfast, serve } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, newFolder, removeFolder } from './launch.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = newFolder()
let controlPlane: Launched
let holdfast: Holdfast
let release: (() => void)[] = []

beforeAll(async () => {
  const module = join(root, 'docs', 'examples', 'tenants.mjs')
  const env = { HOLDFAST_LOG_LEVEL: 'warn', HOLDFAST_GATEWAY_MIDDLEWARE: module }
  controlPlane = await launch({ folder, gateway: true, env })
  const handler: Parameters<typeof serve>[0] = (request, response) => {
    if (request.url === '/shop/held') release.push(() => response.end('late'))
    else response.end('sold')
  }
  const server = await serve(handler, { port: 0, signals: false })
  const service = { name: 'front', address: server.address }
  holdfast = await connect({ url: controlPlane.url, token: ADMIN_TOKEN, server, service })
}, 60_000)

afterAll(async () => {
  for (const end of release) end()
  await holdfast?.close()
  await controlPlane?.stop()
  removeFolder(folder)
})

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })
const get = (path: string, tenant: string) =>
  fetch(`${controlPlane.gatewayUrl}${path}`, { headers: { 'x-tenant': tenant } })
let revision = 0
async function put(config: object): Promise<void> {
  const route = {
    id: 'shop',
    match: { path: { kind: 'prefix' as const, value: '/shop' } },
    targets: [{ service: 'front' }],
    middleware: [{ use: 'tenants', config }],
  }
  const data = { route, reason: 'tenants', expectedRevision: revision }
  const put = await holdfast.trpc.gateway.routes.put.mutate({ data: data as never })
  revision = put.revision
}

test('its fields are in the catalog, and what they refuse is refused', async () => {
  await until(async () => {
    const { middleware } = await holdfast.trpc.gateway.middleware.catalog.query({ data: {} })
    const own = middleware.find(({ name }) => name === 'tenants')
    expect(own).toMatchObject({ from: 'gateway', title: 'Tenants' })
    expect(own?.fields.map(({ name }) => name)).toEqual(['header', 'tenants', 'inFlightMax'])
  })
  await expect(put({ tenants: ['Not a tenant'] })).rejects.toThrow(/tenants: entry 1/)
  await expect(put({})).rejects.toThrow(/tenants: give a value/)
})

test('it answers by itself, and lets pass what may', async () => {
  await put({ tenants: ['acme'], inFlightMax: 1 })
  await until(async () => expect((await get('/shop', 'acme')).status).toBe(200))
  const answer = await get('/shop', 'acme')
  expect(answer.headers.get('x-served-tenant')).toBe('acme')
  expect(await answer.text()).toBe('sold')
  const refused = await get('/shop', 'evil')
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ part: 'auth' })
})

test('what is under way counts on after a change of its config', async () => {
  const held = get('/shop/held', 'acme')
  await until(async () => expect(release).toHaveLength(1))
  expect((await get('/shop', 'acme')).status).toBe(429)
  await put({ tenants: ['acme', 'duff'], inFlightMax: 1 })
  await until(async () => expect((await get('/shop', 'duff')).status).toBe(200))
  expect((await get('/shop', 'acme')).status).toBe(429)
  release[0]?.()
  expect(await (await held).text()).toBe('late')
  release = []
  await until(async () => expect((await get('/shop', 'acme')).status).toBe(200))
})
