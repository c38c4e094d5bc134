import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import { type Answer, headerOf, isSource, removeHeader, type Sink, type Source, setHeader } from '../answer.ts'
import { kind } from './kind.ts'

const TEXT =
  /^(text\/|application\/(json|javascript|xml|manifest\+json|problem\+json|ld\+json|graphql|wasm)|image\/svg\+xml)|\+(json|xml)\b/
/** Nobody waits for a buffer to fill: server-sent events are text, but each is to arrive at once. */
const LIVE = /^text\/event-stream/

export const compression = kind<{ bytesMin: number; brotli: boolean }>('compression', ({ bytesMin, brotli }) => ({
  async process(context, next) {
    const answer = await next(context)
    const accepted = context.header('accept-encoding')
    const encoding =
      accepted === undefined
        ? null
        : brotli && accepts(accepted, 'br')
          ? 'br'
          : accepts(accepted, 'gzip')
            ? 'gzip'
            : null
    if (!worthwhile(answer, context.method, bytesMin)) return answer
    const vary = headerOf(answer.headers, 'vary')
    setHeader(answer.headers, 'vary', vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`)
    if (encoding === null) return answer
    removeHeader(answer.headers, 'content-length')
    setHeader(answer.headers, 'content-encoding', encoding)
    // The bytes are others now, so a strong validator no longer holds for them.
    const etag = headerOf(answer.headers, 'etag')
    if (etag?.startsWith('"')) setHeader(answer.headers, 'etag', `W/${etag}`)
    context.did(() => encoding)
    return { ...answer, body: new Compressed(answer.body as Buffer | Source, encoding) }
  },
}))

function worthwhile({ status, headers, body }: Answer, method: string, bytesMin: number): boolean {
  if (body === null || method === 'HEAD' || status < 200 || status === 204 || status === 206 || status === 304)
    return false
  if (headerOf(headers, 'content-encoding') !== undefined) return false
  const type = headerOf(headers, 'content-type') ?? ''
  if (!TEXT.test(type) || LIVE.test(type)) return false
  if ((headerOf(headers, 'cache-control') ?? '').includes('no-transform')) return false
  const length = headerOf(headers, 'content-length')
  return length === undefined || Number(length) >= bytesMin
}

/** RFC 9110, section 12.5.3. */
function accepts(header: string, encoding: string): boolean {
  for (const part of header.split(',')) {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    if (name !== encoding) continue
    return !parameters.some((text) => /^q=0(\.0*)?$/.test(text))
  }
  return false
}

class Compressed implements Source {
  readonly #body: Buffer | Source
  readonly #zip: ReturnType<typeof createGzip> | ReturnType<typeof createBrotliCompress>

  constructor(body: Buffer | Source, encoding: 'gzip' | 'br') {
    this.#body = body
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
    this.#zip = encoding === 'br' ? createBrotliCompress(quality) : createGzip({ level: 6 })
  }

  pipe(sink: Sink): void {
    const zip = this.#zip
    const body = this.#body
    zip.on('data', (chunk: Buffer) => {
      if (!sink.data(chunk)) zip.pause()
    })
    zip.on('end', () => sink.end(null))
    zip.on('error', (error) => sink.fail(error))
    if (!isSource(body)) {
      zip.end(body)
      return
    }
    zip.on('drain', () => body.resume())
    body.pipe({
      data: (chunk) => zip.write(chunk),
      end: () => zip.end(),
      fail: (error) => {
        zip.destroy()
        sink.fail(error)
      },
    })
  }

  resume(): void {
    this.#zip.resume()
  }

  abort(): void {
    this.#zip.destroy()
    if (isSource(this.#body)) this.#body.abort()
  }
}
