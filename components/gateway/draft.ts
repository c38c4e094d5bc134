/** A route while it is being edited. Pure. */
import { BUILT_IN_MIDDLEWARE, DEFAULT_CHAIN, findMiddleware, type MiddlewareSpec } from '@/core/gateway/catalog'
import { defaults } from '@/core/gateway/fields'
import type { Route, RouteSpec, Step } from '@/core/gateway/route'

/** A step with an identity that stays while it moves. */
export interface DraftStep extends Step {
  key: string
}

export interface Draft extends Omit<RouteSpec, 'middleware'> {
  middleware: DraftStep[]
  /** revision of the route when editing began; 0: it is new */
  base: number
}

/** `keyOf` gives each step an identity. */
export function draftOf(route: RouteSpec & { revision?: number }, keyOf: () => string): Draft {
  const { id, description, enabled, priority, match, targets, balance, rewrite, middleware } = route
  return {
    id,
    description,
    enabled,
    priority,
    match,
    targets,
    balance,
    rewrite,
    middleware: middleware.map((step) => ({ ...step, key: keyOf() })),
    base: route.revision ?? 0,
  }
}

export function newRoute(service = ''): RouteSpec {
  return {
    id: service,
    description: '',
    enabled: true,
    priority: 0,
    match: {
      hosts: [],
      path: { kind: 'prefix', value: service === '' ? '/' : `/${service}` },
      methods: [],
      headers: [],
    },
    targets: [{ service, addresses: [], weight: 1 }],
    balance: { by: 'least-load', hashHeader: '', zoneFirst: true },
    rewrite: { path: null, host: 'client' },
    middleware: DEFAULT_CHAIN.map((use) => ({ use, config: defaults(findMiddleware(use)?.fields ?? []) })),
  }
}

/** As it is sent; a service without a name is none. */
export function specOf({ base: _, middleware, ...rest }: Draft): RouteSpec {
  return {
    ...rest,
    targets: rest.targets.map((target) => (target.service === '' ? { ...target, service: null } : target)),
    middleware: middleware.map(({ use, config }) => ({ use, config })),
  }
}

export function bare({ revision: _r, updatedAt: _a, updatedBy: _b, reason: _c, ...spec }: Route): RouteSpec {
  return spec
}

export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items]
  const [item] = next.splice(from, 1)
  if (item !== undefined) next.splice(to, 0, item)
  return next
}

/** Puts a step where chains usually have it: after the last one that comes before it in the catalog. */
export function withStep(steps: readonly DraftStep[], spec: MiddlewareSpec, key: string): DraftStep[] {
  const rank = (use: string) => {
    const at = BUILT_IN_MIDDLEWARE.findIndex(({ name }) => name === use)
    return at < 0 ? BUILT_IN_MIDDLEWARE.findIndex(({ name }) => name === 'retry') - 0.5 : at
  }
  const at = steps.findLastIndex(({ use }) => rank(use) <= rank(spec.name)) + 1
  const step = { use: spec.name, config: defaults(spec.fields), key }
  return [...steps.slice(0, at), step, ...steps.slice(at)]
}
