import { type Answer, headerOf, removeHeader, setHeader } from '../answer.ts'
import { kind } from './kind.ts'

interface Config {
  origins: readonly string[]
  methods: readonly string[]
  headers: readonly string[]
  exposed: readonly string[]
  credentials: boolean
  maxAgeS: number
}

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
export const cors = kind<Config>('cors', (config) => {
  const any = config.origins.includes('*')
  const origins = new Set(config.origins)
  // Any origin with credentials would let every page act as whoever is signed in.
  const credentials = config.credentials && !any
  const allow = (headers: string[], origin: string) => {
    for (const name of [
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'access-control-expose-headers',
    ]) {
      removeHeader(headers, name)
    }
    headers.push('access-control-allow-origin', any ? '*' : origin)
    if (credentials) headers.push('access-control-allow-credentials', 'true')
    if (config.exposed.length > 0) headers.push('access-control-expose-headers', config.exposed.join(', '))
  }
  return {
    async process(context, next) {
      const origin = context.header('origin')
      const allowed = origin !== undefined && (any || origins.has(origin))
      if (
        context.method === 'OPTIONS' &&
        origin !== undefined &&
        context.header('access-control-request-method') !== undefined
      ) {
        const headers = [
          'content-length',
          '0',
          'vary',
          'origin, access-control-request-method, access-control-request-headers',
        ]
        if (allowed) {
          allow(headers, origin)
          headers.push('access-control-allow-methods', config.methods.join(', '))
          headers.push('access-control-allow-headers', config.headers.join(', '))
          headers.push('access-control-max-age', String(config.maxAgeS))
        }
        context.did(() => (allowed ? `preflight of ${origin} answered` : `${origin} is not allowed`))
        const answer: Answer = { status: 204, headers, body: null }
        return answer
      }
      const answer = await next(context)
      if (allowed) allow(answer.headers, origin)
      if (!any) {
        const vary = headerOf(answer.headers, 'vary')
        setHeader(answer.headers, 'vary', vary === undefined ? 'origin' : `${vary}, origin`)
      }
      return answer
    },
  }
})
