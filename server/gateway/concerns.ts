/** What speaks against a route working, although it is configured. */
import type { Route } from '../../core/gateway/route.ts'
import type { RouteObserved, WorkerView } from '../../core/gateway/view.ts'
import type { Registry } from '../registry.ts'

const ERRORS_MANY = 0.5
const ERRORS_LEAST = 5

export function concernsOf(
  route: Route,
  observed: Omit<RouteObserved, 'concerns'>,
  workers: readonly WorkerView[],
  registry: Registry,
): string[] {
  const concerns: string[] = []
  if (!route.enabled) return concerns
  if (workers.length === 0) concerns.push('No worker of the gateway is connected.')
  for (const { problems, instance } of workers) {
    for (const { route: id, problem } of problems)
      if (id === route.id) concerns.push(`${instance} cannot take it: ${problem}`)
  }
  const behind = workers.filter(({ revision }) => revision === null || revision < route.revision)
  if (behind.length > 0) concerns.push(`${behind.length} of ${workers.length} workers do not run by it yet.`)
  for (const { service, weight } of route.targets) {
    if (service === null || weight === 0) continue
    const view = registry.views.get(service)
    if (!view || view.total === 0) concerns.push(`No instance of "${service}" is registered.`)
    else if (view.routable === 0) concerns.push(`No instance of "${service}" can take traffic.`)
  }
  if (observed.requests >= ERRORS_LEAST && observed.errors / observed.requests >= ERRORS_MANY) {
    concerns.push(`${Math.round((100 * observed.errors) / observed.requests)}% of its requests fail.`)
  }
  return concerns
}
