/** Which headers pass. What concerns one connection ends here, both ways, before any of ours is set (G2). */

/** RFC 9110, section 7.6.1, and what is older than it. `trailer` goes with the chunks that carry it. */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
])
/** Believed from trusted peers only; set by us. */
const FORWARDED = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-real-ip',
])
/** Ours: nobody outside may speak in our name. */
const OWN = new Set(['holdfast-try', 'holdfast-try-host', 'traceparent', 'tracestate', 'host'])

export interface Passing {
  /** names and values in turn */
  headers: string[]
  /** what a trusted peer says of the client; empty: nothing */
  forwardedFor: string
  forwardedProto: string
  forwardedHost: string
}

/** The request's headers that go on. `trusted`: the peer may speak for the client. */
export function passRequest(raw: readonly string[], connection: string | undefined, trusted: boolean): Passing {
  const named = namedIn(connection)
  const passing: Passing = { headers: [], forwardedFor: '', forwardedProto: '', forwardedHost: '' }
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    const lower = name.toLowerCase()
    if (HOP.has(lower) || OWN.has(lower)) continue
    if (FORWARDED.has(lower)) {
      if (!trusted) continue
      if (lower === 'x-forwarded-for') passing.forwardedFor += passing.forwardedFor === '' ? value : `, ${value}`
      else if (lower === 'x-forwarded-proto') passing.forwardedProto = value
      else if (lower === 'x-forwarded-host') passing.forwardedHost = value
      continue
    }
    if (named?.has(lower)) continue
    passing.headers.push(name, value)
  }
  return passing
}

/** The answer's headers that go on, from a parser's buffers. */
export function passResponse(raw: readonly Buffer[]): {
  headers: string[]
  length: string | null
  timing: string | null
  /** an event stream: it has no end to wait for */
  stream: boolean
} {
  const headers: string[] = []
  let named: Set<string> | null = null
  let hop = false
  let length: string | null = null
  let timing: string | null = null
  let stream = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as Buffer).toString('latin1')
    const lower = name.toLowerCase()
    if (HOP.has(lower)) {
      hop = true
      if (lower === 'connection') named = merge(named, (raw[i + 1] as Buffer).toString('latin1'))
      continue
    }
    const value = (raw[i + 1] as Buffer).toString('latin1')
    if (lower === 'content-length') length = value
    else if (lower === 'server-timing') timing = timing === null ? value : `${timing}, ${value}`
    else if (lower === 'content-type') stream = value.startsWith('text/event-stream')
    headers.push(name, value)
  }
  if (hop && named !== null) {
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      if (named.has((headers[i] as string).toLowerCase())) headers.splice(i, 2)
    }
  }
  return { headers, length, timing, stream }
}

function merge(into: Set<string> | null, value: string): Set<string> | null {
  const named = namedIn(value)
  if (!named) return into
  if (!into) return named
  for (const name of named) into.add(name)
  return into
}

/** Framing is ours whatever a client names, so that naming it cannot take it away. */
const KEPT = new Set(['content-length', 'host', 'close', 'keep-alive', 'content-encoding', 'content-type'])

function namedIn(connection: string | undefined): Set<string> | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null
  const named = new Set<string>()
  for (const part of connection.split(',')) {
    const name = part.trim().toLowerCase()
    if (name !== '' && !KEPT.has(name)) named.add(name)
  }
  return named.size > 0 ? named : null
}
