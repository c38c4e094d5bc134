/** Plain HTTP on either side of a gateway. */
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answered {
  status: number
  message: IncomingMessage
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A request on a connection of its own. */
export function ask(port: number, options: RequestOptions = {}, body?: Buffer | string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent: false, ...options }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', reject)
      message.on('end', () =>
        resolve({
          status: message.statusCode as number,
          message,
          headers: message.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export interface Service extends AsyncDisposable {
  port: number
  server: Server
}

export async function serve(
  handle: (req: IncomingMessage, res: ServerResponse) => void | Promise<void>,
): Promise<Service> {
  const server = createServer((req, res) => {
    // A request that is broken off ends the reading of its body.
    Promise.resolve(handle(req, res)).catch(() => res.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
