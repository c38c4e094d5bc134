/** A client that sends exactly the bytes it is given. */
import { connect, type Socket } from 'node:net'

export interface Exchanged {
  /** all that came until the other side closed, or `quiet` was reached */
  text: string
  statuses: number[]
}

/** Sends `bytes` and reads until the gateway closes, or `answers` whole answers with a length have come. */
export function exchange(port: number, bytes: string | readonly string[], answers = 1): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const end = () => {
      socket.destroy()
      resolve({ text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])) })
    }
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? end() : reject(error)))
    socket.on('close', end)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (whole(text) >= answers) end()
    })
    socket.on('connect', async () => {
      for (const part of [bytes].flat()) {
        if (socket.destroyed) return
        socket.write(part, 'latin1')
        await new Promise((next) => setImmediate(next))
      }
    })
  })
}

function whole(text: string): number {
  let count = 0
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n\r\n', at)
    if (end < 0) return count
    const head = text.slice(at, end).toLowerCase()
    const length = /content-length: (\d+)/.exec(head)
    if (/^http\/1\.1 1\d\d/.test(head)) {
      at = end + 4
      continue
    }
    if (!length) return count
    at = end + 4 + Number(length[1])
    if (text.length < at) return count
    count += 1
  }
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })
}
