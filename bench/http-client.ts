/** The load of the gateway's benchmark: a process of its own that does as little as it can for each request. */
import { connect, type Socket } from 'node:net'

export interface LoadOrder {
  port: number
  path: string
  connections: number
  ms: number
  /** requests a second over all connections; null: as many as come back */
  rate: number | null
}

export interface LoadResult {
  perSecond: number
  failed: number
  p50Ms: number
  p99Ms: number
}

async function run({ port, path, connections, ms, rate }: LoadOrder): Promise<LoadResult> {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench.test\r\naccept: */*\r\nuser-agent: bench\r\n\r\n`)
  const times: number[] = []
  let failed = 0
  let sent = 0
  const begun = performance.now()
  const end = begun + ms
  await Promise.all(
    Array.from({ length: connections }, (_, n) => {
      return new Promise<void>((resolve) => {
        const socket: Socket = connect({ port, host: '127.0.0.1' })
        socket.setNoDelay(true)
        let due = 0
        let text = ''
        let whole = -1
        const next = () => {
          if (performance.now() >= end) {
            socket.destroy()
            return
          }
          if (rate === null) {
            due = performance.now()
            socket.write(request)
            return
          }
          // Open loop: what is late counts from when it was due (no coordinated omission).
          due = begun + ((sent++ + 1) / rate) * 1000
          const wait = due - performance.now()
          if (wait > 1) setTimeout(() => socket.write(request), wait)
          else socket.write(request)
        }
        socket.on('connect', () => setTimeout(next, rate === null ? 0 : n))
        socket.on('data', (chunk) => {
          text = text === '' ? chunk.toString('latin1') : text + chunk.toString('latin1')
          if (whole < 0) {
            const head = text.indexOf('\r\n\r\n')
            if (head < 0) return
            const length = /content-length: (\d+)/i.exec(text.slice(0, head))
            // Without a length it is in chunks, which end with an empty one.
            whole = length ? head + 4 + Number(length[1]) : Number.POSITIVE_INFINITY
          }
          if (text.length < whole && !(whole === Number.POSITIVE_INFINITY && text.endsWith('0\r\n\r\n'))) return
          if (text.startsWith('HTTP/1.1 200')) times.push(performance.now() - due)
          else failed += 1
          text = ''
          whole = -1
          next()
        })
        socket.on('error', () => {
          failed += 1
        })
        socket.on('close', () => resolve())
      })
    }),
  )
  const took = performance.now() - begun
  times.sort((a, b) => a - b)
  const at = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Number.NaN
  return { perSecond: times.length / (took / 1000), failed, p50Ms: at(0.5), p99Ms: at(0.99) }
}

process.on('message', (order: LoadOrder) => {
  run(order).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })
