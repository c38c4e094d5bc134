/** A3: input of any kind gets a clear answer, the process stays up, and nothing is half-written. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ADMIN_TOKEN, type Launched, launch, removeFolder } from './launch.ts'
import { ADMIN, type Answer, ask, headersOf, journalHead, type Outcome, overHttp, RawSocket, request } from './wire.ts'

const MIB = 1024 * 1024
const MUTATION = '/api/trpc/registry.register'
let controlPlane: Launched
let url = ''
let head = 0

beforeAll(async () => {
  controlPlane = await launch({ until: 'healthz', env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  url = controlPlane.url
  head = await journalHead(url)
})
afterAll(async () => {
  expect(controlPlane.process.exitCode, controlPlane.output()).toBeNull()
  expect(await journalHead(url), 'bad input was written').toBe(head)
  expect(controlPlane.output()).not.toMatch(/failed unexpectedly/)
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
})

const registration = { name: 'x', address: '127.0.0.1:80' }
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** What must never leave: where the code is, what the database is asked. */
function expectDiscreet(text: string, of: string): void {
  expect(text, of).not.toMatch(
    /node_modules|\/dist\/|\.ts:\d|\.js:\d|"stack"|SQLITE|\bselect .* from\b|insert into|at Object\./i,
  )
}

function expectClear(answer: Answer, of: string, statuses: number[] = [400]): void {
  expect(statuses, `${of}: ${answer.status} ${answer.text.slice(0, 300)}`).toContain(answer.status)
  expectDiscreet(answer.text, of)
  if (!answer.headers.get('content-type')?.includes('json')) return
  const body = JSON.parse(answer.text)
  const first = Array.isArray(body) ? body[0] : body
  const error = first.error?.data?.holdfast ?? first
  expect(error, of).toMatchObject({ code: expect.any(String), message: expect.any(String), retryable: false })
  expect(error.code, of).not.toBe('INTERNAL')
}

function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const all = { ...headersOf(url, ADMIN), 'content-type': 'application/json', ...headers }
  return request(url, path, { method: 'POST', headers: all, body })
}

test('what is not JSON, or not an envelope', async () => {
  const bodies = [
    '{',
    '',
    'null',
    '[]',
    '""',
    '1',
    'undefined',
    '{"data":',
    '\u0000',
    '{"data":null}',
    '{"data":[]}',
    '[1,2]',
  ]
  for (const body of [...bodies, `{"data":${nested(20_000)}}`, nested(200_000), '{"__proto__":{"data":{}}}']) {
    expectClear(await post(MUTATION, body), body.slice(0, 40))
  }
  expectClear(await post(MUTATION, Buffer.from([0xff, 0xfe, 0x00, 0x80])), 'bytes')
  expectClear(await post(MUTATION, '{}', { 'content-type': 'text/plain' }), 'text', [400, 415])
  expectClear(await post(MUTATION, '<x/>', { 'content-type': 'application/xml' }), 'xml', [400, 415])
  for (const query of ['?input=%', '?input={', '?batch=1&input=1', '?batch=1&input=[', '?input=%00', '?batch=x']) {
    expectClear(await request(url, `/api/trpc/registry.list${query}`, { headers: headersOf(url, ADMIN) }), query)
  }
})

test('wrong types, in every place', async () => {
  const wrong: unknown[] = [
    null,
    [],
    {},
    '',
    'a b',
    '../x',
    -1,
    1.5,
    1e300,
    true,
    ['x'],
    { toString: 1 },
    'x'.repeat(10_000),
    '\u0000',
    '💥',
  ]
  const fields = [
    'id',
    'name',
    'address',
    'zone',
    'tags',
    'weight',
    'metadata',
    'ttlMs',
    'check',
    'deregisterAfterMs',
    'incarnation',
  ]
  // Right in that place: what a value of that kind may be.
  const right = new Map<string, unknown[]>([
    ['tags', [[], ['x']]],
    ['metadata', [{}]],
    ['zone', [null, 'a b', '../x', '💥']],
    ['check', [null]],
    ['incarnation', ['a b', '../x', '💥', '\u0000']],
  ])
  for (const field of fields) {
    for (const value of wrong) {
      if (right.get(field)?.some((other) => JSON.stringify(other) === JSON.stringify(value))) continue
      const data = { ...registration, [field]: value }
      expectClear(await post(MUTATION, JSON.stringify({ data })), `${field}: ${JSON.stringify(value)?.slice(0, 40)}`)
    }
  }
  for (const id of ['', 'short', 7, 'with a space', 'x'.repeat(100), null]) {
    expectClear(await post(MUTATION, JSON.stringify({ id, data: registration })), `operation ${id}`)
  }
  expectClear(await post(MUTATION, JSON.stringify({ data: registration, consistencyLevel: 'best' })), 'level')
})

test('too much', async () => {
  const large = JSON.stringify({ data: { ...registration, metadata: { x: 'x'.repeat(2 * MIB) } } })
  expectClear(await post(MUTATION, large), 'a body of 2 MiB', [413])
  expectClear(await post('/api/auth/sign-in', large), 'a sign-in of 2 MiB', [400, 413])
  const many = Array.from({ length: 10_000 }, () => 'registry.list').join(',')
  expectClear(await post(`/api/trpc/${many}?batch=1`, '{}'), '10,000 calls in one address', [400, 413, 414, 431])
  const hundreds = Array.from({ length: 500 }, () => 'registry.x').join(',')
  const answer = await request(url, `/api/trpc/${hundreds}?batch=1`, { headers: headersOf(url, ADMIN) })
  expect([207, 400, 404]).toContain(answer.status)
  expectDiscreet(answer.text, 'a batch of unknown ones')
})

test('unknown procedures and wrong methods', async () => {
  const paths = [
    'registry',
    'registry.',
    '.',
    'registry.nothing',
    '__proto__',
    'constructor.name',
    'registry.toString',
    'x'.repeat(5_000),
  ]
  for (const path of [...paths, '%00', '..%2f..%2fetc%2fpasswd', "'; drop table journal; --"]) {
    expectClear(await post(`/api/trpc/${path}`, '{"data":{}}'), path.slice(0, 50), [400, 404])
  }
  const headers = headersOf(url, ADMIN)
  expectClear(await request(url, MUTATION, { headers }), 'GET of a mutation', [405])
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    expectClear(await request(url, '/api/trpc/registry.list', { method, headers }), method, [400, 404, 405, 415])
  }
  expectClear(await request(url, '/api/nothing'), '/api/nothing', [404])
  expectClear(await request(url, '/api/auth/nothing', { method: 'POST' }), '/api/auth/nothing', [404])
  expectClear(await request(url, '/api/auth/link'), 'GET of a sign-in', [405])
  for (const body of ['{', '{}', '[]', 'null', '{"token":1}', '{"token":"x"}']) {
    const answer = await post('/api/auth/link', body)
    expectClear(answer, `link ${body}`, [400, 401])
  }
})

test('pages of other origins', async () => {
  const body = JSON.stringify({ data: registration })
  for (const origin of [
    'https://evil.example',
    'null',
    `${url}.evil.example`,
    url.replace('http', 'https'),
    'http://127.0.0.1:1',
  ]) {
    expectClear(await post(MUTATION, body, { origin }), `POST from ${origin}`, [403])
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/trpc`, { headers: { origin } })
    socket.on('error', () => undefined)
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode, origin).toBe(403)
    socket.terminate()
  }
  expectClear(await post(MUTATION, body, { 'sec-fetch-site': 'cross-site' }), 'another site without an Origin', [403])
})

/** Everything that comes back for one frame, until the answer to a call after it, or the close. */
async function afterFrame(frame: string | Buffer, binary = false): Promise<{ said: string; closed: number | null }> {
  const raw = await RawSocket.open(url, ADMIN)
  expect((await raw.call('query', 'admin.me')).error).toBeUndefined()
  let said = ''
  raw.socket.on('message', (data) => {
    said += data.toString()
  })
  raw.socket.send(frame, { binary })
  await raw.call('query', 'admin.me')
  await raw.close()
  return { said, closed: raw.closed?.code ?? null }
}

test('frames of any kind', async () => {
  const call = (params: unknown) => JSON.stringify({ id: 900, method: 'mutation', params })
  const frames: [string, string | Buffer][] = [
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"x"'],
    ['an empty list', '[]'],
    ['a list of anything', '[null,1,"x",[],{}]'],
    ['no method', '{"id":1}'],
    ['an unknown method', '{"id":1,"method":"x","params":{"path":"registry.list"}}'],
    ['no params', '{"id":1,"method":"query"}'],
    ['a path that is none', call({ path: 7, input: {} })],
    ['a path of the prototype', call({ path: '__proto__', input: {} })],
    ['an unknown procedure', call({ path: 'registry.nothing', input: {} })],
    ['bad input', call({ path: 'registry.register', input: { data: { name: 7 } } })],
    ['deep input', call({ path: 'registry.register', input: 0 }).replace('"input":0', `"input":${nested(100_000)}`)],
    ['a deep list', nested(400_000)],
    [
      'a deep list in a list',
      `[${nested(100_000)},{"id":901,"method":"query","params":{"path":"admin.me","input":{"data":{}}}}]`,
    ],
    [
      'a refused call with a deep tail',
      `{"id":1,"method":"mutation","params":{"path":"registry.heartbeat","input":{"data":{"id":"x","generation":1},"more":${nested(100_000)}}}}`,
    ],
    [
      'a deep list beside a good call',
      `[{"id":1,"method":"query","params":{"path":"registry.discover","input":{"data":{"name":"x"}}}},${nested(100_000)}]`,
    ],
    ['an id that is an object', '{"id":{},"method":"query","params":{"path":"admin.me","input":{"data":{}}}}'],
    ['a mutation as a query', '{"id":1,"method":"query","params":{"path":"registry.register","input":{"data":{}}}}'],
    ['a stop of nothing', '{"id":999,"method":"subscription.stop"}'],
    ['another handshake', '{"method":"connectionParams","data":{"token":"x"}}'],
    ['a text of bytes', Buffer.from([0xc3, 0x28, 0xff])],
  ]
  for (const [name, frame] of frames) {
    for (const binary of [false, true]) {
      if (!binary && Buffer.isBuffer(frame)) continue
      const { said, closed } = await afterFrame(frame, binary)
      expect(controlPlane.process.exitCode, `${name}: ${controlPlane.output()}`).toBeNull()
      expectDiscreet(said, name)
      expect(closed, `${name}: silent until it was given up`).not.toBe(1006)
      expect(said, name).not.toContain('"INTERNAL"')
    }
  }
})

test('frames that are too large close the connection, and only that', async () => {
  const witness = await RawSocket.open(url, ADMIN)
  const raw = await RawSocket.open(url, ADMIN)
  await raw.call('query', 'admin.me')
  const closed = once(raw.socket, 'close')
  raw.socket.send('x'.repeat(2 * MIB))
  await closed
  expect(raw.closed?.code).toBe(1009)
  expect((await witness.call('query', 'admin.me')).error).toBeUndefined()
  await witness.close()
})

test('10,000 calls in one frame are answered, each for itself', { timeout: 60_000 }, async () => {
  const raw = await RawSocket.open(url, ADMIN)
  await raw.call('query', 'admin.me')
  const answered = new Set<number>()
  const done = new Promise<void>((resolve) => {
    raw.socket.on('message', (data) => {
      const id = JSON.parse(data.toString()).id as number
      if (id >= 10_000) answered.add(id)
      if (answered.size === 10_000) resolve()
    })
    raw.socket.on('close', () => resolve())
  })
  const calls = Array.from({ length: 10_000 }, (_, i) => ({
    id: 10_000 + i,
    method: 'query',
    params: { path: i % 2 === 0 ? 'a' : 'registry.nope' },
  }))
  raw.socket.send(JSON.stringify(calls))
  await done
  expect(raw.closed ?? answered.size).toBe(10_000)
  await raw.close()
  expect((await overHttp(url, ADMIN, 'query', ['admin.me'])).status).toBe(200)
})

test('requests that are not HTTP, and never end', async () => {
  const pieces = [
    'GET / HTTP/9.9\r\n\r\n',
    'x\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    '\u0000\u0000\u0000',
  ]
  const { connect } = await import('node:net')
  for (const piece of pieces) {
    const socket = connect(controlPlane.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    let said = ''
    socket.on('data', (part) => {
      said += part.toString()
    })
    // Not `once`: a reset in the middle of what is too long is an end like any other.
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.end(piece)
    await ended
    expectDiscreet(said, piece.slice(0, 20))
    expect(said.slice(0, 12)).toMatch(/^(HTTP\/1\.1 4\d\d?)?/)
  }
  // Gone in the middle of its body.
  const half = httpRequest(`${url}${MUTATION}`, {
    method: 'POST',
    headers: { ...headersOf(url, ADMIN), 'content-type': 'application/json', 'content-length': '1000' },
  })
  half.on('error', () => undefined)
  half.write('{"data":')
  await new Promise((resolve) => half.once('socket', (socket) => socket.once('connect', resolve)))
  half.destroy()
  expect((await request(url, '/healthz')).text).toBe('ok\n')
})

test('a refused batch writes only what it may', async () => {
  const outcomes: Outcome[] = (
    await overHttp(url, { token: `${ADMIN_TOKEN}x` }, 'mutation', ['registry.register', 'registry.register'], {
      data: registration,
    })
  ).outcomes
  expect(outcomes.map(({ error }) => error?.code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
  await expect(ask(url, ADMIN, 'query', 'registry.get', { name: 'x' })).rejects.toThrow('NOT_FOUND')
})
