/** The service behind every gateway of the benchmark: a process of its own that answers each request with the same bytes. */
import { createServer } from 'node:net'

const body = Buffer.from(
  JSON.stringify({ ok: true, items: Array.from({ length: 8 }, (_, i) => ({ id: i, name: `item ${i}` })) }),
)
const answer = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nserver-timing: app;dur=0.1, queue;dur=0.0\r\n\r\n`,
  ),
  body,
])
const large = Buffer.alloc(1_048_576, 'x')
const LARGE_COUNT = 100

/** No parser: requests of the benchmark are bare GETs, so an empty line ends one. */
const server = createServer((socket) => {
  socket.setNoDelay(true)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const big = text.startsWith('GET /large')
      text = text.slice(end + 4)
      if (!big) socket.write(answer)
      else {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${large.length * LARGE_COUNT}\r\n\r\n`)
        let left = LARGE_COUNT
        const more = () => {
          while (left > 0) {
            left -= 1
            if (!socket.write(large)) {
              socket.once('drain', more)
              return
            }
          }
        }
        more()
      }
    }
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
