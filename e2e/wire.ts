/** The API as it travels, without a client in between: HTTP requests and one raw WebSocket. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { ADMIN_TOKEN } from './launch.ts'

export type Method = 'query' | 'mutation' | 'subscription'

export interface Identity {
  token?: string
  /** of a browser, which sends an Origin too */
  cookie?: string
}

export interface Answer {
  status: number
  headers: Headers
  text: string
}

/** What a procedure answered: its data, or the error as the control plane says it. */
export interface Outcome {
  data?: unknown
  error?: { code: string; message: string; details?: Record<string, unknown> }
}

export const ADMIN: Identity = { token: ADMIN_TOKEN }

export function headersOf(url: string, identity: Identity): Record<string, string> {
  return {
    ...(identity.token === undefined ? {} : { authorization: `Bearer ${identity.token}` }),
    ...(identity.cookie === undefined ? {} : { cookie: identity.cookie, origin: url }),
  }
}

export async function request(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

interface Wire {
  id?: number | string | null
  result?: { type?: string; id?: string; data?: unknown }
  error?: { message: string; data?: { holdfast?: Outcome['error'] } }
}

export function outcome(message: Wire): Outcome {
  if (!message.error) return { data: message.result?.data }
  return { error: message.error.data?.holdfast ?? { code: 'NONE', message: message.error.message } }
}

/** Calls over HTTP; several at once are one batch. Subscriptions cannot be batched and are asked for as event streams. */
export async function overHttp(
  url: string,
  identity: Identity,
  method: Method,
  paths: readonly string[],
  input: unknown = { data: {} },
): Promise<{ status: number; outcomes: Outcome[] }> {
  const batch = paths.length > 1
  const body = JSON.stringify(batch ? Object.fromEntries(paths.map((_, i) => [i, input])) : input)
  const query = new URLSearchParams({
    ...(batch ? { batch: '1' } : {}),
    ...(method === 'mutation' ? {} : { input: body }),
  })
  const answer = await request(url, `/api/trpc/${paths.join(',')}?${query}`, {
    method: method === 'mutation' ? 'POST' : 'GET',
    headers: {
      ...headersOf(url, identity),
      ...(method === 'mutation' ? { 'content-type': 'application/json' } : {}),
      ...(method === 'subscription' ? { accept: 'text/event-stream' } : {}),
    },
    ...(method === 'mutation' ? { body } : {}),
    signal: AbortSignal.timeout(20_000),
  })
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    const error = /^event: serialized-error\ndata: (.*)$/m.exec(answer.text)?.[1]
    return { status: answer.status, outcomes: [error === undefined ? {} : outcome({ error: JSON.parse(error) })] }
  }
  const parsed = JSON.parse(answer.text) as Wire | Wire[]
  return { status: answer.status, outcomes: (Array.isArray(parsed) ? parsed : [parsed]).map(outcome) }
}

/** One call that must succeed. */
export async function ask<T>(url: string, identity: Identity, method: Method, path: string, data: unknown): Promise<T> {
  const { outcomes } = await overHttp(url, identity, method, [path], { data })
  const [first] = outcomes
  if (!first || first.error) throw new Error(`${path}: ${first?.error?.code} ${first?.error?.message}`)
  return first.data as T
}

export class RawSocket {
  readonly socket: WebSocket
  readonly #answers = new Map<number, (outcome: Outcome) => void>()
  readonly #streams = new Map<number, (data: unknown, cursor: string | undefined) => void>()
  #next = 1
  closed: { code: number; reason: string } | null = null

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      const text = data.toString()
      if (text === 'PING') socket.send('PONG')
      if (!text.startsWith('{')) return
      const message = JSON.parse(text) as Wire
      const id = message.id as number
      const stream = this.#streams.get(id)
      if (stream && message.result?.type === 'data') {
        const tracked = message.result.id !== undefined
        stream(tracked ? (message.result.data as { data: unknown }).data : message.result.data, message.result.id)
      }
      this.#answers.get(id)?.(outcome(message))
      this.#answers.delete(id)
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      for (const answer of this.#answers.values()) answer({ error: { code: 'CLOSED', message: String(code) } })
    })
    socket.on('error', () => undefined)
  }

  static async open(url: string, identity: Identity): Promise<RawSocket> {
    const { token, ...rest } = identity
    const address = `${url.replace('http', 'ws')}/api/trpc${token === undefined ? '' : '?connectionParams=1'}`
    const socket = new WebSocket(address, { headers: headersOf(url, rest) })
    const raw = new RawSocket(socket)
    await once(socket, 'open')
    if (token !== undefined) socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
    return raw
  }

  /** The first answer: for a subscription that it has started, or why not. */
  call(method: Method, path: string, input: unknown = { data: {} }): Promise<Outcome> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.socket.send(JSON.stringify({ id, method, params: { path, input } }))
    })
  }

  async subscribe(
    path: string,
    input: { data: unknown; lastEventId?: string },
    onData: (data: unknown, cursor: string | undefined) => void,
  ): Promise<Outcome> {
    this.#streams.set(this.#next, onData)
    return this.call('subscription', path, input)
  }

  async close(): Promise<void> {
    if (this.closed) return
    const closed = once(this.socket, 'close')
    this.socket.close()
    await closed
  }
}

/** A user of that role, signed in as a browser would be: by the one-time link. */
export async function member(url: string, role: 'viewer' | 'operator' | 'admin', email = `${role}@example.org`) {
  const { link } = await ask<{ link: string }>(url, ADMIN, 'mutation', 'admin.users.invite', {
    email,
    name: role,
    role,
  })
  const token = new URL(link).searchParams.get('token')
  const response = await fetch(`${url}/api/auth/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ token }),
  })
  const cookie = response.headers.get('set-cookie')?.split(';', 1)[0]
  if (!response.ok || cookie === undefined) throw new Error(`signing in failed: ${await response.text()}`)
  return { cookie } satisfies Identity
}

/** A service token; its secret is the identity. */
export async function serviceToken(
  url: string,
  name: string,
  scopes: readonly string[],
): Promise<{ token: string; id: string }> {
  const made = await ask<{ token: { id: string }; secret: string }>(url, ADMIN, 'mutation', 'admin.tokens.create', {
    name,
    scopes,
  })
  return { token: made.secret, id: made.token.id }
}

export async function journalHead(url: string): Promise<number> {
  const info = await ask<{ journal: { head: number } }>(url, ADMIN, 'query', 'system.info', {})
  return info.journal.head
}

/** Prometheus text as figures by series name (with its labels). */
export function figures(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{.*\})?) (\S+)$/.exec(line)
    const value = match?.[2] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match?.[2])
    if (!match?.[1] || (Number.isNaN(value) && match[2] !== 'NaN')) throw new Error(`not a metric: ${line}`)
    found.set(match[1], value)
  }
  return found
}

/** Resident memory of the control plane, MiB. */
export async function residentMiB(url: string): Promise<number> {
  const { text } = await request(url, '/metrics')
  return Math.round((figures(text).get('process_resident_memory_bytes') ?? 0) / 1024 / 1024)
}

/** Asks again until it holds. `withinMs`: then it throws. */
export async function until(what: string, withinMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
