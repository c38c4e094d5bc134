/** The API under load and among strangers: whose an id is, a burst, readers that do not read. */
import { connect } from '@holdfast/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, type Launched, launch, removeFolder } from './launch.ts'
import { ADMIN, ask, figures, overHttp, RawSocket, request, residentMiB, serviceToken, until } from './wire.ts'

const BURST = 10_000
const SERVICES = 20
const SLOW_READERS = 20

let controlPlane: Launched
let url = ''
beforeAll(async () => {
  controlPlane = await launch({ env: { HOLDFAST_LOG_LEVEL: 'warn' } })
  url = controlPlane.url
})
afterAll(async () => {
  expect(controlPlane.process.exitCode, controlPlane.output()).toBeNull()
  await controlPlane.stop()
  removeFolder(controlPlane.folder)
})

test('healthz, readyz and metrics', async () => {
  expect(await request(url, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
  expect(await request(url, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' })
  const metrics = await request(url, '/metrics')
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/)
  const found = figures(metrics.text)
  expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(found.has('holdfast_journal_head')).toBe(true)
})

test('pages and answers say what a browser may do with them', async () => {
  const nonces = new Set<string>()
  for (let i = 0; i < 2; i++) {
    const page = await request(url, '/sign-in')
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    nonces.add(nonce)
    const scripts = page.text.match(/<script\b[^>]*>/g) ?? []
    expect(scripts.length).toBeGreaterThan(0)
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`)
  }
  expect(nonces.size).toBe(2)
  for (const path of ['/sign-in', '/', '/nothing-here', '/api/trpc/registry.list', '/api/auth/link', '/metrics']) {
    const { headers, text } = await request(url, path)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toBe('DENY')
    expect(headers.get('content-security-policy'), path).toBeTruthy()
    expect(headers.get('x-powered-by'), path).toBeNull()
    if (path.startsWith('/api/')) expect(headers.get('cache-control'), path).toBe('no-store')
    expect(text, path).not.toMatch(/node_modules|at Object\./)
  }
})

test('pages send whoever is not signed in to the sign-in', async () => {
  for (const path of ['/', '/services', '/services/x', '/journal', '/journal/audit', '/settings/tokens']) {
    const { status, headers, text } = await request(url, path)
    const to = headers.get('location') ?? /url=([^"]+)"/.exec(text)?.[1] ?? ''
    expect([302, 303, 307, 200], `${path}: ${status}`).toContain(status)
    expect(to, path).toContain('/sign-in')
  }
})

test('an id belongs to whoever registered it', async () => {
  const ada = await serviceToken(url, 'ada', ['registry:read', 'registry:write'])
  const bob = await serviceToken(url, 'bob', ['registry:read', 'registry:write', 'telemetry:write'])
  const data = { id: 'shared-id', name: 'shared', address: '127.0.0.1:1001', ttlMs: 0 }
  const first = await ask<{ instance: { generation: number } }>(url, ada, 'mutation', 'registry.register', data)
  const attempt = async (path: string, input: unknown) => {
    const { outcomes, status } = await overHttp(url, bob, 'mutation', [path], { data: input })
    return { status, ...outcomes[0]?.error }
  }
  expect(await attempt('registry.register', { ...data, address: '127.0.0.1:1002' })).toMatchObject({
    status: 409,
    code: 'CONFLICT',
    message: expect.stringContaining('token:ada'),
    details: { holder: 'token:ada' },
  })
  const { generation } = first.instance
  expect((await attempt('registry.deregister', { id: 'shared-id', generation })).status).toBe(403)
  expect((await attempt('registry.heartbeat', { id: 'shared-id', generation })).status).toBe(403)
  const report = { instanceId: 'shared-id', generation, intervalMs: 5_000, edges: [] }
  expect((await attempt('telemetry.report', report)).status).toBe(403)
  expect(await attempt('registry.heartbeat', { id: 'a-stranger', generation: 1 })).toMatchObject({
    status: 404,
    code: 'NOT_FOUND',
    details: { cause: 'unknown' },
  })
  const { instances } = await ask<{ instances: { address: string }[] }>(url, ADMIN, 'query', 'registry.discover', {
    name: 'shared',
  })
  expect(instances.map(({ address }) => address)).toEqual(['127.0.0.1:1001'])
})

test('a goodbye: once by its operation, of nobody is not found, and never by a token that does not own it', async () => {
  const ada = await serviceToken(url, 'ada-leaves', ['registry:read', 'registry:write'])
  const bob = await serviceToken(url, 'bob-meddles', ['registry:read', 'registry:write'])
  const leave = async (id: string, operation: string) => {
    const { outcomes } = await overHttp(url, ada, 'mutation', ['registry.deregister'], { id: operation, data: { id } })
    return outcomes[0] as { data?: { seq: number; replayed: boolean }; error?: { code: string } }
  }
  await ask(url, ada, 'mutation', 'registry.register', {
    id: 'leaver',
    name: 'leavers',
    address: '127.0.0.1:1',
    ttlMs: 0,
  })
  const first = await leave('leaver', 'operation-leave-1')
  expect(first.data).toMatchObject({ replayed: false })
  expect((await leave('leaver', 'operation-leave-1')).data).toEqual({ ...first.data, replayed: true })
  expect((await leave('leaver', 'operation-leave-2')).error).toMatchObject({ code: 'NOT_FOUND' })

  // At the same time as it is registered: whoever comes first, bob takes nothing of ada's.
  const [adas, bobs] = [await RawSocket.open(url, ada), await RawSocket.open(url, bob)]
  await Promise.all(
    [adas, bobs].map((socket) => socket.call('query', 'registry.discover', { data: { name: 'leavers' } })),
  )
  for (let i = 0; i < 50; i++) {
    const data = { id: `contested-${i}`, name: 'leavers', address: `127.0.0.1:${2 + i}`, ttlMs: 0 }
    const [registered, taken] = await Promise.all([
      adas.call('mutation', 'registry.register', { data }),
      bobs.call('mutation', 'registry.deregister', { data: { id: data.id } }),
    ])
    expect(registered.error).toBeUndefined()
    expect(['FORBIDDEN', 'NOT_FOUND']).toContain(taken.error?.code)
  }
  await adas.close()
  await bobs.close()
})

test('a socket of nobody is closed, one of somebody stays', { timeout: 30_000 }, async () => {
  const nobody = await RawSocket.open(url, {})
  const somebody = await RawSocket.open(url, ADMIN)
  await until('the socket of nobody is closed', 20_000, () => nobody.closed !== null)
  expect(nobody.closed).toEqual({ code: 4408, reason: 'sign in within 10 s' })
  expect((await somebody.call('query', 'system.info')).error).toBeUndefined()
  await somebody.close()
})

const registration = (i: number, round = 0) => ({
  data: {
    id: `burst-${i}`,
    name: `burst-${i % SERVICES}`,
    address: `10.0.0.1:${1 + i}`,
    metadata: { round: String(round) },
    ttlMs: 0,
  },
})

test(`${BURST.toLocaleString('en')} registrations at once over one connection`, { timeout: 120_000 }, async () => {
  const holdfast = await connect({ url, token: ADMIN_TOKEN, telemetry: false, requestTimeoutMs: 60_000 })
  const before = await residentMiB(url)
  const started = performance.now()
  const answers = await Promise.all(
    Array.from({ length: BURST }, (_, i) => holdfast.trpc.registry.register.mutate(registration(i))),
  )
  const tookMs = performance.now() - started
  expect(new Set(answers.map(({ seq }) => seq)).size).toBeGreaterThan(0)
  let found = 0
  for (let i = 0; i < SERVICES; i++) {
    const { total, instances } = await holdfast.trpc.registry.discover.query({
      data: { name: `burst-${i}` },
      consistencyLevel: 'readCommitted',
    })
    expect(instances).toHaveLength(total)
    found += total
  }
  expect(found).toBe(BURST)
  console.log(`${BURST} registrations in ${tookMs.toFixed(0)} ms; resident ${before} → ${await residentMiB(url)} MiB`)
  await holdfast.close()
})

interface Batch {
  type: string
  seq?: number
  resync?: boolean
  events?: { seq: number }[]
}

/** Follows a stream and tells whether every entry came, once and in order. */
class Reader {
  cursor: number
  gaps = 0
  resyncs = 0
  constructor(cursor: number) {
    this.cursor = cursor
  }
  readonly take = (message: unknown): void => {
    const { type, seq, events } = message as Batch
    if (type !== 'events') {
      if (type === 'resync' || this.cursor > 0) this.resyncs += 1
      this.cursor = seq ?? 0
      return
    }
    for (const event of events ?? []) {
      if (event.seq !== this.cursor + 1) this.gaps += 1
      this.cursor = event.seq
    }
  }
}

test('readers that do not read cost others nothing, and miss nothing', { timeout: 240_000 }, async () => {
  const holdfast = await connect({ url, token: ADMIN_TOKEN, telemetry: false, requestTimeoutMs: 60_000 })
  const info = await ask<{ journal: { head: number } }>(url, ADMIN, 'query', 'system.info', {})
  const follow = async (path: string, data: unknown, from: number) => {
    const socket = await RawSocket.open(url, ADMIN)
    const reader = new Reader(from)
    expect((await socket.subscribe(path, { data }, reader.take)).error).toBeUndefined()
    return { socket, reader, path }
  }
  const { head } = info.journal
  const journal = () => follow('journal.watch', { after: head }, head)
  const watch = () => follow('registry.watch', { services: 'all' }, 0)
  const quick = [await journal(), await watch()]
  const slow = await Promise.all(Array.from({ length: SLOW_READERS }, (_, i) => (i % 2 ? journal() : watch())))
  for (const { socket } of slow) socket.socket.pause()
  const before = await residentMiB(url)

  let slowestMs = 0
  let writing = true
  const witness = (async () => {
    while (writing) {
      const started = performance.now()
      await ask(url, ADMIN, 'query', 'registry.discover', { name: 'shared' })
      slowestMs = Math.max(slowestMs, performance.now() - started)
    }
  })()
  const ROUNDS = 2
  for (let round = 0; round < ROUNDS; round++) {
    for (let from = 0; from < BURST; from += 1_000) {
      const calls = Array.from({ length: 1_000 }, (_, i) =>
        holdfast.trpc.registry.register.mutate(registration(from + i, round + 1)),
      )
      await Promise.all(calls)
    }
  }
  writing = false
  await witness
  const now = await ask<{ journal: { head: number } }>(url, ADMIN, 'query', 'system.info', {})
  expect(now.journal.head).toBeGreaterThanOrEqual(head + ROUNDS * BURST)
  await until('the quick readers have all of it', 60_000, () =>
    quick.every(({ reader }) => reader.cursor === now.journal.head),
  )
  for (const { reader } of quick) expect(reader).toMatchObject({ gaps: 0, resyncs: 0 })
  const after = await residentMiB(url)
  console.log(
    `${SLOW_READERS} slow readers, ${ROUNDS * BURST} events: resident ${before} → ${after} MiB; slowest call ${slowestMs.toFixed(0)} ms`,
  )
  expect(after - before, 'MiB more with readers that do not read').toBeLessThan(250)
  expect(slowestMs, 'the slowest call of others, ms').toBeLessThan(3_000)

  // They read again: the rest of it in order, or told to begin anew, or cut off and back with their cursor.
  for (const { socket } of slow) socket.socket.resume()
  let cut = 0
  for (const one of slow) {
    await until(
      'a slow reader has all of it or was cut off',
      60_000,
      () => one.reader.cursor >= now.journal.head || one.socket.closed !== null,
    )
    expect(one.reader.gaps, one.path).toBe(0)
    if (one.socket.closed === null) {
      await one.socket.close()
      continue
    }
    cut += 1
    const again = await RawSocket.open(url, ADMIN)
    const data = one.path === 'registry.watch' ? { services: 'all' } : {}
    const input = { data, ...(one.reader.cursor > 0 ? { lastEventId: String(one.reader.cursor) } : {}) }
    expect((await again.subscribe(one.path, input, one.reader.take)).error).toBeUndefined()
    await until('one that was cut off has caught up', 60_000, () => one.reader.cursor >= now.journal.head)
    expect(again.closed, 'cut off again while it catches up').toBeNull()
    expect(one.reader.gaps, `${one.path} after it was cut off`).toBe(0)
    await again.close()
  }
  console.log(`${cut} of ${SLOW_READERS} slow readers were cut off; the others caught up by themselves`)
  for (const { socket } of quick) await socket.close()
  await holdfast.close()
})

test('an answer and a snapshot of more than a slow reader may leave unsent arrive whole', {
  timeout: 120_000,
}, async () => {
  const COUNT = 700
  const metadata = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`entry-${i}`, 'x'.repeat(500)]))
  const writer = await connect({ url, token: ADMIN_TOKEN, telemetry: false, requestTimeoutMs: 60_000 })
  for (let from = 0; from < COUNT; from += 50) {
    const portion = Array.from({ length: 50 }, (_, i) => from + i)
    await Promise.all(
      portion.map((i) => {
        const data = { id: `wide-${i}`, name: 'wide', address: `10.9.0.1:${1 + i}`, ttlMs: 0, metadata }
        return writer.trpc.registry.register.mutate({ data })
      }),
    )
  }
  const { instances } = await writer.trpc.registry.discover.query({
    data: { name: 'wide' },
    consistencyLevel: 'readCommitted',
  })
  expect(JSON.stringify(instances).length).toBeGreaterThan(8 * 1024 * 1024)
  expect(instances).toHaveLength(COUNT)
  const follower = await connect({ url, token: ADMIN_TOKEN, telemetry: false, follow: 'all' })
  await until('a copy of everything has it', 30_000, async () => {
    return (await follower.discover('wide')).length === COUNT
  })
  await follower.close()
  await writer.close()
})
