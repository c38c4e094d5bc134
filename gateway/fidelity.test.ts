/** What goes in comes out: methods, bodies, encodings, trailers, streams and WebSockets, against an upstream of its own. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { judge } from './testing/judge.ts'
import { ask, readAll, serve } from './testing/plain.ts'
import { exchange } from './testing/raw-client.ts'
import { type Rig, rig, routeTo } from './testing/rig.ts'

const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex')

describe('requests and answers', () => {
  test('every method, with its body, both ways', async () => {
    await using service = await serve(async (req, res) => {
      const body = await readAll(req)
      res.setHeader('x-method', req.method as string)
      res.setHeader('x-body', sha(body))
      res.end(body)
    })
    await using gateway = await rig([routeTo(service.port)])
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'SEARCH']) {
      for (const size of [0, 1, 65_535, 65_537, 1_000_000]) {
        if (size > 0 && (method === 'GET' || method === 'HEAD')) continue
        const body = randomBytes(size)
        const {
          status,
          message,
          body: back,
        } = await ask(gateway.port, { method, headers: { 'content-length': size } }, body)
        expect([method, size, status]).toEqual([method, size, 200])
        expect(message.headers['x-method']).toBe(method)
        expect(message.headers['x-body']).toBe(sha(body))
        if (method !== 'HEAD') expect(sha(back)).toBe(sha(body))
      }
    }
  })

  test('any status with any headers, as they were sent and in their order', async () => {
    const name = fc.stringMatching(/^x-[a-z0-9]{1,12}$/)
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
    let now: { status: number; headers: [string, string][] } = { status: 200, headers: [] }
    await using service = await serve((_req, res) => {
      res.writeHead(now.status, [...now.headers.flat(), 'set-cookie', 'a=1', 'set-cookie', 'b=2'])
      res.end()
    })
    await using gateway = await rig([routeTo(service.port)])
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 404, 409, 410, 418, 422, 451, 500, 503),
        fc.array(fc.tuple(name, value), { maxLength: 8 }),
        async (status, headers) => {
          now = { status, headers }
          const { status: got, message } = await ask(gateway.port, { path: '/' })
          expect(got).toBe(status)
          const raw: [string, string][] = []
          for (let i = 0; i < message.rawHeaders.length; i += 2) {
            if (message.rawHeaders[i]?.startsWith('x-'))
              raw.push([message.rawHeaders[i] as string, message.rawHeaders[i + 1] as string])
          }
          expect(raw).toEqual(headers)
          expect(message.headers['set-cookie']).toEqual(['a=1', 'b=2'])
        },
      ),
      { numRuns: 100 },
    )
  })

  test('encoded bodies stay encoded, byte by byte', async () => {
    const zipped = gzipSync(randomBytes(10_000))
    await using service = await serve((req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', etag: '"1"', 'x-asked': req.headers['accept-encoding'] ?? '' })
      res.end(zipped)
    })
    await using gateway = await rig([routeTo(service.port)])
    const { message, body } = await ask(gateway.port, { headers: { 'accept-encoding': 'gzip, br' } })
    expect(message.headers).toMatchObject({ 'content-encoding': 'gzip', etag: '"1"', 'x-asked': 'gzip, br' })
    expect(sha(body)).toBe(sha(zipped))
  })

  test('trailers of an answer follow its chunks', async () => {
    await using service = await serve((_req, res) => {
      res.writeHead(200, { trailer: 'x-checksum' })
      res.write('hello ')
      res.addTrailers({ 'x-checksum': 'abc' })
      res.end('world')
    })
    await using gateway = await rig([routeTo(service.port)])
    const { message, body } = await ask(gateway.port, {})
    expect(body.toString()).toBe('hello world')
    expect(message.trailers).toEqual({ 'x-checksum': 'abc' })
  })

  test('"continue" is said before a body is asked for, and other early answers are left out', async () => {
    await using service = await serve(async (req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' })
      res.end(await readAll(req))
    })
    await using gateway = await rig([routeTo(service.port)])
    const { text, statuses } = await exchange(
      gateway.port,
      'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
    )
    expect(statuses).toEqual([100, 200])
    expect(text).toContain('hello')
  })

  test('an answer without a length, ended by closing, comes whole; HTTP/1.0 clients get theirs unchunked', async () => {
    await using service = await judge(() => 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello')
    await using gateway = await rig([routeTo(service.port)])
    const { text } = await exchange(gateway.port, 'GET / HTTP/1.0\r\n\r\n')
    expect(text).toContain('200')
    expect(text).not.toMatch(/transfer-encoding/i)
    expect(text.endsWith('hello')).toBe(true)
  })
})

describe('streams', () => {
  test('server-sent events arrive one by one', async () => {
    let send: ((text: string) => void) | null = null
    await using service = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      send = (text) => res.write(`data: ${text}\n\n`)
      res.flushHeaders()
    })
    await using gateway = await rig([
      routeTo(service.port, [
        { use: 'timeout', config: {} },
        { use: 'compression', config: {} },
      ]),
    ])
    const sent = httpRequest({
      host: '127.0.0.1',
      port: gateway.port,
      agent: false,
      headers: { 'accept-encoding': 'gzip' },
    })
    sent.end()
    const [message] = (await once(sent, 'response')) as [IncomingMessage]
    expect(message.headers['content-encoding']).toBeUndefined()
    for (const text of ['one', 'two', 'three']) {
      ;(send as unknown as (text: string) => void)(text)
      const [chunk] = (await once(message, 'data')) as [Buffer]
      expect(chunk.toString()).toBe(`data: ${text}\n\n`)
    }
    sent.destroy()
    await gateway.ended(1)
    expect(gateway.outcomes[0]?.outcome.delivered.failed).toBe('client')
  })

  test('an upload is passed on while it comes', async () => {
    const seen: string[] = []
    let heard: (() => void) | null = null
    await using service = await serve(async (req, res) => {
      for await (const chunk of req) {
        seen.push((chunk as Buffer).toString())
        heard?.()
      }
      res.end('done')
    })
    await using gateway = await rig([routeTo(service.port)])
    const sent = httpRequest({ host: '127.0.0.1', port: gateway.port, agent: false, method: 'POST' })
    for (const part of ['a', 'b', 'c']) {
      const arrived = new Promise<void>((resolve) => {
        heard = resolve
      })
      sent.write(part)
      await arrived
      expect(seen.at(-1)).toBe(part)
    }
    sent.end()
    const [message] = (await once(sent, 'response')) as [IncomingMessage]
    expect(message.statusCode).toBe(200)
    message.resume()
  })

  test('a reader that stops stops the service: memory is bounded (G6)', async () => {
    let written = 0
    const TOTAL = 200_000_000
    const chunk = Buffer.alloc(65_536)
    await using service = await serve((_req, res) => {
      const push = () => {
        while (written < TOTAL) {
          written += chunk.length
          if (!res.write(chunk)) {
            res.once('drain', push)
            return
          }
        }
        res.end()
      }
      push()
    })
    await using gateway = await rig([routeTo(service.port)])
    const sent = httpRequest({ host: '127.0.0.1', port: gateway.port, agent: false })
    sent.end()
    const [message] = (await once(sent, 'response')) as [IncomingMessage]
    message.pause()
    // Until nothing moves any more: the sockets' own buffers are full, and nobody reads on in between.
    for (let before = -1; before !== written; ) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(written).toBeLessThan(TOTAL / 4)
    let got = 0
    message.on('data', (part: Buffer) => {
      got += part.length
    })
    message.resume()
    await once(message, 'end')
    expect(got).toBe(written)
  })
})

describe('WebSockets', () => {
  async function echoing(run: (gateway: Rig, paths: string[]) => Promise<void>) {
    await using service = await serve((_req, res) => void res.writeHead(404).end())
    const sockets = new WebSocketServer({
      server: service.server,
      handleProtocols: (offered) => [...offered][0] ?? false,
    })
    const paths: string[] = []
    sockets.on('connection', (socket, req) => {
      paths.push(
        `${req.url} ${req.headers['x-forwarded-for']} ${req.headers.traceparent === undefined ? '' : 'traced'}`,
      )
      socket.on('message', (data, binary) => socket.send(data, { binary }))
      socket.on('close', (code) => paths.push(`closed ${code}`))
    })
    await using gateway = await rig([
      routeTo(
        service.port,
        [
          { use: 'request-id', config: {} },
          { use: 'timeout', config: {} },
          { use: 'retry', config: {} },
        ],
        {
          match: { path: { kind: 'prefix', value: '/ws' } },
          rewrite: { path: '/', host: 'client' },
        },
      ),
    ])
    await run(gateway, paths)
    for (const socket of sockets.clients) socket.terminate()
  }

  test('carry messages of any size both ways, close with their code, and are seen by the chain', async () => {
    await echoing(async (gateway, paths) => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws/chat?room=1`, ['v2'])
      await once(socket, 'open')
      expect(socket.protocol).toBe('v2')
      for (const size of [0, 1, 125, 126, 65_536, 3_000_000]) {
        const data = randomBytes(size)
        socket.send(data)
        const [back] = (await once(socket, 'message')) as [Buffer]
        expect(sha(back)).toBe(sha(data))
      }
      socket.close(4_001)
      const [code] = await once(socket, 'close')
      expect(code).toBe(4_001)
      await gateway.ended(1)
      expect(gateway.outcomes[0]?.outcome.status).toBe(101)
      expect(paths[0]).toBe('/chat?room=1 127.0.0.1 traced')
      expect(paths).toContain('closed 4001')
    })
  })

  test('a client that is cut off ends the service’s side', async () => {
    await echoing(async (gateway, paths) => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`)
      await once(socket, 'open')
      socket.terminate()
      await gateway.ended(1)
      while (!paths.includes('closed 1006')) await new Promise((resolve) => setImmediate(resolve))
    })
  })

  test('what no route takes and what the service refuses is answered in HTTP', async () => {
    await echoing(async (gateway) => {
      const refused = async (path: string) => {
        const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`)
        const [, message] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
        socket.on('error', () => {})
        socket.terminate()
        return message.statusCode
      }
      expect(await refused('/other')).toBe(404)
    })
    await using service = await serve((_req, res) => void res.writeHead(403).end())
    await using gateway = await rig([routeTo(service.port)])
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`)
    const [, message] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    socket.on('error', () => {})
    socket.terminate()
    expect(message.statusCode).toBe(403)
  })
})
