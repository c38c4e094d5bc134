import CachePolicy from 'http-cache-semantics'
import { type Answer, isSource, type Sink, type Source } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import type { Middleware } from '../middleware.ts'
import { kind } from './kind.ts'

interface Entry {
  policy: CachePolicy
  status: number
  headers: string[]
  body: Buffer
  bytes: number
}

interface Caching extends Middleware {
  store: Store
}

/** What an entry weighs besides its body. */
const OVERHEAD = 512
/** Answers kept for one address, for the values that it varies by. */
const VARIANTS_MAX = 16

/** A shared cache by RFC 9111, whose rules are http-cache-semantics'; bodies in memory, the longest unused go first. */
export const cache = kind<{ bytesMax: number; entryBytesMax: number }>(
  'cache',
  ({ bytesMax, entryBytesMax }, _services, before) => {
    const store = (before as Caching | null)?.store ?? new Store()
    store.bytesMax = bytesMax
    const caching: Caching = {
      store,
      async process(context, next) {
        if (context.method !== 'GET' && context.method !== 'HEAD') return next(context)
        const key = `${context.host}${context.path}${context.query}`
        const asked = askedBy(context)
        // What GET would be answered with holds for HEAD too (RFC 9111, section 4).
        const wanted = { ...asked, method: 'GET' }
        const found = store.find(key, (entry) => entry.policy.satisfiesWithoutRevalidation(wanted))
        if (found) {
          context.did(() => `answered from memory, ${found.policy.age()} s old`)
          return answerOf(found, context.method, 'hit')
        }
        const answer = await next(context)
        if (context.method !== 'GET' || answer.refusal !== undefined) return answer
        const policy = new CachePolicy(
          asked,
          { status: answer.status, headers: objectOf(answer.headers) },
          { shared: true },
        )
        if (!policy.storable() || policy.timeToLive() <= 0) return answer
        context.did(() => 'to be kept')
        if (!isSource(answer.body)) return answer
        const { headers, status } = answer
        const kept = (body: Buffer) => {
          store.put(key, { policy, status, headers: [...headers], body, bytes: body.length + OVERHEAD })
        }
        return {
          ...answer,
          headers: [...headers, 'x-cache', 'miss'],
          body: new Copying(answer.body, entryBytesMax, kept),
        }
      },
    }
    return caching
  },
)

class Store {
  bytesMax = 0
  #bytes = 0
  readonly #entries = new Map<string, Entry[]>()

  find(key: string, fits: (entry: Entry) => boolean): Entry | undefined {
    const entries = this.#entries.get(key)
    const found = entries?.find(fits)
    if (!entries || !found) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entries)
    return found
  }

  put(key: string, entry: Entry): void {
    const others = this.#entries.get(key) ?? []
    this.#remove(key)
    const stay = others.filter((other) => !sameVariant(other, entry)).slice(-(VARIANTS_MAX - 1))
    const entries = [...stay, entry]
    this.#entries.set(key, entries)
    for (const { bytes } of entries) this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.bytesMax) break
      this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    for (const { bytes } of this.#entries.get(key) ?? []) this.#bytes -= bytes
    this.#entries.delete(key)
  }
}

function sameVariant(a: Entry, b: Entry): boolean {
  const [x, y] = [a.policy.toObject(), b.policy.toObject()]
  return JSON.stringify(x.reqh) === JSON.stringify(y.reqh)
}

/** What the service sees counts: it may vary its answer by a header that a middleware has set. */
function askedBy(context: Exchange): CachePolicy.Request {
  const headers = { ...context.req.headers, ...objectOf(context.headers) }
  return { method: context.method, url: context.path + context.query, headers }
}

function objectOf(headers: readonly string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = headers[i + 1] as string
    object[name] = object[name] === undefined ? value : `${object[name]}, ${value}`
  }
  return object
}

function answerOf(entry: Entry, method: string, how: string): Answer {
  const headers = entry.headers.filter((_, i, all) => !isFraming(all[i - (i % 2)] as string))
  headers.push('age', String(entry.policy.age()), 'x-cache', how, 'content-length', String(entry.body.length))
  return { status: entry.status, headers, body: method === 'HEAD' ? null : entry.body }
}

function isFraming(name: string): boolean {
  const lower = name.toLowerCase()
  return lower === 'content-length' || lower === 'age' || lower === 'x-cache'
}

/** Hands the body on and keeps a copy, unless it grows too large or never ends. */
class Copying implements Source {
  readonly #from: Source
  readonly #bytesMax: number
  readonly #kept: (body: Buffer) => void

  constructor(from: Source, bytesMax: number, kept: (body: Buffer) => void) {
    this.#from = from
    this.#bytesMax = bytesMax
    this.#kept = kept
  }

  pipe(sink: Sink): void {
    let chunks: Buffer[] | null = []
    let bytes = 0
    this.#from.pipe({
      data: (chunk) => {
        bytes += chunk.length
        if (bytes > this.#bytesMax) chunks = null
        chunks?.push(chunk)
        return sink.data(chunk)
      },
      end: (trailers) => {
        // What came after the body belongs to this transfer; an answer that has it is not kept.
        if (chunks && trailers === null) this.#kept(Buffer.concat(chunks))
        sink.end(trailers)
      },
      fail: (error) => sink.fail(error),
    })
  }

  resume(): void {
    this.#from.resume()
  }

  abort(): void {
    this.#from.abort()
  }
}
