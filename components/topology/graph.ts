/**
 * What is drawn: services, groups of services and strangers (callers or callees that are not registered) as nodes, calls
 * between them as lines. Only names and ends matter here, never figures, so that a change of figures changes no shape.
 */
export type GroupBy = 'none' | 'zone' | 'prefix'

/** Above this many services the map groups by itself: field measurements put the limit of a fluid map near 500 nodes. */
export const AUTO_GROUP_ABOVE = 120

export interface ServiceLike {
  name: string
  zones: readonly string[]
}

export interface EdgeLike {
  id: string
  caller: string
  callee: string
}

export type MapNode =
  | { kind: 'service'; id: string; name: string; group: string | null }
  | { kind: 'stranger'; id: string; name: string; group: null }
  | { kind: 'group'; id: string; name: string; members: string[] }

export interface MapLine {
  id: string
  /** ids of nodes */
  source: string
  target: string
  /** ids of the edges that the line stands for */
  edges: string[]
  /** place among the lines between the same two nodes, 0 in the middle */
  lane: number
}

/** An open group: a frame around its services. */
export interface MapFrame {
  id: string
  name: string
  members: string[]
}

export interface MapShape {
  nodes: MapNode[]
  lines: MapLine[]
  frames: MapFrame[]
  /** which node shows a service */
  nodeOf: ReadonlyMap<string, string>
  /** equal when the shapes are */
  key: string
}

export const serviceNodeId = (name: string) => `service/${name}`
export const groupNodeId = (name: string) => `group/${name}`

/** The part of a name before its first separator: `payments` of `payments-eu-1`. */
export function prefixOf(name: string): string {
  const [head] = name.split(/[-._/:]/, 1)
  return head === undefined || head === '' ? name : head
}

/** The group of a service; one that lives in several zones belongs to their sum. */
export function groupOf(service: ServiceLike, by: GroupBy): string | null {
  if (by === 'prefix') return prefixOf(service.name)
  if (by === 'zone') return service.zones.length === 0 ? null : [...service.zones].sort(byText).join(' + ')
  return null
}

/** How to group when nobody has said: not at all while the map is readable, else by what makes a readable number of groups. */
export function autoGroup(services: readonly ServiceLike[]): GroupBy {
  if (services.length <= AUTO_GROUP_ABOVE) return 'none'
  for (const by of ['prefix', 'zone'] as const) {
    const groups = new Set(services.map((s) => groupOf(s, by) ?? s.name)).size
    if (groups > 1 && groups <= AUTO_GROUP_ABOVE) return by
  }
  return 'none'
}

/**
 * The shape of the map. Groups of one stay what they are; those named in `open` are drawn as frames around their
 * services, all others as one node. Lines within a closed group are not drawn. Sorted by id, whatever order things come in.
 */
export function shapeOf(
  services: readonly ServiceLike[],
  edges: readonly EdgeLike[],
  by: GroupBy,
  open: ReadonlySet<string>,
): MapShape {
  const members = new Map<string, string[]>()
  for (const service of services) {
    const group = groupOf(service, by)
    if (group === null) continue
    const list = members.get(group)
    if (list) list.push(service.name)
    else members.set(group, [service.name])
  }
  const nodes: MapNode[] = []
  const nodeOf = new Map<string, string>()
  const frames: MapFrame[] = []
  for (const [name, names] of members) {
    if (names.length < 2) continue
    names.sort(byText)
    const id = groupNodeId(name)
    if (open.has(name)) {
      frames.push({ id, name, members: names.map(serviceNodeId) })
      continue
    }
    nodes.push({ kind: 'group', id, name, members: names })
    for (const member of names) nodeOf.set(member, id)
  }
  for (const { name, ...rest } of services) {
    if (nodeOf.has(name)) continue
    const group = groupOf({ name, ...rest }, by)
    const framed = group !== null && open.has(group) && (members.get(group)?.length ?? 0) > 1
    nodeOf.set(name, serviceNodeId(name))
    nodes.push({ kind: 'service', id: serviceNodeId(name), name, group: framed ? group : null })
  }
  const lines = linesOf(edges, nodes, nodeOf)
  nodes.sort((a, b) => byText(a.id, b.id))
  frames.sort((a, b) => byText(a.id, b.id))
  const key = JSON.stringify([
    nodes.map((n) => (n.kind === 'group' ? [n.id, n.members] : [n.id, n.kind])),
    lines.map((l) => [l.id, l.edges]),
    frames,
  ])
  return { nodes, lines, frames, nodeOf, key }
}

function linesOf(edges: readonly EdgeLike[], nodes: MapNode[], nodeOf: Map<string, string>): MapLine[] {
  const lines = new Map<string, MapLine>()
  for (const edge of [...edges].sort((a, b) => byText(a.id, b.id))) {
    for (const name of [edge.caller, edge.callee]) {
      if (nodeOf.has(name)) continue
      nodeOf.set(name, serviceNodeId(name))
      nodes.push({ kind: 'stranger', id: serviceNodeId(name), name, group: null })
    }
    const source = nodeOf.get(edge.caller) as string
    const target = nodeOf.get(edge.callee) as string
    const bundled = source.startsWith('group/') || target.startsWith('group/')
    if (bundled && source === target) continue
    const id = bundled ? `${source} → ${target}` : edge.id
    const line = lines.get(id)
    if (line) line.edges.push(edge.id)
    else lines.set(id, { id, source, target, edges: [edge.id], lane: 0 })
  }
  const pairs = new Map<string, MapLine[]>()
  for (const line of lines.values()) {
    const pair = [line.source, line.target].sort(byText).join('\n')
    pairs.set(pair, [...(pairs.get(pair) ?? []), line])
  }
  for (const pair of pairs.values()) {
    pair.forEach((line, i) => {
      line.lane = i - (pair.length - 1) / 2
    })
  }
  return [...lines.values()]
}

/** By code unit: the same in every locale, so that server and browser agree. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
