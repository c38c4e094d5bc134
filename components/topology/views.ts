/**
 * What each node and line shows, drawn from the live figures. An unchanged view keeps its identity from one frame to the
 * next, so that a change of one service redraws one node.
 */
import type { HealthState, OperatorIntent } from '../../core/instance.ts'
import type { EdgeView, ServiceView } from '../../core/topology.ts'
import type { MapLine, MapNode, MapShape } from './graph.ts'
import { type Counts, countsOf, isTroubled, noCounts, type Traffic, trafficOf, worstOf } from './summary.ts'

export interface NodeView {
  id: string
  kind: MapNode['kind']
  name: string
  health: HealthState
  reason: string
  counts: Counts
  /** instances */
  total: number
  /** services of a group; 1 otherwise */
  services: number
  /** services of a group that need attention */
  troubled: number
  maintenance: OperatorIntent | null
  held: boolean
  flapping: boolean
  inbound: Traffic
  outbound: Traffic
}

export interface LineView {
  id: string
  caller: string
  callee: string
  protocols: string[]
  traffic: Traffic
}

export interface MapViews {
  nodes: ReadonlyMap<string, NodeView>
  lines: ReadonlyMap<string, LineView>
}

export const NO_VIEWS: MapViews = { nodes: new Map(), lines: new Map() }

export function viewsOf(
  shape: MapShape,
  services: readonly ServiceView[],
  edges: readonly EdgeView[],
  before: MapViews = NO_VIEWS,
): MapViews {
  const serviceOf = new Map(services.map((s) => [s.name, s]))
  const edgeOf = new Map(edges.map((e) => [e.id, e]))
  const inbound = new Map<string, EdgeView[]>()
  const outbound = new Map<string, EdgeView[]>()
  for (const edge of edges) {
    const [from, to] = [shape.nodeOf.get(edge.caller), shape.nodeOf.get(edge.callee)]
    if (from !== undefined) push(outbound, from, edge)
    if (to !== undefined) push(inbound, to, edge)
  }
  const nodes = new Map<string, NodeView>()
  for (const node of shape.nodes) {
    const traffic = { inbound: trafficOf(inbound.get(node.id) ?? []), outbound: trafficOf(outbound.get(node.id) ?? []) }
    const view = { ...stateOf(node, serviceOf), ...traffic }
    nodes.set(node.id, kept(before.nodes.get(node.id), view))
  }
  const lines = new Map<string, LineView>()
  const names = new Map(shape.nodes.map((n) => [n.id, n.name]))
  for (const line of shape.lines) lines.set(line.id, kept(before.lines.get(line.id), lineView(line, names, edgeOf)))
  return { nodes, lines }
}

function push(into: Map<string, EdgeView[]>, key: string, edge: EdgeView): void {
  const list = into.get(key)
  if (list) list.push(edge)
  else into.set(key, [edge])
}

function stateOf(node: MapNode, serviceOf: ReadonlyMap<string, ServiceView>): Omit<NodeView, 'inbound' | 'outbound'> {
  const base = { id: node.id, kind: node.kind, name: node.name }
  if (node.kind === 'group') {
    const members = node.members.flatMap((name) => serviceOf.get(name) ?? [])
    const troubled = members.filter(isTroubled)
    const counts = countsOf(members)
    return {
      ...base,
      health: worstOf(members.map((m) => m.health)),
      reason: troubled.length === 0 ? 'all of its services are well' : `${troubled.map((t) => t.name).join(', ')}`,
      counts,
      total: members.reduce((sum, m) => sum + m.total, 0),
      services: members.length,
      troubled: troubled.length,
      maintenance: members.length > 0 && members.every((m) => m.maintenance) ? (members[0]?.maintenance ?? null) : null,
      held: members.some((m) => m.hold !== null),
      flapping: members.some((m) => m.flapping > 0),
    }
  }
  const service = serviceOf.get(node.name)
  return {
    ...base,
    health: service?.health ?? 'unknown',
    reason: service?.reason ?? 'seen in calls, not registered here',
    counts: service?.counts ?? noCounts(),
    total: service?.total ?? 0,
    services: 1,
    troubled: service && isTroubled(service) ? 1 : 0,
    maintenance: service?.maintenance ?? null,
    held: service?.hold != null,
    flapping: (service?.flapping ?? 0) > 0,
  }
}

function lineView(line: MapLine, names: ReadonlyMap<string, string>, edgeOf: ReadonlyMap<string, EdgeView>): LineView {
  const edges = line.edges.flatMap((id) => edgeOf.get(id) ?? [])
  return {
    id: line.id,
    caller: names.get(line.source) ?? line.source,
    callee: names.get(line.target) ?? line.target,
    protocols: [...new Set(edges.map((e) => e.protocol))].sort(),
    traffic: trafficOf(edges),
  }
}

/** The earlier object when nothing in it differs. */
function kept<T>(before: T | undefined, now: T): T {
  return before !== undefined && equal(before, now) ? before : now
}

function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

/** Which nodes a search and a choice of states leave lit; null when all are. */
export function litNodes(
  shape: MapShape,
  services: readonly ServiceView[],
  query: string,
  states: readonly HealthState[],
): ReadonlySet<string> | null {
  const words = query.trim().toLowerCase()
  if (words === '' && states.length === 0) return null
  const lit = new Set<string>()
  for (const service of services) {
    if (!matches(service, words, states)) continue
    const id = shape.nodeOf.get(service.name)
    if (id !== undefined) lit.add(id)
  }
  if (states.length === 0) {
    for (const node of shape.nodes) if (node.name.toLowerCase().includes(words)) lit.add(node.id)
  }
  return lit
}

/** Name, tag, zone or version contain the words, and the state (of the service or of one of its instances) is among those asked for. */
export function matches(service: ServiceView, words: string, states: readonly HealthState[]): boolean {
  if (states.length > 0 && !states.includes(service.health) && !states.some((s) => service.counts[s] > 0)) return false
  if (words === '') return true
  return [service.name, ...service.tags, ...service.zones, ...service.versions].some((t) =>
    t.toLowerCase().includes(words),
  )
}
