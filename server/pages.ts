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
  // In development that is where the reload's socket is handed on to; `getUpgradeHandler` knows nothing of it.
  const upgrades = createServer()
  const app = next({ ...options, httpServer: upgrades })
  await app.prepare()
  const handle = app.getRequestHandler()
  return {
    handle: (req, res) => handle(req, res),
    upgrade(req, socket, head) {
      if (!upgrades.emit('upgrade', req, socket, head)) socket.destroy()
    },
    close: () => app.close(),
  }
}
