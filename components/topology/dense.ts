/**
 * Places of a large map: columns by distance from those nobody calls, each kept as short as a screen's proportions want.
 * A layered layout would leave room for every line, and 500 services with 1,000 calls then stand 30,000 px apart, each
 * 7 px wide on a screen; this packs them into a sixth of that and takes milliseconds. Pure.
 */
import type { Point } from './geometry.ts'
import type { MapLine, MapShape } from './graph.ts'
import { EMPTY_LAYOUT, type Layout, NODE_SIZE } from './layout.ts'

const COLUMN_GAP = 72
const ROW_GAP = 22
const FRAME_GAP = 96
/** Width to height of the whole. */
const ASPECT = 1.75

/** Places for every node of the shape; lines go straight, so no routes. */
export function pack(shape: MapShape): Layout {
  const links = neighbours(shape.lines)
  const framed = new Set(shape.frames.flatMap((f) => f.members))
  const ids = shape.nodes.map((n) => n.id).filter((id) => !framed.has(id))
  const linked = ids.filter((id) => links.callers.has(id) || links.callees.has(id))
  const alone = ids.filter((id) => !links.callers.has(id) && !links.callees.has(id))
  const size = NODE_SIZE.group
  const [width, height] = [size.width + COLUMN_GAP, size.height + ROW_GAP]
  const rows = Math.max(1, Math.ceil(Math.sqrt((ids.length * width) / height / ASPECT)))
  const row = new Map<string, number>()
  const columns: string[][] = []
  for (const layer of [...layersOf(linked, links), alone]) {
    const wish = new Map(layer.map((id) => [id, meanRow(links.callers.get(id) ?? [], row, rows / 2)]))
    const ordered = [...layer].sort((a, b) => (wish.get(a) as number) - (wish.get(b) as number) || (a < b ? -1 : 1))
    const parts = Math.ceil(ordered.length / rows)
    // A layer of several columns is dealt out in turn, so that each column keeps the order of the whole.
    for (let part = 0; part < parts; part++) {
      const column = ordered.filter((_, i) => i % parts === part)
      const top = (rows - column.length) / 2
      column.forEach((id, i) => {
        row.set(id, top + i)
      })
      columns.push(column)
    }
  }
  const places = new Map<string, Point>()
  columns.forEach((column, x) => {
    for (const id of column) places.set(id, { x: x * width, y: Math.round((row.get(id) as number) * height) })
  })
  return { ...EMPTY_LAYOUT, places: withFrames(shape, places), straight: true }
}

/** Open groups stand in a row under the rest, each a block as wide as high. */
function withFrames(shape: MapShape, places: Map<string, Point>): Map<string, Point> {
  const { width, height } = NODE_SIZE.service
  let left = Math.min(0, ...[...places.values()].map((p) => p.x))
  const top = Math.max(-FRAME_GAP, ...[...places.values()].map((p) => p.y)) + NODE_SIZE.group.height + FRAME_GAP
  for (const frame of shape.frames) {
    const across = Math.max(1, Math.round(Math.sqrt((frame.members.length * height) / width) * 1.3))
    frame.members.forEach((id, i) => {
      places.set(id, {
        x: left + (i % across) * (width + COLUMN_GAP),
        y: top + Math.floor(i / across) * (height + ROW_GAP),
      })
    })
    left += Math.min(across, frame.members.length) * (width + COLUMN_GAP) + FRAME_GAP
  }
  return places
}

interface Links {
  callers: Map<string, string[]>
  callees: Map<string, string[]>
}

function neighbours(lines: readonly MapLine[]): Links {
  const links: Links = { callers: new Map(), callees: new Map() }
  const add = (map: Map<string, string[]>, key: string, value: string) => {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
  }
  for (const line of lines) {
    if (line.source === line.target) continue
    add(links.callers, line.target, line.source)
    add(links.callees, line.source, line.target)
  }
  return links
}

/** Breadth first from those nobody calls; what only calls itself in circles follows from its first name on. */
function layersOf(ids: readonly string[], links: Links): string[][] {
  const layers: string[][] = []
  const seen = new Set<string>()
  let frontier = ids.filter((id) => !links.callers.has(id))
  while (seen.size < ids.length) {
    if (frontier.length === 0) frontier = [ids.find((id) => !seen.has(id)) as string]
    for (const id of frontier) seen.add(id)
    layers.push(frontier)
    frontier = [...new Set(frontier.flatMap((id) => links.callees.get(id) ?? []))].filter((id) => !seen.has(id))
  }
  return layers
}

function meanRow(callers: readonly string[], row: ReadonlyMap<string, number>, otherwise: number): number {
  const known = callers.flatMap((id) => row.get(id) ?? [])
  return known.length === 0 ? otherwise : known.reduce((sum, r) => sum + r, 0) / known.length
}
