/** A bare proxy on undici: what the fastest HTTP client of Node does with nothing around it. One process, as ours. */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [, , target] = process.argv as [string, string, string]
const pool = new Pool(target, { connections: 128, pipelining: 1 })
const server = createServer((req, res) => {
  pool.dispatch(
    {
      path: req.url as string,
      method: 'GET',
      headers: req.rawHeaders.filter((_, i, all) => all[i - (i % 2)]?.toLowerCase() !== 'connection'),
    },
    {
      onConnect() {},
      onHeaders(status: number, headers: Buffer[]) {
        res.writeHead(
          status,
          headers.map((part) => part.toString('latin1')),
        )
        return true
      },
      onData(chunk: Buffer) {
        return res.write(chunk)
      },
      onComplete() {
        res.end()
      },
      onError() {
        res.writeHead(502).end()
      },
    } as never,
  )
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
