/**
 * What is refused before anything else looks at it. Node's parser has refused already: bare LF, folded headers, two
 * lengths, a length beside chunks, spaces before a colon, oversized headers (each tested in gateway/raw.test.ts).
 */
import type { IncomingMessage } from 'node:http'
import { normaliseTarget, type Target } from '../core/gateway/path.ts'
import { Refused } from './problem.ts'

const HEADERS_COUNT_MAX = 200
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/

export interface Clean extends Target {
  /** lower case, without a port */
  host: string
}

/** Where the request wants to go, in one spelling. @throws Refused */
export function clean(req: IncomingMessage): Clean {
  if (req.httpVersionMajor !== 1) throw bad('The version must be HTTP/1.1 or HTTP/1.0.')
  if (req.rawHeaders.length > 2 * HEADERS_COUNT_MAX) {
    throw new Refused(431, 'bad-request', `More than ${HEADERS_COUNT_MAX} headers.`)
  }
  let target = req.url as string
  const authority = hostHeader(req)
  if (target[0] !== '/') {
    if (target === '*' && req.method === 'OPTIONS') target = '/'
    else target = originForm(target, authority)
  }
  const normal = normaliseTarget(target)
  if ('refused' in normal) throw bad(`This path is refused: ${normal.refused}.`)
  const te = req.headers['transfer-encoding']
  if (te !== undefined) {
    if (te.toLowerCase() !== 'chunked') throw bad('The only transfer coding taken is "chunked".')
    // Node's parser refuses it too; what two parsers might read in two ways never leaves here.
    if (req.headers['content-length'] !== undefined) throw bad('A length and chunks together are refused.')
  }
  if (req.method === 'TRACE' || req.method === 'CONNECT')
    throw new Refused(405, 'bad-request', `${req.method} never passes.`)
  const colon = authority.lastIndexOf(':')
  const bare = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
  return { ...normal, host: bare.toLowerCase() }
}

/**
 * Node looks at the first of these and drops the others, and a service may look at the last: one that is checked here and
 * another that counts there (G3). So there may be one of each.
 */
const ONCE: ReadonlySet<string> = new Set([
  'host',
  'from',
  'referer',
  'user-agent',
  'content-type',
  'max-forwards',
  'authorization',
  'if-modified-since',
  'if-unmodified-since',
])
/** Bit n: one of them has n letters. Most names are told by that alone. */
const ONCE_LENGTHS = [...ONCE].reduce((bits, { length }) => bits | (1 << length), 0)

/** Exactly one, and well formed; HTTP/1.0 may go without. */
function hostHeader(req: IncomingMessage): string {
  const { rawHeaders } = req
  let found: string | null = null
  let seen = ''
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length > 31 || (ONCE_LENGTHS & (1 << name.length)) === 0) continue
    const lower = name.toLowerCase()
    if (!ONCE.has(lower)) continue
    if (seen.includes(`${lower};`)) throw bad(`Two ${name} headers.`)
    seen += `${lower};`
    if (lower === 'host') found = rawHeaders[i + 1] as string
  }
  if (found === null || found === '') {
    if (req.httpVersion === '1.0' && found === null) return ''
    throw bad('The Host header is missing.')
  }
  if (!HOST.test(found)) throw bad('The Host header is not a host.')
  return found
}

/** A request as to a forward proxy: taken for what it says of us, never as the choice of an upstream (G4). */
function originForm(target: string, authority: string): string {
  const match = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target)
  if (!match) throw bad('The target must be a path.')
  const [, said, rest] = match as unknown as [string, string, string]
  if (said.toLowerCase() !== authority.toLowerCase()) throw bad('The target names another host than the Host header.')
  return rest.startsWith('/') ? rest : `/${rest}`
}

function bad(message: string): Refused {
  return new Refused(400, 'bad-request', message)
}
