import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { originPolicy } from '../origin.ts'
import { DEVICE, secretOf, TEST_CONFIG, type TestAuth, testAuth } from './test-auth.ts'

let t: TestAuth
let base: string
let stop: () => void

async function start(config = TEST_CONFIG): Promise<void> {
  t = await testAuth(config)
  const origins = originPolicy(() => ({ ...config, origins: [config.publicUrl] }))
  const server = createServer((req, res) => {
    if (!origins.refuse(req, res)) t.auth.handle(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stop = () => {
    server.closeAllConnections()
    server.close()
  }
}

beforeEach(() => start())
afterEach(async () => {
  stop()
  await t[Symbol.asyncDispose]()
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: TEST_CONFIG.publicUrl, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** an admin with a password */
async function admin(password = 'correct horse battery'): Promise<void> {
  const { principal } = await t.first()
  await t.caller(principal).account.setPassword({ data: { password } })
}

describe('a link', () => {
  it('is exchanged for a cookie that scripts cannot read', async () => {
    const token = secretOf((await t.auth.ensureFirstLink()) as string)
    const answer = await post('/api/auth/link', { token })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ user: { email: 'admin@localhost', role: 'admin' } })
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^holdfast_3000=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const again = await post('/api/auth/link', { token })
    expect(again.status).toBe(401)
    expect(again.headers.get('set-cookie')).toBeNull()
    expect(await again.json()).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false })
  })

  it('lets one in when two browsers exchange it at once', async () => {
    const token = secretOf((await t.auth.ensureFirstLink()) as string)
    const answers = await Promise.all([post('/api/auth/link', { token }), post('/api/auth/link', { token })])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401])
  })

  it('is exchanged for a cookie bound to the host where pages come by https', async () => {
    stop()
    await t[Symbol.asyncDispose]()
    await start({ ...TEST_CONFIG, publicUrl: 'https://holdfast.example.org' })
    const token = secretOf((await t.auth.ensureFirstLink()) as string)
    const answer = await post('/api/auth/link', { token }, { origin: 'https://holdfast.example.org' })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-holdfast=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure$/,
    )
  })
})

describe('a password', () => {
  it('signs in, whatever the case of the address', async () => {
    await admin()
    const answer = await post('/api/auth/sign-in', { email: ' Admin@LOCALHOST ', password: 'correct horse battery' })
    expect(answer.status).toBe(200)
    const secret = /=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
    expect(await t.cookie(secret)).toMatchObject({ actor: 'user:admin@localhost' })
  })

  it('that is wrong, of nobody, or of somebody without one, answers the same', async () => {
    await admin()
    await t.member('ada@example.org', 'viewer')
    const attempts = [
      { email: 'admin@localhost', password: 'wrong' },
      { email: 'nobody@example.org', password: 'wrong' },
      { email: 'ada@example.org', password: 'wrong' },
    ]
    const answers = []
    for (const attempt of attempts) {
      const answer = await post('/api/auth/sign-in', attempt)
      answers.push([answer.status, await answer.text(), answer.headers.get('set-cookie')])
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.[0]).toBe(401)
    const rows = await t.file.store.read((tx) => tx.q.audit.list({ action: 'session.sign-in-failed', limit: 10 }))
    expect(rows).toHaveLength(3)
    expect(rows[1]).toMatchObject({ actor: 'anonymous', target: 'user/unknown' })
    expect(JSON.stringify(rows)).not.toContain('wrong')
  })

  it('is checked a bounded number of times, for one account and from one address', async () => {
    await admin()
    let refused: Response | null = null
    for (let i = 0; i < 11; i++)
      refused = await post('/api/auth/sign-in', { email: 'admin@localhost', password: `wrong ${i}` })
    expect(refused?.status).toBe(429)
    expect(refused?.headers.get('retry-after')).toBe('30')
    expect(await refused?.json()).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfterMs: 30_000 })
    expect(
      (await post('/api/auth/sign-in', { email: 'admin@localhost', password: 'correct horse battery' })).status,
    ).toBe(429)
    t.clock.advance(30_000)
    expect(
      (await post('/api/auth/sign-in', { email: 'admin@localhost', password: 'correct horse battery' })).status,
    ).toBe(200)
  }, 60_000)

  it('is not even looked at when an address has tried too many links', async () => {
    for (let i = 0; i < 20; i++) {
      expect((await post('/api/auth/link', { token: 'x'.repeat(43) })).status).toBe(401)
    }
    expect((await post('/api/auth/link', { token: 'x'.repeat(43) })).status).toBe(429)
    expect((await post('/api/auth/sign-in', { email: 'a@b', password: 'x' })).status).toBe(429)
  })
})

it('signing in rightly uses nothing up', async () => {
  for (let i = 0; i < 40; i++) {
    const link = secretOf(await t.auth.recoveryLink())
    expect((await post('/api/auth/link', { token: link })).status).toBe(200)
  }
})

it('counts what it leaves out of the audit trail', async () => {
  for (let i = 0; i < 40; i++) {
    await expect(t.auth.signIn.byLink('x', { ...DEVICE, address: `192.0.2.${i}` })).rejects.toThrow()
  }
  t.clock.advance(10_000)
  await expect(t.auth.signIn.byLink('x', { ...DEVICE, address: '198.51.100.1' })).rejects.toThrow()
  const rows = await t.file.store.read((tx) => tx.q.audit.list({ action: 'session.sign-in-failed', limit: 100 }))
  expect(rows).toHaveLength(31)
  expect(rows[0]?.after).toMatchObject({ moreLeftOut: 10 })
})

describe('signing out', () => {
  it('ends the session and deletes the cookie', async () => {
    const { secret } = await t.first()
    const answer = await post('/api/auth/sign-out', '{}', { cookie: `holdfast_3000=${secret}` })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(/^holdfast_3000=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/)
    expect(await t.cookie(secret)).toBeNull()
  })

  it('cannot be caused by another page', async () => {
    const { secret } = await t.first()
    const answer = await post('/api/auth/sign-out', '{}', {
      cookie: `holdfast_3000=${secret}`,
      origin: 'https://evil.example',
    })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'FORBIDDEN' })
    expect(await t.cookie(secret)).not.toBeNull()
  })

  it('without a session is no error', async () => {
    expect((await post('/api/auth/sign-out', '{}')).status).toBe(200)
  })
})

describe('bad input', () => {
  it.each([
    ['no JSON', '{', {}],
    ['nothing', '', {}],
    ['null', 'null', {}],
    ['wrong types', '{"token":7}', {}],
    ['missing fields', '{}', {}],
    ['another content type', '{"token":"x"}', { 'content-type': 'text/plain' }],
    ['a form', 'token=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['too much', `{"token":"${'x'.repeat(9_000)}"}`, {}],
    ['deep nesting', '['.repeat(4_000), {}],
  ])('%s is a clear error', async (_what, body, headers) => {
    const answer = await post('/api/auth/link', body, headers as Record<string, string>)
    expect(answer.status).toBe(400)
    const error = await answer.json()
    expect(error).toMatchObject({ code: 'VALIDATION', retryable: false })
    expect(error.message.length).toBeLessThan(300)
  })

  it('never repeats a password', async () => {
    const answer = await post('/api/auth/sign-in', { email: 'a@b', password: ['hunter2'] })
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain('hunter2')
  })

  it('that never ends is cut off, with an answer', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
      const req = request(`${base}/api/auth/link`, { method: 'POST', headers }, (res) => {
        res.resume()
        resolve(res.statusCode ?? 0)
      })
      req.on('error', reject)
      req.write('x'.repeat(10_000))
    })
    expect(status).toBe(400)
  })

  it.each([
    ['GET', '/api/auth/link', 405],
    ['POST', '/api/auth/unknown', 404],
    ['POST', '/api/auth/constructor', 404],
    ['POST', '/api/auth/', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await fetch(`${base}${path}`, { method })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toHaveProperty('code')
  })
})
