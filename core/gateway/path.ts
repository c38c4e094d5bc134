/** One spelling for each path, so that what is authorised is what is forwarded (RFC 3986, section 6.2.2). */

const PLAIN = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/
const ALLOWED = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%"<>^`{|}[\]]*$/
const UNRESERVED = /[A-Za-z0-9\-._~]/

export interface Target {
  /** normalised; begins with one "/" */
  path: string
  /** with its "?"; empty without one */
  query: string
}

/** The target of a request in origin form, normalised; or why it is refused. */
export function normaliseTarget(target: string): Target | { refused: string } {
  const mark = target.indexOf('?')
  const raw = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark)
  if (query !== '' && !/^[\x21\x22\x24-\x7e]*$/.test(query)) return { refused: 'the query holds what no URL may hold' }
  const path = normalisePath(raw)
  return typeof path === 'string' ? { path, query } : path
}

/**
 * Resolves dot segments, also those written with %2e; decodes what needs no encoding; spells the rest in one way. Refuses
 * what upstreams read in different ways: encoded slashes and backslashes, backslashes, encoded control characters.
 */
export function normalisePath(raw: string): string | { refused: string } {
  // Nearly every request: nothing to decode, no dot segment, no empty first segment.
  if (PLAIN.test(raw) && !raw.includes('/.') && raw[1] !== '/') return raw
  if (raw[0] !== '/') return { refused: 'the path must begin with "/"' }
  if (raw.includes('\\')) return { refused: 'the path holds a backslash' }
  if (!ALLOWED.test(raw)) return { refused: 'the path holds what no URL may hold' }
  let path = ''
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== '%') {
      path += raw[i]
      continue
    }
    const hex = raw.slice(i + 1, i + 3)
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return { refused: 'the path holds a "%" without two hexadecimal digits' }
    const code = Number.parseInt(hex, 16)
    const char = String.fromCharCode(code)
    if (char === '/' || char === '\\') return { refused: `the path holds an encoded "${char}"` }
    if (code < 0x20 || code === 0x7f) return { refused: 'the path holds an encoded control character' }
    path += UNRESERVED.test(char) ? char : `%${hex.toUpperCase()}`
    i += 2
  }
  return resolveDots(path)
}

function resolveDots(path: string): string {
  const out: string[] = []
  const segments = path.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1
    if (segment === '.' || segment === '..') {
      if (segment === '..') out.pop()
      if (last) out.push('')
    } else out.push(segment)
  }
  // "//host/path" is another thing than a path to whoever resolves it as a reference.
  while (out.length > 1 && out[0] === '') out.shift()
  return `/${out.join('/')}`
}
