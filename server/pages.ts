/** Hosts Next inside this process. */
import { createServer } from 'node:http'
import next from 'next'
import type { PageServer } from './http.ts'

export async function startPages(options: {
  dev: boolean
  dir: string
  hostname: string
  port: number
}): Promise<PageServer & { close(): Promise<void> }> {
  // Next listens for upgrades on this server by itself, from the first page on, and ends every socket whose path a page
  // matches: with a catch-all page the API's own WebSockets. It is given a server that nobody connects to.
  const app = next({ ...options, httpServer: createServer() })
  await app.prepare()
  const handle = app.getRequestHandler()
  const upgrade = app.getUpgradeHandler()
  return {
    handle: (req, res) => handle(req, res),
    upgrade: (req, socket, head) => upgrade(req, socket, head),
    close: () => app.close(),
  }
}
