/** Requests byte by byte, judged by an upstream that keeps what it is sent (G1 to G4). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Judge, judge, valuesOf } from './testing/judge.ts'
import { exchange, open } from './testing/raw-client.ts'
import { type Rig, rig, routeTo } from './testing/rig.ts'

const crlf = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const HOST = 'Host: shop.example'

async function behind(run: (rig: Rig, upstream: Judge) => Promise<void>, options: Parameters<typeof rig>[1] = {}) {
  await using upstream = await judge()
  await using gateway = await rig([routeTo(upstream.port)], options)
  await run(gateway, upstream)
  expect(upstream.strange).toEqual([])
}

describe('what is not well formed is answered, closed, and never reaches a service', () => {
  const body = 'GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n'
  const cases: [string, string, number][] = [
    [
      'a length beside chunks',
      `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${body}`,
      400,
    ],
    [
      'chunks beside a length',
      `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${body}`,
      400,
    ],
    [
      'two lengths that differ',
      `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: 5', 'Content-Length: 50')}hello${body}`,
      400,
    ],
    ['two lengths that agree', `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: 5', 'Content-Length: 5')}hello`, 400],
    ['a list of lengths', `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: 5, 5')}hello`, 400],
    ['a length with a sign', `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: +5')}hello`, 400],
    ['a length below nothing', crlf('POST / HTTP/1.1', HOST, 'Content-Length: -1'), 400],
    ['a length in hexadecimal', `${crlf('POST / HTTP/1.1', HOST, 'Content-Length: 0x5')}hello`, 400],
    ['a length beyond all numbers', crlf('POST / HTTP/1.1', HOST, 'Content-Length: 99999999999999999999999'), 400],
    ['an unknown coding', `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: xchunked')}0\r\n\r\n`, 400],
    ['a coding before chunks', `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`, 400],
    [
      'chunks twice',
      `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      400,
    ],
    ['"identity"', `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: identity')}hello`, 400],
    ['a hidden coding', `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: \x0bchunked')}0\r\n\r\n`, 400],
    ['a space before a colon', crlf('GET / HTTP/1.1', HOST, 'Content-Length : 5'), 400],
    ['a folded header', crlf('GET / HTTP/1.1', HOST, 'X-A: b', ' Transfer-Encoding: chunked'), 400],
    ['a header line folded from the first', crlf('GET / HTTP/1.1', ' X-A: b', HOST), 400],
    ['bare LF between headers', `GET / HTTP/1.1\r\n${HOST}\nX-A: b\r\n\r\n`, 400],
    ['bare LF at the end', `GET / HTTP/1.1\n${HOST}\n\n`, 400],
    ['bare CR in a header', `GET / HTTP/1.1\r\n${HOST}\r\nX-A: b\rX-B: c\r\n\r\n`, 400],
    ['NUL in a header', crlf('GET / HTTP/1.1', HOST, 'X-A: b\0c'), 400],
    ['NUL in the path', crlf('GET /a\0b HTTP/1.1', HOST), 400],
    ['a header without a colon', crlf('GET / HTTP/1.1', HOST, 'nonsense'), 400],
    ['a header without a name', crlf('GET / HTTP/1.1', HOST, ': b'), 400],
    ['no version', crlf('GET /', HOST), 400],
    ['a version that is not one', crlf('GET / HTTP/9.9', HOST), 400],
    ['a version in small letters', crlf('GET / http/1.1', HOST), 400],
    ['two Hosts', crlf('GET / HTTP/1.1', HOST, 'Host: evil.example'), 400],
    ['no Host', crlf('GET / HTTP/1.1', 'X-A: b'), 400],
    ['a Host with a path', crlf('GET / HTTP/1.1', 'Host: shop.example/admin'), 400],
    ['a Host with credentials', crlf('GET / HTTP/1.1', 'Host: me@shop.example'), 400],
    ['a target of another host', crlf('GET http://evil.example/ HTTP/1.1', HOST), 400],
    ['a target of another scheme', crlf('GET ftp://shop.example/ HTTP/1.1', HOST), 400],
    ['an encoded slash', crlf('GET /a%2fb HTTP/1.1', HOST), 400],
    ['a backslash', crlf('GET /a\\..\\b HTTP/1.1', HOST), 400],
    ['a fragment', crlf('GET /a#b HTTP/1.1', HOST), 400],
    [
      'a chunk size with a sign',
      `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}+5\r\nhello\r\n0\r\n\r\n`,
      400,
    ],
    [
      'a chunk size that overflows',
      `${crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}fffffffffffffffff\r\nhello\r\n0\r\n\r\n`,
      400,
    ],
    [
      'two credentials, one to be checked and one to be used (G3)',
      crlf('GET / HTTP/1.1', HOST, 'Authorization: Bearer good', 'authorization: Bearer forged'),
      400,
    ],
    ['two types of a body', crlf('GET / HTTP/1.1', HOST, 'Content-Type: text/plain', 'Content-Type: text/html'), 400],
    ['TRACE', crlf('TRACE / HTTP/1.1', HOST), 405],
    ['headers of 40 kB', crlf('GET / HTTP/1.1', HOST, `X-A: ${'a'.repeat(40_000)}`), 431],
    ['201 headers', crlf('GET / HTTP/1.1', HOST, ...Array.from({ length: 200 }, (_, i) => `X-${i}: 1`)), 431],
    [
      'a length behind 250 headers',
      `${crlf('POST / HTTP/1.1', HOST, ...Array.from({ length: 250 }, (_, i) => `X-${i}: 1`), `Content-Length: ${body.length}`)}${body}`,
      431,
    ],
    [
      'another upgrade',
      crlf('GET / HTTP/1.1', HOST, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
      501,
    ],
  ]
  test.each(cases)('%s', async (_, bytes, status) => {
    await behind(async ({ port }, upstream) => {
      const { statuses, text } = await exchange(port, bytes, 2)
      expect(statuses).toEqual([status])
      expect(text).toMatch(/connection: close/i)
      expect(text).toContain('application/problem+json')
      expect(upstream.requests).toEqual([])
    })
  })

  test('CONNECT opens no tunnel', async () => {
    await behind(async ({ port }, upstream) => {
      const { text } = await exchange(port, `${crlf('CONNECT 127.0.0.1:22 HTTP/1.1', HOST)}hello`)
      expect(text).not.toContain(' 200 ')
      expect(upstream.bytes).toBe(0)
    })
  })

  test('a bad chunk in the middle of a body ends both sides; the service sees no whole body', async () => {
    await behind(async ({ port }, upstream) => {
      const head = crlf('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')
      await exchange(port, [`${head}5\r\nhello\r\n`, 'zz\r\nworld\r\n0\r\n\r\n'])
      expect(upstream.requests).toEqual([])
    })
  })

  test('what follows a refused request on its connection is never taken for a request', async () => {
    await using upstream = await judge()
    await using gateway = await rig([routeTo(upstream.port, [{ use: 'body-limit', config: { bytesMax: 10 } }])])
    const smuggled = crlf('GET /smuggled HTTP/1.1', HOST)
    const { statuses } = await exchange(
      gateway.port,
      `${crlf('POST / HTTP/1.1', HOST, `Content-Length: ${smuggled.length}`)}${smuggled}`,
      2,
    )
    expect(statuses).toEqual([413])
    expect(upstream.bytes).toBe(0)
  })
})

describe('what is forwarded', () => {
  test('is framed by us: chunks stay chunks, a length a length, nothing has neither', async () => {
    await behind(async ({ port }, upstream) => {
      await exchange(
        port,
        `${crlf('POST /c HTTP/1.1', HOST, 'Transfer-Encoding: Chunked')}5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n`,
      )
      await exchange(port, `${crlf('POST /l HTTP/1.1', HOST, 'Content-Length: 5')}hello`)
      await exchange(port, crlf('GET /n HTTP/1.1', HOST))
      await exchange(port, crlf('POST /z HTTP/1.1', HOST, 'Content-Length: 0'))
      const [chunks, length, none, zero] = upstream.requests
      expect([chunks?.body, length?.body, none?.body, zero?.body]).toEqual(['hello', 'hello', '', ''])
      expect(valuesOf(length as never, 'content-length')).toEqual(['5'])
      expect(none?.headers.filter(([name]) => /content-length|transfer-encoding/.test(name))).toEqual([])
    })
  })

  test('leaves one after another on a connection that a client fills in one write', async () => {
    await behind(async ({ port }, upstream) => {
      const { statuses } = await exchange(
        port,
        crlf('GET /1 HTTP/1.1', HOST) +
          `${crlf('POST /2 HTTP/1.1', HOST, 'Content-Length: 2')}hi` +
          crlf('GET /3 HTTP/1.1', HOST),
        3,
      )
      expect(statuses).toEqual([200, 200, 200])
      expect(upstream.requests.map(({ target, body }) => target + body)).toEqual(['/1', '/2hi', '/3'])
    })
  })

  test('has no header that concerns the client’s connection, nor one that it names (G2)', async () => {
    await behind(async ({ port }, upstream) => {
      await exchange(
        port,
        crlf(
          'GET / HTTP/1.1',
          HOST,
          'Connection: keep-alive, X-Secret, x-forwarded-for, x-request-id, host, traceparent, content-length',
          'X-Secret: 1',
          'Keep-Alive: timeout=5',
          'Proxy-Connection: keep-alive',
          'Proxy-Authorization: Basic x',
          'TE: trailers',
          'Upgrade: h2c',
          'X-Kept: yes',
        ),
      )
      const request = upstream.requests[0] as (typeof upstream.requests)[0]
      const names = request.headers.map(([name]) => name)
      for (const gone of ['x-secret', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'upgrade']) {
        expect(names).not.toContain(gone)
      }
      for (const kept of [
        'x-kept',
        'x-forwarded-for',
        'x-forwarded-host',
        'x-forwarded-proto',
        'host',
        'traceparent',
      ]) {
        expect(names).toContain(kept)
      }
    })
  })

  test('names the client by the socket; only a trusted proxy may say otherwise', async () => {
    const bytes = crlf(
      'GET / HTTP/1.1',
      HOST,
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: https',
      'X-Real-IP: 6.6.6.6',
      'Forwarded: for=6.6.6.6',
    )
    await behind(async ({ port, outcomes }, upstream) => {
      await exchange(port, bytes)
      const request = upstream.requests[0] as (typeof upstream.requests)[0]
      expect(valuesOf(request, 'x-forwarded-for')).toEqual(['127.0.0.1'])
      expect(valuesOf(request, 'x-forwarded-host')).toEqual(['shop.example'])
      expect(valuesOf(request, 'x-forwarded-proto')).toEqual(['http'])
      expect([...valuesOf(request, 'x-real-ip'), ...valuesOf(request, 'forwarded')]).toEqual([])
      expect(outcomes[0]?.context?.client).toBe('127.0.0.1')
    })
    await behind(
      async ({ port, outcomes }, upstream) => {
        await exchange(port, bytes)
        const request = upstream.requests[0] as (typeof upstream.requests)[0]
        expect(valuesOf(request, 'x-forwarded-for')).toEqual(['6.6.6.6, 127.0.0.1'])
        expect(valuesOf(request, 'x-forwarded-proto')).toEqual(['https'])
        expect(outcomes[0]?.context?.client).toBe('6.6.6.6')
      },
      { trusted: ['127.0.0.0/8'] },
    )
  })

  test('is what was authorised: one spelling of the path for the choice of the route and for the service (G3)', async () => {
    await using open = await judge()
    await using closed = await judge()
    await using gateway = await rig([
      routeTo(open.port),
      {
        ...routeTo(closed.port, [{ use: 'api-key', config: { keys: [['ada', `sha256:${'0'.repeat(64)}`]] } }]),
        id: 'admin',
        match: { hosts: [], path: { kind: 'prefix', value: '/admin' }, methods: [], headers: [] },
      },
    ])
    for (const spelling of [
      '/admin',
      '/%61dmin',
      '/x/../admin',
      '/x/%2e%2e/admin/',
      '//admin',
      '/./admin',
      '/admin/.%2e/admin',
    ]) {
      const { statuses } = await exchange(gateway.port, crlf(`GET ${spelling} HTTP/1.1`, HOST))
      expect([spelling, ...statuses]).toEqual([spelling, 401])
    }
    await exchange(gateway.port, crlf('GET /x/../public/%7euser?a=%2f HTTP/1.1', HOST))
    expect(open.requests.map(({ target }) => target)).toEqual(['/public/~user?a=%2f'])
    expect(closed.bytes).toBe(0)
  })

  test('goes where the route says, whatever the target or a header names (G4)', async () => {
    await using other = await judge()
    await behind(async ({ port }, upstream) => {
      const host = `127.0.0.1:${other.port}`
      await exchange(port, crlf(`GET http://${host}/a HTTP/1.1`, `Host: ${host}`))
      await exchange(
        port,
        crlf('GET /b HTTP/1.1', `Host: ${host}`, `X-Forwarded-Host: ${host}`, `X-Original-URL: http://${host}/`),
      )
      expect(upstream.requests.map(({ target }) => target)).toEqual(['/a', '/b'])
      expect(other.connections).toBe(0)
    })
  })

  test('goes on with the trace of the client, as a child of its span', async () => {
    await behind(async ({ port }, upstream) => {
      const trace = '0af7651916cd43dd8448eb211c80319c'
      await exchange(
        port,
        crlf('GET / HTTP/1.1', HOST, `traceparent: 00-${trace}-b7ad6b7169203331-01`, 'tracestate: a=1'),
      )
      const request = upstream.requests[0] as (typeof upstream.requests)[0]
      expect(valuesOf(request, 'traceparent')[0]).toMatch(
        new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
      )
      expect(valuesOf(request, 'tracestate')).toEqual(['a=1'])
    })
  })
})

test('one request in, at most one out, and none that could be read in two ways (G1)', async () => {
  const line = fc.constantFrom(
    'GET / HTTP/1.1',
    'POST /a HTTP/1.1',
    'POST /a/../b HTTP/1.1',
    'GET http://h/ HTTP/1.1',
    'GET / HTTP/1.0',
    'GET /%2e%2e/x HTTP/1.1',
  )
  const field = fc.constantFrom(
    'Host: h',
    'Host: h',
    'host:h',
    'Content-Length: 3',
    'Content-Length: 3',
    'Content-Length: 0',
    'content-length: 03',
    'Content-Length: 3,3',
    'Content-Length: \t3',
    'Content-Length: 3 ',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: chunked',
    'transfer-encoding:\tchunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: CHUNKED',
    'X: a\r\n b',
    'X: \x7f',
    'Connection: content-length',
    'Connection: transfer-encoding, host',
    'Expect: 100-continue',
    'TE: trailers',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'X\0: 1',
    'Foo: bar\nEvil: 1',
    'Trailer: host',
  )
  const end = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r')
  const body = fc.constantFrom(
    '',
    'abc',
    '3\r\nabc\r\n0\r\n\r\n',
    '3\r\nabc\r\n0\r\nHost: x\r\n\r\n',
    '3;x=y\r\nabc\r\n0\r\n\r\n',
    '03\r\nabc\r\n00\r\n\r\n',
    '3\nabc\n0\n\n',
    '4\r\nabc\r\n0\r\n\r\n',
    'abcGET /s HTTP/1.1\r\nHost: h\r\n\r\n',
    '0\r\n\r\nGET /s HTTP/1.1\r\nHost: h\r\n\r\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n',
  )
  const request = fc
    .tuple(line, fc.array(fc.tuple(field, end), { maxLength: 5 }), end, body)
    .map(
      ([first, fields, last, rest]) =>
        `${first}\r\nHost: h\r\n${fields.map(([text, eol]) => text + eol).join('')}${last}${rest}`,
    )
  await using upstream = await judge()
  await using gateway = await rig([routeTo(upstream.port)])
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
      const before = { judged: upstream.requests.length, ended: gateway.outcomes.length }
      const socket = await open(gateway.port)
      socket.on('error', () => {})
      socket.resume()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.end(requests.join(''), 'latin1')
      await closed
      // All that was begun has ended once no exchange is under way.
      while (gateway.front.inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
      const ended = gateway.outcomes.slice(before.ended)
      const sent = ended.reduce(
        (sum, { context }) => sum + (context?.marks.attempts.filter((a) => a.headersSentMs !== null).length ?? 0),
        0,
      )
      expect(upstream.strange).toEqual([])
      expect(upstream.requests.length - before.judged).toBeLessThanOrEqual(sent)
    }),
    { numRuns: 400, timeout: 3000 },
  )
  expect(upstream.requests.length).toBeGreaterThan(50)
})

describe('slow clients', () => {
  test('a head that drips is cut off, and holds nobody else up', async () => {
    await behind(
      async ({ port }, upstream) => {
        const drip = exchange(port, 'GET / HTTP/1.1\r\nHost: h\r\nX-A:')
        expect((await exchange(port, crlf('GET /other HTTP/1.1', HOST))).statuses).toEqual([200])
        expect((await drip).statuses).toEqual([408])
        expect(upstream.requests.map(({ target }) => target)).toEqual(['/other'])
      },
      { limits: { headMs: 100, checkMs: 50 } },
    )
  })

  test('a thousand idle connections cost no request, and are closed in their time', async () => {
    await behind(
      async ({ port }) => {
        const idle = await Promise.all(Array.from({ length: 1_000 }, () => open(port)))
        const closed = Promise.all(
          idle.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
        )
        expect((await exchange(port, crlf('GET / HTTP/1.1', HOST))).statuses).toEqual([200])
        await closed
      },
      { limits: { headMs: 300, idleMs: 300, checkMs: 50 } },
    )
  })
})
