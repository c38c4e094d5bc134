/** Between HTTP and a service of the fleet: parses what comes in, answers in JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from './faults.ts'
import { BadRequest, type Incoming, type Reply, type Service } from './service.ts'

const BODY_MAX = 64 * 1024

export function answering(service: Service, faults: Faults, log: (message: string) => void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await replyTo(request, service, faults, log)
    faults.answered(reply.status)
    if (response.destroyed) return
    const text = JSON.stringify(reply.body)
    response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }
}

async function replyTo(
  request: IncomingMessage,
  service: Service,
  faults: Faults,
  log: (message: string) => void,
): Promise<Reply> {
  try {
    const incoming = await parse(request)
    await faults.hold()
    if (faults.fails()) return { status: 500, body: { error: 'The service failed.' } }
    return await service.handle(incoming)
  } catch (error) {
    if (error instanceof BadRequest) return { status: 400, body: { error: error.message } }
    log(`${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`)
    return { status: 500, body: { error: 'The service failed.' } }
  }
}

async function parse(request: IncomingMessage): Promise<Incoming> {
  const url = new URL(request.url ?? '/', 'http://fleet')
  const path = url.pathname.split('/').flatMap((part) => (part === '' ? [] : [decoded(part)]))
  return { method: request.method ?? 'GET', path, query: url.searchParams, body: await readBody(request) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new BadRequest('The path is not well encoded.')
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > BODY_MAX) throw new BadRequest('The body is larger than 64 KiB.')
    chunks.push(chunk)
  }
  if (size === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw new BadRequest('The body is not JSON.')
  }
}
