/** Calls into and out of services, added up from the edges of the map. Pure. */
import type { EdgeView, Quality } from '@/core/topology'

export interface Traffic {
  /** calls in the window */
  count: number
  ratePerSec: number
  /** 0 to 1; null without calls */
  errorShare: number | null
  /** of the slowest caller: percentiles of several edges cannot be added up */
  p99Ms: number | null
  quality: Quality
  /** since the newest report */
  ageMs: number
  callers: string[]
}

export const NO_TRAFFIC: Traffic = {
  count: 0,
  ratePerSec: 0,
  errorShare: null,
  p99Ms: null,
  quality: 'none',
  ageMs: 0,
  callers: [],
}

const BY_WORST: Quality[] = ['measured', 'partial', 'none']

/** Sums the edges given, whichever they are. An edge without calls says nothing of the quality of the others. */
export function addUp(edges: readonly EdgeView[]): Traffic {
  const used = edges.filter((edge) => edge.count > 0)
  if (used.length === 0) return NO_TRAFFIC
  let count = 0
  let errors = 0
  let ratePerSec = 0
  let p99Ms: number | null = null
  let ageMs = Number.POSITIVE_INFINITY
  let quality: Quality = 'measured'
  for (const edge of used) {
    count += edge.count
    errors += edge.errors
    ratePerSec += edge.ratePerSec
    if (edge.p99Ms !== null) p99Ms = Math.max(p99Ms ?? 0, edge.p99Ms)
    ageMs = Math.min(ageMs, edge.ageMs)
    if (BY_WORST.indexOf(edge.quality) > BY_WORST.indexOf(quality)) quality = edge.quality
  }
  const callers = [...new Set(used.map((edge) => edge.caller))].sort()
  return { count, ratePerSec, errorShare: errors / count, p99Ms, quality, ageMs, callers }
}

/** What reaches each service. A service nobody calls is missing. */
export function trafficInto(edges: Iterable<EdgeView>): Map<string, Traffic> {
  const byCallee = new Map<string, EdgeView[]>()
  for (const edge of edges) {
    const list = byCallee.get(edge.callee)
    if (list) list.push(edge)
    else byCallee.set(edge.callee, [edge])
  }
  return new Map([...byCallee].map(([callee, list]) => [callee, addUp(list)]))
}

export function edgesOf(name: string, edges: Iterable<EdgeView>): { incoming: EdgeView[]; outgoing: EdgeView[] } {
  const incoming: EdgeView[] = []
  const outgoing: EdgeView[] = []
  for (const edge of edges) {
    if (edge.callee === name) incoming.push(edge)
    if (edge.caller === name) outgoing.push(edge)
  }
  const byId = (a: EdgeView, b: EdgeView) => (a.id < b.id ? -1 : 1)
  return { incoming: incoming.sort(byId), outgoing: outgoing.sort(byId) }
}
