/**
 * The extension point: a middleware sees a request on its way in and its answer on its way out. See docs/middleware.md.
 */
import type { MiddlewareSpec } from '../core/gateway/catalog.ts'
import type { MiddlewareConfig } from '../core/gateway/fields.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Services } from './services.ts'

export type Next = (context: Exchange) => Promise<Answer>

export interface Middleware {
  /** Answers by itself, throws `Refused`, or hands on to `next`, once or, when that is safe, more than once. */
  process(context: Exchange, next: Next): Promise<Answer>
  /** the route has changed or is gone: lets go of what it holds */
  close?(): void
  /** groups of upstreams that it needs besides the targets of its route */
  readonly uses?: readonly string[]
}

export interface MiddlewareKind {
  readonly spec: MiddlewareSpec
  /**
   * For one route; `config` has been checked against the fields. `before`: the one that stood there until now with another
   * config, from which counts may be taken over.
   */
  create(config: MiddlewareConfig, services: Services, before: Middleware | null): Middleware
}
