import type { BreakerStateName } from '../../core/breaker.ts'
import type { BreakerTile } from '../../core/breaker-view.ts'
import type { Breakers } from '../breakers.ts'

export interface BreakerFilter {
  q?: string | undefined
  service?: string | undefined
  effective?: BreakerStateName | undefined
  overridden?: boolean | undefined
  after?: string | undefined
  limit: number
}

/** A page of tiles by name; `counts` are of everything, whatever the filter. */
export function listBreakers(breakers: Breakers, filter: BreakerFilter) {
  const counts = { closed: 0, open: 0, 'half-open': 0, overridden: 0, total: 0 }
  const q = filter.q?.toLowerCase() ?? ''
  const names: string[] = []
  for (const name of breakers.names()) {
    const b = breakers.summary(name)
    counts[b.effective] += 1
    counts.total += 1
    if (b.overridden) counts.overridden += 1
    if (q !== '' && !name.toLowerCase().includes(q)) continue
    if (filter.service !== undefined && b.service !== filter.service) continue
    if (filter.effective !== undefined && b.effective !== filter.effective) continue
    if (filter.overridden !== undefined && b.overridden !== filter.overridden) continue
    if (filter.after !== undefined && name <= filter.after) continue
    names.push(name)
  }
  names.sort()
  const page = names.slice(0, filter.limit)
  const breakersOfPage = page.map((name) => breakers.tile(name) as BreakerTile)
  return { breakers: breakersOfPage, next: names.length > page.length ? (page.at(-1) ?? null) : null, counts }
}
