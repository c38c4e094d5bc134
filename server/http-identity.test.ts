/** Identity over real connections: what a revoked client sees, and which pages get in. */
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTRPCClient, createWSClient, httpLink, wsLink } from '@trpc/client'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from './api/root.ts'
import { ADMIN_TOKEN, TEST_CONFIG, type TestAuth, testAuth } from './auth/test-auth.ts'
import { clientAddress } from './client-address.ts'
import type { Engines } from './engines.ts'
import { createHttp, type Http } from './http.ts'
import { Journal } from './journal.ts'
import { originPolicy } from './origin.ts'
import { secureHeaders } from './security-headers.ts'

let t: TestAuth
let http: Http
let host: string
const sockets: { close(): unknown }[] = []

beforeEach(async () => {
  t = await testAuth()
  const config = { ...TEST_CONFIG, origins: [TEST_CONFIG.publicUrl], dev: false, loopback: true }
  const origins = originPolicy(() => config)
  const journal = new Journal(t.file.store)
  await journal.start()
  const engines = { auth: t.auth, journal, store: t.file.store, clock: t.clock, log: pino({ level: 'silent' }), config }
  http = createHttp({
    engines: engines as unknown as Engines,
    pages: () => null,
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    ready: () => true,
    secure: secureHeaders(() => config),
    refuseOrigin: origins.refuse,
    isOriginAllowed: origins.isAllowed,
    handleAuth: t.auth.handle,
    clientAddress: clientAddress([]),
  })
  http.server.listen(0, '127.0.0.1')
  await once(http.server, 'listening')
  host = `127.0.0.1:${(http.server.address() as AddressInfo).port}`
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await http.close(100)
  await t[Symbol.asyncDispose]()
})

/** a client over one WebSocket; `closed` resolves with the code it was closed with */
function connect(options: { token?: string; headers?: Record<string, string> }) {
  let close: (code: number) => void
  const closed = new Promise<number>((resolve) => {
    close = resolve
  })
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url, { headers: options.headers ?? {} })
      this.on('close', (code) => close(code))
    }
  }
  const ws = createWSClient({
    url: `ws://${host}/api/trpc`,
    WebSocket: Socket as never,
    retryDelayMs: () => 60_000,
    connectionParams: options.token === undefined ? null : { token: options.token },
  })
  sockets.push(ws)
  return { client: createTRPCClient<AppRouter>({ links: [wsLink({ client: ws })] }), closed }
}

const holdfast = (code: string) =>
  expect.objectContaining({ data: expect.objectContaining({ holdfast: expect.objectContaining({ code }) }) })

describe('over a WebSocket', () => {
  it('the cookie, a token in the parameters, and the admin token say who it is', async () => {
    const { secret } = await t.first()
    const token = await t.auth.issueToken({ name: 'ci', scopes: ['registry:read'], services: null, expiresAt: null })
    const cookie = connect({ headers: { cookie: `holdfast_3000=${secret}`, origin: TEST_CONFIG.publicUrl } })
    expect(await cookie.client.admin.me.query({ data: {} })).toMatchObject({ kind: 'user', role: 'admin' })
    expect(await connect({ token }).client.admin.me.query({ data: {} })).toMatchObject({ kind: 'token', name: 'ci' })
    expect(await connect({ token: ADMIN_TOKEN }).client.admin.me.query({ data: {} })).toMatchObject({
      kind: 'admin-token',
    })
    const header = connect({ headers: { authorization: `Bearer ${token}` } })
    expect(await header.client.admin.me.query({ data: {} })).toMatchObject({ name: 'ci' })
  })

  it('a wrong token is an error, not a closed door without a word', async () => {
    const { client } = connect({ token: `hf_${'x'.repeat(43)}` })
    await expect(client.admin.me.query({ data: {} })).rejects.toEqual(holdfast('UNAUTHENTICATED'))
  })

  it('a revoked token is cut off', async () => {
    const admin = t.caller((await t.first()).principal)
    const { token, secret } = await admin.tokens.create({ data: { name: 'ci', scopes: ['registry:read'] } })
    const { client, closed } = connect({ token: secret })
    await client.admin.me.query({ data: {} })
    await admin.tokens.revoke({ data: { id: token.id, reason: 'leaked' } })
    expect(await closed).toBe(4401)
  })

  it('who steps down gets the answer, and only then has to come back as what they are now', async () => {
    await t.member('ada@example.org', 'admin')
    const { secret, principal } = await t.member('grace@example.org', 'admin')
    const { client, closed } = connect({ headers: { cookie: `holdfast_3000=${secret}` } })
    const data = { id: principal.id, role: 'viewer' as const, reason: 'a quieter life' }
    expect(await client.admin.users.setRole.mutate({ data })).toMatchObject({ user: { role: 'viewer' } })
    expect(await closed).toBe(4401)
    const again = connect({ headers: { cookie: `holdfast_3000=${secret}` } })
    expect(await again.client.admin.me.query({ data: {} })).toMatchObject({ role: 'viewer' })
  })

  it('a page of another origin does not get in with the cookie of its visitor', async () => {
    const { secret } = await t.first()
    const socket = new WebSocket(`ws://${host}/api/trpc`, {
      headers: { cookie: `holdfast_3000=${secret}`, origin: 'https://evil.example' },
    })
    const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown])
    expect(String(error)).toContain('403')
  })
})

describe('over HTTP', () => {
  const client = (headers: Record<string, string>) =>
    createTRPCClient<AppRouter>({ links: [httpLink({ url: `http://${host}/api/trpc`, headers })] })

  it('the same credentials count', async () => {
    const { secret } = await t.first()
    const cookie = { cookie: `holdfast_3000=${secret}` }
    expect(await client(cookie).admin.me.query({ data: {} })).toMatchObject({ role: 'admin' })
    expect(await client({ authorization: `Bearer ${ADMIN_TOKEN}` }).admin.me.query({ data: {} })).toMatchObject({
      kind: 'admin-token',
    })
    await expect(client({ authorization: 'Bearer nonsense' }).admin.me.query({ data: {} })).rejects.toEqual(
      holdfast('UNAUTHENTICATED'),
    )
    await expect(client({}).admin.me.query({ data: {} })).rejects.toEqual(holdfast('UNAUTHENTICATED'))
  })

  it('a stream ends when its reader is revoked', async () => {
    const admin = t.caller((await t.first()).principal)
    const { token, secret } = await admin.tokens.create({ data: { name: 'ci', scopes: ['journal:read'] } })
    const input = encodeURIComponent(JSON.stringify({ data: {} }))
    const headers = { authorization: `Bearer ${secret}`, accept: 'text/event-stream' }
    const stream = await fetch(`http://${host}/api/trpc/journal.watch?input=${input}`, { headers })
    expect(stream.status).toBe(200)
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await admin.tokens.revoke({ data: { id: token.id, reason: 'leaked' } })
    const end = async () => {
      for (;;) if ((await reader.read()).done) return 'ended'
    }
    expect(await end().catch(() => 'cut off')).toBe('cut off')
  })

  it('metrics are open to this machine by its own name, and to any token by others', async () => {
    const status = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        request(`http://${host}/metrics`, { headers }, (res) => {
          res.resume()
          resolve(res.statusCode ?? 0)
        })
          .on('error', reject)
          .end()
      })
    expect(await status({ host: '127.0.0.1:3000' })).toBe(200)
    expect(await status({ host: 'rebound.evil.example:3000' })).toBe(401)
    const token = await t.auth.issueToken({ name: 'ci', scopes: ['registry:read'], services: null, expiresAt: null })
    expect(await status({ host: 'holdfast.internal', authorization: `Bearer ${token}` })).toBe(200)
  })

  it('a change from another page is refused', async () => {
    const { secret, principal } = await t.first()
    const body = JSON.stringify({ data: { email: 'eve@evil.example', name: 'Eve', role: 'admin' } })
    const headers = { cookie: `holdfast_3000=${secret}`, origin: 'https://evil.example', 'content-type': 'text/plain' }
    const answer = await fetch(`http://${host}/api/trpc/admin.users.invite`, { method: 'POST', headers, body })
    expect(answer.status).toBe(403)
    expect((await t.caller(principal).users.list({ data: {} })).users).toHaveLength(1)
  })

  it('signing in, asking who one is and signing out work together', async () => {
    const origin = { origin: TEST_CONFIG.publicUrl, 'content-type': 'application/json' }
    const token = ((await t.auth.ensureFirstLink()) ?? '').split('=')[1]
    const signIn = await fetch(`http://${host}/api/auth/link`, {
      method: 'POST',
      headers: origin,
      body: JSON.stringify({ token }),
    })
    const cookie = (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect(await client({ cookie }).admin.me.query({ data: {} })).toMatchObject({ email: 'admin@localhost' })
    expect(signIn.headers.get('x-content-type-options')).toBe('nosniff')
    await fetch(`http://${host}/api/auth/sign-out`, { method: 'POST', headers: { ...origin, cookie } })
    await expect(client({ cookie }).admin.me.query({ data: {} })).rejects.toEqual(holdfast('UNAUTHENTICATED'))
  })
})
