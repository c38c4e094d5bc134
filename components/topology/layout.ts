/**
 * Where nodes stand, and why they stay there. A place once taken is kept; what is new finds a free place near what it talks
 * to; only `Arrange` moves what stands. Pure.
 */
import { type Box, near, type Point, type Route, type Size } from './geometry.ts'
import { byText, type MapLine, type MapNode, type MapShape } from './graph.ts'

export const NODE_SIZE: Record<MapNode['kind'], Size> = {
  service: { width: 184, height: 74 },
  stranger: { width: 184, height: 74 },
  group: { width: 208, height: 88 },
}

export const LABEL_SIZE: Size = { width: 84, height: 38 }

/** Distance from one column, or row, of nodes to the next. */
const COLUMN = 316
const ROW = 112
/** Nodes never come nearer to each other than this. */
export const NODE_GAP = 24

/** Where everything stands. `routes` are curves of lines whose ends have not moved since they were computed. */
export interface Layout {
  places: ReadonlyMap<string, Point>
  routes: ReadonlyMap<string, Route>
  /** made without routes on purpose: lines go straight */
  straight: boolean
  /** has a person moved a node? Then only that person's "Arrange" moves anything again. */
  byHand: boolean
}

export const EMPTY_LAYOUT: Layout = { places: new Map(), routes: new Map(), straight: false, byHand: false }

export const boxAt = (node: Pick<MapNode, 'kind'>, at: Point): Box => ({ ...at, ...NODE_SIZE[node.kind] })

/** Has every node of the shape its place? */
export function isPlaced(shape: MapShape, layout: Layout): boolean {
  return shape.nodes.every((node) => layout.places.has(node.id))
}

/**
 * Is the whole best arranged anew? When nothing stands, when more is new than stands, and when the first calls are seen
 * in a map that was arranged without any; never after a person has moved something.
 */
export function wantsArranging(shape: MapShape, layout: Layout): boolean {
  const standing = shape.nodes.filter((node) => layout.places.has(node.id)).length
  if (standing === 0) return shape.nodes.length > 0
  if (layout.byHand) return false
  if (shape.nodes.length - standing > standing) return true
  return !layout.straight && layout.routes.size === 0 && shape.lines.some((line) => line.source !== line.target)
}

/** Share of the lines, 0 to 1, that came after the map was arranged and cross it as they can. */
export function strayShare(shape: MapShape, layout: Layout): number {
  const lines = shape.lines.filter((line) => line.source !== line.target)
  return layout.straight || lines.length === 0
    ? 0
    : lines.filter((line) => !layout.routes.has(line.id)).length / lines.length
}

/**
 * Gives every node of the shape a place. Nodes that have one keep it, also those that left and come back, unless another
 * has taken it meanwhile. The answer depends on the shape and on the places, not on the order in which things arrived.
 */
export function placeNew(shape: MapShape, layout: Layout): Layout {
  const places = new Map(layout.places)
  const taken: { id: string; box: Box }[] = []
  const waiting: MapNode[] = []
  for (const node of shape.nodes) {
    const at = places.get(node.id)
    const box = at && boxAt(node, at)
    if (box && !taken.some((t) => near(t.box, box, 0))) taken.push({ id: node.id, box })
    else waiting.push(node)
  }
  if (waiting.length === 0) return layout
  const standing = new Map(taken.map((t) => [t.id, t.box]))
  const links = linksOf(shape.lines)
  while (waiting.length > 0) {
    // The best connected to what stands goes first; equal ones by name.
    let pick = 0
    let most = -1
    for (const [i, node] of waiting.entries()) {
      const known = (links.get(node.id) ?? []).filter((l) => standing.has(l.other)).length
      if (known > most) {
        most = known
        pick = i
      }
    }
    const [node] = waiting.splice(pick, 1) as [MapNode]
    const wish = wishOf(node, links.get(node.id) ?? [], standing)
    const at = freePlace(node, wish, [...standing.values()])
    places.set(node.id, at)
    standing.set(node.id, boxAt(node, at))
  }
  const moved = new Set(shape.nodes.filter((n) => !same(layout.places.get(n.id), places.get(n.id))).map((n) => n.id))
  return {
    places,
    routes: keepRoutes(shape.lines, layout.routes, moved),
    straight: layout.straight,
    byHand: layout.byHand,
  }
}

/** Moves one node by hand; curves that end there are drawn anew. */
export function moveNode(shape: MapShape, layout: Layout, id: string, to: Point): Layout {
  const places = new Map(layout.places)
  places.set(id, to)
  return {
    places,
    routes: keepRoutes(shape.lines, layout.routes, new Set([id])),
    straight: layout.straight,
    byHand: true,
  }
}

function keepRoutes(
  lines: readonly MapLine[],
  routes: Layout['routes'],
  moved: ReadonlySet<string>,
): Map<string, Route> {
  const kept = new Map(routes)
  for (const line of lines) if (moved.has(line.source) || moved.has(line.target)) kept.delete(line.id)
  return kept
}

const same = (a: Point | undefined, b: Point | undefined) =>
  a !== undefined && b !== undefined && a.x === b.x && a.y === b.y

interface Link {
  other: string
  /** does the other call this one? */
  inbound: boolean
}

function linksOf(lines: readonly MapLine[]): Map<string, Link[]> {
  const links = new Map<string, Link[]>()
  const add = (id: string, link: Link) => {
    const list = links.get(id)
    if (list) list.push(link)
    else links.set(id, [link])
  }
  for (const line of lines) {
    if (line.source === line.target) continue
    add(line.source, { other: line.target, inbound: false })
    add(line.target, { other: line.source, inbound: true })
  }
  return links
}

/** A column to the right of the callers, or to the left of the callees; beside nobody: under everything. */
function wishOf(node: MapNode, links: readonly Link[], standing: ReadonlyMap<string, Box>): Point {
  const size = NODE_SIZE[node.kind]
  const known = links.flatMap((l) => {
    const box = standing.get(l.other)
    return box ? [{ box, inbound: l.inbound }] : []
  })
  if (known.length === 0) {
    const all = [...standing.values()]
    if (all.length === 0) return { x: 0, y: 0 }
    return { x: Math.min(...all.map((b) => b.x)), y: Math.max(...all.map((b) => b.y + b.height)) + ROW - size.height }
  }
  const callers = known.filter((k) => k.inbound).map((k) => k.box)
  const callees = known.filter((k) => !k.inbound).map((k) => k.box)
  const x =
    callers.length > 0 ? Math.max(...callers.map((b) => b.x)) + COLUMN : Math.min(...callees.map((b) => b.x)) - COLUMN
  const y = known.reduce((sum, k) => sum + k.box.y + k.box.height / 2, 0) / known.length - size.height / 2
  return { x: Math.round(x), y: Math.round(y) }
}

/** The free place nearest to the wish: down and up its column first, then the columns beside it. */
function freePlace(node: MapNode, wish: Point, taken: readonly Box[]): Point {
  for (let ring = 0; ; ring++) {
    const tries: Point[] = []
    for (let column = 0; column <= ring; column++) {
      const rows = ring - column
      for (const y of rows === 0 ? [0] : [rows, -rows]) {
        for (const x of column === 0 ? [0] : [column, -column]) {
          tries.push({ x: wish.x + x * COLUMN, y: wish.y + y * (ROW / 2) })
        }
      }
    }
    for (const at of tries) {
      const box = boxAt(node, at)
      if (!taken.some((t) => near(t, box, NODE_GAP))) return at
    }
  }
}

/** A layout moved as a whole so that one node stands where it stood: what the eye was on stays put. */
export function anchor(next: Layout, id: string, at: Point): Layout {
  const now = next.places.get(id)
  if (!now) return next
  const shift = (p: Point): Point => ({ x: p.x + at.x - now.x, y: p.y + at.y - now.y })
  return {
    ...next,
    places: new Map([...next.places].map(([k, p]) => [k, shift(p)])),
    routes: new Map(
      [...next.routes].map(([k, r]) => [k, { curve: r.curve.map(shift), label: r.label && shift(r.label) }]),
    ),
  }
}

/** Of two shapes: do they show different things under the same rule, so that their places are kept apart? */
export function layoutKey(groupBy: string, open: readonly string[]): string {
  return groupBy === 'none' ? 'none' : `${groupBy}:${[...open].sort(byText).join(',')}`
}
