/** Which routes the list shows, in the order in which they are looked at. Pure. */
import { compareRoutes } from '@/core/gateway/match'
import type { RouteSpec } from '@/core/gateway/route'
import type { RouteView } from '@/core/gateway/view'
import { placeWord, routeState } from './words'

export const SHOWS = ['all', 'concerns', 'disabled'] as const
export type Show = (typeof SHOWS)[number]

/** Place of each route, from 1; disabled ones have none. */
export function places(views: readonly RouteView[]): Map<string, number> {
  const enabled = views.filter(({ route }) => route.enabled).map(({ route }) => route)
  return new Map(enabled.sort(compareRoutes).map(({ id }, i) => [id, i + 1]))
}

export function matches(view: RouteView, workers: number, { q, show }: { q: string; show: Show }): boolean {
  const { route } = view
  if (show === 'disabled' && route.enabled) return false
  if (show === 'concerns') {
    const { state } = routeState(view, workers)
    if (!route.enabled || (state === 'healthy' && view.observed.concerns.length === 0)) return false
  }
  const wanted = q.trim().toLowerCase()
  if (wanted === '') return true
  const texts = [
    route.id,
    route.description,
    placeWord(route.match),
    ...route.match.hosts,
    ...route.targets.flatMap(({ service, addresses }) => [service ?? '', ...addresses]),
    ...route.middleware.map(({ use }) => use),
  ]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

/** Ids in the order of matching; disabled routes last. */
export function ordered(views: readonly RouteView[]): string[] {
  return [...views]
    .sort((a, b) => Number(b.route.enabled) - Number(a.route.enabled) || compareRoutes(a.route, b.route))
    .map(({ route }) => route.id)
}

/** Which place a route would have among the others, and who would be asked right before it. */
export function placeAmong(
  spec: RouteSpec,
  others: readonly RouteSpec[],
): { at: number; of: number; after: string | null } {
  const enabled = others.filter((other) => other.enabled && other.id !== spec.id)
  const before = enabled.filter((other) => compareRoutes(other, spec) < 0).sort(compareRoutes)
  return { at: before.length + 1, of: enabled.length + 1, after: before.at(-1)?.id ?? null }
}
