/** Each middleware of the chain, with real requests. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { MiddlewareConfig } from '../core/gateway/fields.ts'
import { setHeader } from './answer.ts'
import type { MiddlewareKind } from './middleware.ts'
import { Refused } from './problem.ts'
import { ask, readAll, type Service, serve } from './testing/plain.ts'
import { type Rig, type RigOptions, rig, routeTo } from './testing/rig.ts'

const step = (use: string, config: MiddlewareConfig = {}) => ({ use, config })

/** Says what it was sent. */
const echo = () =>
  serve(async (req, res) => {
    const body = await readAll(req)
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body: body.toString() }))
  })

async function through(
  chain: ReturnType<typeof step>[],
  run: (gateway: Rig, service: Service) => Promise<void>,
  options: RigOptions & { service?: () => Promise<Service> } = {},
) {
  await using service = await (options.service ?? echo)()
  await using gateway = await rig([routeTo(service.port, chain)], options)
  await run(gateway, service)
}

describe('request-id', () => {
  test('goes to the service, into problems and back; a client’s own only when it is trusted and sound', async () => {
    await through([step('request-id', { trust: true })], async ({ port }) => {
      const one = await ask(port)
      expect(one.headers['x-request-id']).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/)
      expect(JSON.parse(one.body.toString()).headers['x-request-id']).toBe(one.headers['x-request-id'])
      expect((await ask(port, { headers: { 'x-request-id': 'mine-1' } })).headers['x-request-id']).toBe('mine-1')
      const strange = (await ask(port, { headers: { 'x-request-id': 'a b;c' } })).headers['x-request-id']
      expect(strange).not.toBe('a b;c')
    })
    await through([step('request-id')], async ({ port }) => {
      expect((await ask(port, { headers: { 'x-request-id': 'mine-1' } })).headers['x-request-id']).not.toBe('mine-1')
    })
  })
})

describe('rate-limit', () => {
  test('refuses above the limit and says when to come back; each client has its own', async () => {
    let now = 1_000
    const chain = [step('rate-limit', { requests: 2, perMs: 1_000, by: 'header', header: 'x-user' })]
    await through(
      chain,
      async ({ port }) => {
        const as = (user: string) => ask(port, { headers: { 'x-user': user } })
        expect([(await as('a')).status, (await as('a')).status]).toEqual([200, 200])
        const no = await as('a')
        expect([no.status, no.headers['retry-after'], no.headers['ratelimit-policy']]).toEqual([429, '1', '2;w=1'])
        expect(JSON.parse(no.body.toString())).toMatchObject({ status: 429, part: 'limit' })
        expect((await as('b')).status).toBe(200)
        now += 500
        expect((await as('a')).status).toBe(200)
        expect((await as('a')).status).toBe(429)
      },
      { now: () => now },
    )
  })

  test('what was used stays used when the limit is changed', async () => {
    await through(
      [step('rate-limit', { requests: 1, perMs: 60_000 })],
      async (gateway, service) => {
        expect((await ask(gateway.port)).status).toBe(200)
        gateway.put([{ ...routeTo(service.port, [step('rate-limit', { requests: 1, perMs: 50_000 })]), revision: 2 }])
        expect((await ask(gateway.port)).status).toBe(429)
      },
      { now: () => 0 },
    )
  })

  test('workers share a limit', async () => {
    await through(
      [step('rate-limit', { requests: 4, perMs: 60_000 })],
      async ({ port }) => {
        const statuses = []
        for (let i = 0; i < 3; i++) statuses.push((await ask(port)).status)
        expect(statuses).toEqual([200, 200, 429])
      },
      { now: () => 0, workers: 2 },
    )
  })
})

describe('concurrency', () => {
  test('lets so many through at once, the next wait in order, the rest are told at once', async () => {
    const waiting: (() => void)[] = []
    let most = 0
    const service = () =>
      serve((_req, res) => {
        waiting.push(() => res.end('ok'))
        most = Math.max(most, waiting.length)
      })
    const arrived = async (count: number) => {
      while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve))
    }
    await through(
      [step('concurrency', { inFlightMax: 2, queueMax: 1, waitMs: 10_000 })],
      async (gateway) => {
        const asked = [ask(gateway.port), ask(gateway.port)]
        await arrived(2)
        const third = ask(gateway.port)
        while (gateway.front.inFlight < 3) await new Promise((resolve) => setImmediate(resolve))
        expect((await ask(gateway.port)).status).toBe(503)
        waiting.shift()?.()
        await arrived(2)
        for (const go of waiting) go()
        expect((await Promise.all([...asked, third])).map(({ status }) => status)).toEqual([200, 200, 200])
        expect(most).toBe(2)
        const waited = gateway.outcomes.map(({ context }) => context?.marks.admissionMs ?? 0).filter((ms) => ms > 0)
        expect(waited).toHaveLength(1)
      },
      { service },
    )
  })

  test('who leaves while waiting leaves the queue', async () => {
    const waiting: (() => void)[] = []
    const service = () => serve((_req, res) => void waiting.push(() => res.end('ok')))
    await through(
      [step('concurrency', { inFlightMax: 1, queueMax: 1, waitMs: 10_000 })],
      async (gateway) => {
        const first = ask(gateway.port)
        while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve))
        const { request } = await import('node:http')
        const leaver = request({ host: '127.0.0.1', port: gateway.port, agent: false })
        leaver.on('error', () => {})
        leaver.end()
        while (gateway.front.inFlight < 2) await new Promise((resolve) => setImmediate(resolve))
        leaver.destroy()
        await gateway.ended(1)
        expect(gateway.outcomes[0]?.outcome.refusal).toBe('client')
        const third = ask(gateway.port)
        while (gateway.front.inFlight < 2) await new Promise((resolve) => setImmediate(resolve))
        waiting[0]?.()
        while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve))
        waiting[1]?.()
        expect([(await first).status, (await third).status]).toEqual([200, 200])
      },
      { service },
    )
  })
})

describe('timeout', () => {
  test('answers 504 and ends the call of the service', async () => {
    let closed: (() => void) | null = null
    const ended = new Promise<void>((resolve) => {
      closed = resolve
    })
    await through(
      [step('timeout', { ms: 50 })],
      async ({ port }) => {
        const answer = await ask(port)
        expect(answer.status).toBe(504)
        expect(JSON.parse(answer.body.toString())).toMatchObject({ part: 'timeout' })
        await ended
      },
      { service: () => serve((_req, res) => void res.on('close', () => closed?.())) },
    )
  })
})

describe('api-key', () => {
  const hash = `sha256:${createHash('sha256').update('secret-key').digest('hex')}`
  test('knows keys by their hash, hides them from the service and tells it whose they are', async () => {
    await through([step('api-key', { keys: [['ada', hash]] })], async ({ port }) => {
      expect((await ask(port)).status).toBe(401)
      expect((await ask(port, { headers: { 'x-api-key': 'wrong' } })).status).toBe(401)
      const yes = await ask(port, { headers: { 'x-api-key': 'secret-key', 'x-api-key-name': 'root' } })
      const { headers } = JSON.parse(yes.body.toString())
      expect(headers['x-api-key']).toBeUndefined()
      expect(headers['x-api-key-name']).toBe('ada')
    })
  })
})

describe('jwt', () => {
  test('takes a token that is signed, meant for us and in time, and nothing else', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const other = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }
    await using keys = await serve((_req, res) => {
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify({ keys: [jwk] }))
    })
    const config = {
      jwksUrl: `http://127.0.0.1:${keys.port}/`,
      issuer: 'https://id.example',
      audience: 'shop',
      leewayS: 0,
    }
    const token = (key: CryptoKey, change: { aud?: string; exp?: number } = {}) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setSubject('ada')
        .setIssuer('https://id.example')
        .setAudience(change.aud ?? 'shop')
        .setExpirationTime(change.exp ?? Math.floor(Date.now() / 1000) + 60)
        .sign(key)
    await through([step('jwt', config)], async ({ port }) => {
      const withToken = async (text: string) => {
        const { status, body } = await ask(port, {
          headers: { authorization: `Bearer ${text}`, 'x-jwt-subject': 'root' },
        })
        return { status, body: JSON.parse(body.toString()) }
      }
      const good = await withToken(await token(privateKey as CryptoKey))
      expect([good.status, good.body.headers['x-jwt-subject']]).toEqual([200, 'ada'])
      expect((await ask(port)).status).toBe(401)
      expect((await withToken('a.b.c')).status).toBe(401)
      expect((await withToken(await token(other.privateKey as CryptoKey))).body.detail).toContain('signature')
      expect((await withToken(await token(privateKey as CryptoKey, { aud: 'bank' }))).status).toBe(401)
      expect((await withToken(await token(privateKey as CryptoKey, { exp: 1 }))).body.detail).toContain('expired')
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"root"}').toString('base64url')}.`
      expect((await withToken(none)).status).toBe(401)
    })
  })
})

describe('cors', () => {
  test('answers preflights by itself and allows only the origins it names', async () => {
    await through(
      [step('cors', { origins: ['https://shop.example'], credentials: true })],
      async ({ port, outcomes }) => {
        const preflight = (origin: string) =>
          ask(port, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
        const yes = await preflight('https://shop.example')
        expect(yes.status).toBe(204)
        expect(yes.headers).toMatchObject({
          'access-control-allow-origin': 'https://shop.example',
          'access-control-allow-credentials': 'true',
        })
        expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
        expect(outcomes.every(({ context }) => context?.marks.attempts.length === 0)).toBe(true)
        const plain = await ask(port, { headers: { origin: 'https://shop.example' } })
        expect(plain.headers['access-control-allow-origin']).toBe('https://shop.example')
        expect(plain.headers.vary).toContain('origin')
        expect(
          (await ask(port, { headers: { origin: 'https://evil.example' } })).headers['access-control-allow-origin'],
        ).toBeUndefined()
      },
    )
  })

  test('any origin never comes with credentials', async () => {
    await through([step('cors', { origins: ['*'], credentials: true })], async ({ port }) => {
      const { headers } = await ask(port, { headers: { origin: 'https://any.example' } })
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    })
  })
})

describe('cache', () => {
  async function cached(
    headers: Record<string, string>,
    run: (port: number, asked: () => number) => Promise<void>,
    chain: ReturnType<typeof step>[] = [],
  ) {
    let count = 0
    const service = () =>
      serve((req, res) => {
        count += 1
        for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
        res.end(`${req.url} ${req.headers['x-api-key-name'] ?? req.headers['accept-language'] ?? ''} ${count}`)
      })
    await through([...chain, step('cache')], ({ port }) => run(port, () => count), { service })
  }

  test('answers again from memory while an answer is fresh', async () => {
    await cached({ 'cache-control': 'max-age=60' }, async (port, asked) => {
      const one = await ask(port, { path: '/a' })
      const two = await ask(port, { path: '/a' })
      expect([one.headers['x-cache'], two.headers['x-cache'], asked()]).toEqual(['miss', 'hit', 1])
      expect(two.body).toEqual(one.body)
      const head = await ask(port, { path: '/a', method: 'HEAD' })
      expect([head.headers['x-cache'], head.body.length]).toEqual(['hit', 0])
      await ask(port, { path: '/b' })
      await ask(port, { path: '/a', method: 'POST' })
      await ask(port, { path: '/a', headers: { 'cache-control': 'no-cache' } })
      expect(asked()).toBe(4)
    })
  })

  test.each(['no-store', 'private, max-age=60', 'max-age=0'])('keeps nothing under "%s"', async (control) => {
    await cached({ 'cache-control': control }, async (port, asked) => {
      await ask(port)
      await ask(port)
      expect(asked()).toBe(2)
    })
  })

  test('what is for one caller is not for another: by Vary, by Authorization, by what a middleware has set', async () => {
    await cached({ 'cache-control': 'max-age=60', vary: 'accept-language' }, async (port, asked) => {
      const inLanguage = async (language: string) =>
        (await ask(port, { headers: { 'accept-language': language } })).body.toString()
      expect(await inLanguage('de')).toContain(' de ')
      expect(await inLanguage('fr')).toContain(' fr ')
      expect(await inLanguage('de')).toContain(' de 1')
      expect(asked()).toBe(2)
    })
    await cached({ 'cache-control': 'max-age=60' }, async (port, asked) => {
      await ask(port, { headers: { authorization: 'Bearer a' } })
      await ask(port, { headers: { authorization: 'Bearer b' } })
      expect(asked()).toBe(2)
    })
    const keys = ['a', 'b'].map((key) => [key, `sha256:${createHash('sha256').update(key).digest('hex')}`] as const)
    await cached(
      { 'cache-control': 'max-age=60', vary: 'x-api-key-name' },
      async (port) => {
        const as = async (key: string) => (await ask(port, { headers: { 'x-api-key': key } })).body.toString()
        expect(await as('a')).toContain(' a ')
        expect(await as('b')).toContain(' b ')
        expect(await as('a')).toContain(' a 1')
      },
      [step('api-key', { keys })],
    )
  })

  test('forgets the longest unused first, and never grows beyond its size', async () => {
    let count = 0
    const service = () =>
      serve((_req, res) => {
        count += 1
        res.setHeader('cache-control', 'max-age=60')
        res.end(Buffer.alloc(10_000))
      })
    await through(
      [step('cache', { bytesMax: 1_048_576, entryBytesMax: 20_000 })],
      async ({ port }) => {
        for (let i = 0; i < 150; i++) {
          await ask(port, { path: `/${i}` })
          await ask(port, { path: '/0' })
        }
        expect(count).toBe(150)
        expect((await ask(port, { path: '/1' })).headers['x-cache']).toBe('miss')
        expect((await ask(port, { path: '/0' })).headers['x-cache']).toBe('hit')
      },
      { service },
    )
  })
})

describe('compression', () => {
  test('of text, for those who take it, with a validator that says so', async () => {
    const text = 'hello '.repeat(1_000)
    const service = () =>
      serve((req, res) => {
        res.setHeader('content-type', req.url === '/png' ? 'image/png' : 'text/plain')
        res.setHeader('etag', '"v1"')
        res.end(text)
      })
    await through(
      [step('compression')],
      async ({ port }) => {
        const zipped = await ask(port, { headers: { 'accept-encoding': 'br;q=0, gzip' } })
        expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', etag: 'W/"v1"', vary: 'accept-encoding' })
        expect(gunzipSync(zipped.body).toString()).toBe(text)
        const plain = await ask(port, { headers: { 'accept-encoding': 'gzip;q=0' } })
        expect(plain.headers['content-encoding']).toBeUndefined()
        expect(plain.body.toString()).toBe(text)
        expect(
          (await ask(port, { path: '/png', headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'],
        ).toBeUndefined()
      },
      { service },
    )
  })
})

describe('headers', () => {
  test('are set and removed either way; framing stays ours', async () => {
    const chain = [
      step('headers', {
        setRequest: [
          ['x-tenant', 'a'],
          ['content-length', '1'],
          ['connection', 'close'],
        ],
        removeRequest: ['cookie'],
        setResponse: [
          ['strict-transport-security', 'max-age=1'],
          ['transfer-encoding', 'x'],
        ],
        removeResponse: ['server'],
      }),
    ]
    await through(chain, async ({ port }) => {
      const { body, headers } = await ask(port, { method: 'POST', headers: { cookie: 'a=1' } }, 'hello')
      const seen = JSON.parse(body.toString())
      expect(seen).toMatchObject({ body: 'hello', headers: { 'x-tenant': 'a' } })
      expect(seen.headers.cookie).toBeUndefined()
      expect(headers['strict-transport-security']).toBe('max-age=1')
    })
  })
})

describe('body-limit', () => {
  test('refuses by the length that is said, and by what comes without one', async () => {
    await through([step('body-limit', { bytesMax: 100_000 })], async ({ port }) => {
      expect((await ask(port, { method: 'POST' }, Buffer.alloc(100_000))).status).toBe(200)
      expect((await ask(port, { method: 'POST' }, Buffer.alloc(100_001))).status).toBe(413)
      const chunked = await ask(
        port,
        { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
        Buffer.alloc(300_000),
      )
      expect(chunked.status).toBe(413)
    })
  })
})

describe('mirror', () => {
  test('sends a copy that neither delays nor fails the answer', async () => {
    const copies: { url: string | undefined; body: string; mark: unknown }[] = []
    await using shadow = await serve(async (req, res) => {
      copies.push({ url: req.url, body: (await readAll(req)).toString(), mark: req.headers['x-holdfast-mirror'] })
      res.statusCode = 500
      res.end()
    })
    await through([step('mirror', { service: 'shadow' })], async (gateway) => {
      const { port, services } = gateway
      services.upstreams.set('shadow', [instanceAt('shadow-1', shadow.port)])
      expect((await ask(port, { method: 'POST', path: '/a?b=1' }, 'hello')).status).toBe(200)
      while (copies.length === 0) await new Promise((resolve) => setImmediate(resolve))
      expect(copies).toEqual([{ url: '/a?b=1', body: 'hello', mark: '1' }])
    })
  })
})

describe('one of one’s own', () => {
  const tenant: MiddlewareKind = {
    spec: {
      name: 'tenant',
      title: 'Tenant',
      help: 'Refuses who has none.',
      from: 'gateway',
      fields: [{ name: 'header', title: 'Header', help: '', kind: 'text', default: 'x-tenant', lengthMax: 100 }],
    },
    create: ({ header }) => ({
      async process(context, next) {
        const found = context.header(String(header))
        if (found === undefined) throw new Refused(400, 'bad-request', 'Say for which tenant.')
        setHeader(context.headers, 'x-tenant-checked', found)
        const answer = await next(context)
        setHeader(answer.headers, 'x-served-for', found)
        return answer
      },
    }),
  }
  test('stands in a chain like the built-in ones, with its config', async () => {
    await through(
      [step('tenant', { header: 'x-org' })],
      async ({ port }) => {
        expect((await ask(port)).status).toBe(400)
        const { headers, body } = await ask(port, { headers: { 'x-org': 'acme' } })
        expect(headers['x-served-for']).toBe('acme')
        expect(JSON.parse(body.toString()).headers['x-tenant-checked']).toBe('acme')
      },
      { kinds: [tenant] },
    )
  })

  test('whose headers nobody can write is answered as a failure of the gateway, and costs nobody else', async () => {
    const broken: MiddlewareKind = {
      spec: { name: 'broken', title: '', help: '', fields: [], from: 'gateway' },
      create: () => ({
        async process(context, next) {
          const answer = await next(context)
          answer.headers.push('x-note', 'slow \u2014 retry')
          return answer
        },
      }),
    }
    await through(
      [step('broken')],
      async (gateway) => {
        expect((await ask(gateway.port)).status).toBe(500)
        expect((await ask(gateway.port)).status).toBe(500)
        await gateway.ended(2)
        expect(gateway.outcomes[1]?.outcome).toMatchObject({ status: 500, refusal: 'gateway' })
        expect(gateway.front.inFlight).toBe(0)
      },
      { kinds: [broken] },
    )
  })

  test('that throws what it should not is answered as a failure of the gateway, without its words', async () => {
    const broken: MiddlewareKind = {
      spec: { name: 'broken', title: '', help: '', fields: [], from: 'gateway' },
      create: () => ({
        process() {
          throw new Error('secret detail')
        },
      }),
    }
    await through(
      [step('broken')],
      async ({ port }) => {
        const { status, body } = await ask(port)
        expect(status).toBe(500)
        expect(body.toString()).not.toContain('secret')
        expect((await ask(port)).status).toBe(500)
      },
      { kinds: [broken] },
    )
  })
})

function instanceAt(id: string, port: number) {
  return { id, service: 'shadow', address: `127.0.0.1:${port}`, zone: null, weight: 1, metadata: {} } as never
}
