/** The middlewares that come with the gateway. */
import type { MiddlewareKind } from '../middleware.ts'
import { accessLog } from './access-log.ts'
import { apiKey } from './api-key.ts'
import { bodyLimit } from './body-limit.ts'
import { breaker } from './breaker.ts'
import { cache } from './cache.ts'
import { compression } from './compression.ts'
import { concurrency } from './concurrency.ts'
import { cors } from './cors.ts'
import { fault } from './fault.ts'
import { headers } from './headers.ts'
import { jwt } from './jwt.ts'
import { mirror } from './mirror.ts'
import { rateLimit } from './rate-limit.ts'
import { requestId } from './request-id.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'

export const BUILT_IN_KINDS: ReadonlyMap<string, MiddlewareKind> = new Map(
  [
    requestId,
    accessLog,
    cors,
    apiKey,
    jwt,
    rateLimit,
    concurrency,
    timeout,
    cache,
    compression,
    headers,
    bodyLimit,
    mirror,
    fault,
    retry,
    breaker,
  ].map((kind) => [kind.spec.name, kind]),
)
