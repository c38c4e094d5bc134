/**
 * The judge: an upstream that keeps every byte it is sent and reads requests by the letter of RFC 9112, with no code in
 * common with the gateway. Whatever could be read in two ways counts as strange.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface Judged {
  method: string
  target: string
  /** names in lower case, in order */
  headers: [string, string][]
  body: string
  /** as it came */
  head: string
}

export interface Judge extends AsyncDisposable {
  port: number
  requests: Judged[]
  /** what could not be read in exactly one way */
  strange: string[]
  bytes: number
  connections: number
}

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok'

export function valuesOf({ headers }: Judged, name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value)
}

/** `answer`: raw bytes for each request; null: closes the connection instead. */
export async function judge(answer: (request: Judged) => string | null = () => ANSWER): Promise<Judge> {
  const sockets = new Set<Socket>()
  const made: Judge = {
    port: 0,
    requests: [],
    strange: [],
    bytes: 0,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  const server = createServer((socket) => {
    made.connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let left = ''
    socket.on('data', (chunk) => {
      made.bytes += chunk.length
      left += chunk.toString('latin1')
      for (;;) {
        const read = readOne(left)
        if (read === null) return
        if ('strange' in read) {
          made.strange.push(`${read.strange}: ${JSON.stringify(left.slice(0, 300))}`)
          socket.destroy()
          return
        }
        left = left.slice(read.length)
        made.requests.push(read.request)
        const said = answer(read.request)
        if (said === null) {
          socket.destroy()
          return
        }
        socket.write(said, 'latin1')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  made.port = (server.address() as AddressInfo).port
  return made
}

/** null: more is needed. */
function readOne(text: string): { request: Judged; length: number } | { strange: string } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  if (/\r(?!\n)|(?<!\r)\n/.test(head)) return { strange: 'a bare CR or LF' }
  const [line, ...fields] = head.split('\r\n')
  const start = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(line as string)
  if (!start) return { strange: 'not a request line in origin form' }
  const headers: [string, string][] = []
  for (const field of fields) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(field)
    if (!match) return { strange: 'not a header field' }
    headers.push([(match[1] as string).toLowerCase(), (match[2] as string).trim()])
  }
  const all = (name: string) => headers.filter(([key]) => key === name).map(([, value]) => value)
  if (all('host').length !== 1) return { strange: 'not exactly one Host' }
  const lengths = all('content-length')
  const codings = all('transfer-encoding')
  if (lengths.length + codings.length > 1) return { strange: 'framed in more than one way' }
  const from = end + 4
  const request = (body: string) => ({ method: start[1] as string, target: start[2] as string, headers, body, head })
  if (lengths[0] !== undefined) {
    if (!/^\d+$/.test(lengths[0])) return { strange: 'a length that is not digits' }
    const length = Number(lengths[0])
    if (text.length < from + length) return null
    return { request: request(text.slice(from, from + length)), length: from + length }
  }
  if (codings[0] === undefined) return { request: request(''), length: from }
  if (codings[0] !== 'chunked') return { strange: 'a coding that is not "chunked"' }
  let at = from
  let body = ''
  for (;;) {
    const eol = text.indexOf('\r\n', at)
    if (eol < 0) return null
    const size = text.slice(at, eol)
    if (!/^[0-9A-Fa-f]+$/.test(size)) return { strange: 'a chunk size that is not one' }
    const length = Number.parseInt(size, 16)
    if (length === 0) {
      const close = text.indexOf('\r\n\r\n', eol)
      if (close < 0) return null
      return { request: request(body), length: close + 4 }
    }
    if (text.length < eol + 2 + length + 2) return null
    body += text.slice(eol + 2, eol + 2 + length)
    if (text.slice(eol + 2 + length, eol + 4 + length) !== '\r\n') return { strange: 'a chunk without its end' }
    at = eol + 4 + length
  }
}
