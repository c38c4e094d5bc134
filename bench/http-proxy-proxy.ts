/** http-proxy as its README starts it, with connections kept. */
import { Agent, createServer } from 'node:http'

const [, , target] = process.argv as [string, string, string]
const name = 'http-proxy'
const { default: httpProxy } = (await import(name)) as {
  default: {
    createProxyServer(options: object): {
      web(req: unknown, res: unknown): void
      on(event: string, f: () => void): void
    }
  }
}
const proxy = httpProxy.createProxyServer({ target, agent: new Agent({ keepAlive: true, maxSockets: 128 }) })
proxy.on('error', () => {})
const server = createServer((req, res) => proxy.web(req, res))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
