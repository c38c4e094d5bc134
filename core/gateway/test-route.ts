/** A route for tests: what is not said is as plain as can be. */
import type { Route, RouteSpec } from './route.ts'

export type RouteParts = Partial<Omit<RouteSpec, 'match'>> & { match?: Partial<RouteSpec['match']> }

export function testRoute(id: string, { match, ...parts }: RouteParts = {}): Route {
  return {
    id,
    description: '',
    enabled: true,
    priority: 0,
    match: { hosts: [], path: { kind: 'prefix', value: '/' }, methods: [], headers: [], ...match },
    targets: [{ service: 'orders', addresses: [], weight: 1 }],
    balance: { by: 'round-robin', hashHeader: '', zoneFirst: false },
    rewrite: { path: null, host: 'client' },
    middleware: [],
    revision: 1,
    updatedAt: 0,
    updatedBy: 'user:ada@example.org',
    reason: '',
    ...parts,
  }
}
