import { conforms, rateOf, remaining } from '../../core/gcra.ts'
import { setHeader } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import type { Middleware } from '../middleware.ts'
import { Refused } from '../problem.ts'
import { kind } from './kind.ts'

interface Config {
  requests: number
  perMs: number
  burst: number | null
  by: 'client' | 'header' | 'route'
  header: string
}

/** Clients counted at a time. Past it the longest quiet are forgotten, and begin with a full allowance. */
const KEYS_MAX = 50_000

interface Limiting extends Middleware {
  arrivals: Map<string, number>
  by: string
}

export const rateLimit = kind<Config>('rate-limit', (config, services, before) => {
  const { workers } = services
  // Each worker takes its share of the limit; the system spreads connections over them evenly.
  const rate = rateOf(config.requests / workers, config.perMs, Math.max(1, (config.burst ?? config.requests) / workers))
  const header = config.header.toLowerCase()
  const by = `${config.by}:${header}`
  // Another number for the same clients: what they have used stays used.
  const old = before as Limiting | null
  const arrivals = old?.by === by ? old.arrivals : new Map<string, number>()
  const keyOf = (context: Exchange) =>
    config.by === 'client' ? context.client : config.by === 'header' ? (context.passed(header) ?? '') : ''
  const limiting: Limiting = {
    arrivals,
    by,
    async process(context, next) {
      const key = keyOf(context)
      const now = services.now()
      const tat = arrivals.get(key) ?? now
      const decided = conforms(rate, tat, now)
      const limit = `${config.requests};w=${Math.max(1, Math.round(config.perMs / 1000))}`
      if ('waitMs' in decided) {
        const wait = Math.ceil(decided.waitMs)
        throw new Refused(
          429,
          'limit',
          `More than ${config.requests} requests in ${config.perMs} ms. Come back in ${wait} ms.`,
          {
            retryAfterMs: decided.waitMs,
            headers: [
              'ratelimit-policy',
              limit,
              'ratelimit',
              `limit=${config.requests}, remaining=0, reset=${Math.ceil(wait / 1000)}`,
            ],
          },
        )
      }
      // Set anew, so that the order of the map is the order of the last request.
      arrivals.delete(key)
      arrivals.set(key, decided.tat)
      if (arrivals.size > KEYS_MAX) arrivals.delete(arrivals.keys().next().value as string)
      context.did(() => `${remaining(rate, decided.tat, now)} left for ${key === '' ? 'the route' : key}`)
      const answer = await next(context)
      setHeader(answer.headers, 'ratelimit-policy', limit)
      return answer
    },
  }
  return limiting
})
