/** Hosts Next inside this process. */
import type { Server } from 'node:http'
import next from 'next'
import type { PageServer } from './http.ts'

export async function startPages(options: {
  dev: boolean
  dir: string
  hostname: string
  port: number
  httpServer: Server
}): Promise<PageServer & { close(): Promise<void> }> {
  const app = next(options)
  await app.prepare()
  const handle = app.getRequestHandler()
  const upgrade = app.getUpgradeHandler()
  return {
    handle: (req, res) => handle(req, res),
    upgrade: (req, socket, head) => upgrade(req, socket, head),
    close: () => app.close(),
  }
}
