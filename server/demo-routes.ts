/** The routes by which the demo's customers and its partner come in. */
import { BUILT_IN_MIDDLEWARE } from '../core/gateway/catalog.ts'
import { defaults, type MiddlewareConfig } from '../core/gateway/fields.ts'
import type { RouteSpec, Step } from '../core/gateway/route.ts'
import type { Store } from '../db/store.ts'
import { putRoute } from './gateway/change.ts'
import { SYSTEM } from './principal.ts'

const step = (use: string, config: MiddlewareConfig = {}): Step => ({
  use,
  config: { ...defaults(BUILT_IN_MIDDLEWARE.find(({ name }) => name === use)?.fields ?? []), ...config },
})

const COMMON: Omit<RouteSpec, 'id' | 'description' | 'match' | 'targets' | 'middleware'> = {
  enabled: true,
  priority: 0,
  balance: { by: 'least-load', hashHeader: '', zoneFirst: true },
  rewrite: { path: null, host: 'client' },
}

export const SHOP_ROUTES: readonly RouteSpec[] = [
  {
    ...COMMON,
    id: 'shop',
    description: 'The shop, as customers see it',
    match: { hosts: [], path: { kind: 'prefix', value: '/' }, methods: [], headers: [] },
    targets: [{ service: 'storefront', addresses: [], weight: 1 }],
    middleware: [
      step('request-id'),
      step('access-log'),
      step('timeout', { ms: 5_000 }),
      step('compression'),
      step('retry'),
      step('breaker'),
    ],
  },
  {
    ...COMMON,
    id: 'checkout',
    description: 'Orders are not sent twice, and not without a limit',
    match: { hosts: [], path: { kind: 'exact', value: '/checkout' }, methods: ['POST'], headers: [] },
    targets: [{ service: 'storefront', addresses: [], weight: 1 }],
    middleware: [
      step('request-id'),
      step('access-log'),
      step('concurrency', { inFlightMax: 64, queueMax: 64 }),
      step('timeout', { ms: 5_000 }),
      step('body-limit', { bytesMax: 65_536 }),
      step('breaker'),
    ],
  },
  {
    ...COMMON,
    id: 'stock-api',
    description: 'What partners may ask about our stock',
    match: { hosts: [], path: { kind: 'prefix', value: '/api/stock' }, methods: ['GET', 'HEAD'], headers: [] },
    targets: [{ service: 'inventory', addresses: [], weight: 1 }],
    rewrite: { path: '/', host: 'upstream' },
    middleware: [
      step('request-id'),
      step('access-log'),
      step('rate-limit', { requests: 10, perMs: 1_000 }),
      step('timeout', { ms: 2_000 }),
      step('retry'),
      step('breaker'),
    ],
  },
]

/** Once, where nothing was ever configured: what an operator has removed or changed since stays so. */
export async function openShop(store: Store): Promise<void> {
  await store.transact({ actor: SYSTEM.actor, operationId: null }, async (tx) => {
    if ((await tx.q.gateway.revision()) > 0) return
    for (const route of SHOP_ROUTES) {
      await putRoute(tx, { route, expectedRevision: 0, reason: 'the way into the demo’s shop' }, [])
    }
  })
}
