import { findMiddleware } from '../../core/gateway/catalog.ts'
import type { MiddlewareConfig } from '../../core/gateway/fields.ts'
import type { Middleware, MiddlewareKind } from '../middleware.ts'
import type { Services } from '../services.ts'

/** A built-in one; its config has the catalog's fields. */
export function kind<C>(
  name: string,
  create: (config: C, services: Services, before: Middleware | null) => Middleware,
): MiddlewareKind {
  const spec = findMiddleware(name)
  if (!spec) throw new Error(`"${name}" is not in the catalog`)
  return { spec, create: (config: MiddlewareConfig, services, before) => create(config as C, services, before) }
}
