/** The shape and its layout as what the drawing library takes. What has not changed keeps its identity. */
import type { Node } from '@xyflow/react'
import { along, bounds, connect, toPath, toTrack } from './geometry'
import type { MapShape } from './graph'
import { boxAt, type Layout, NODE_SIZE } from './layout'
import type { LineEdge } from './traffic-line'

export type FrameNode = Node<{ name: string; count: number }, 'frame'>
export type CardNode = Node<Record<string, never>, 'card'>
export type MapElement = CardNode | FrameNode

const FRAME_PAD = { top: 44, side: 20 }
const NO_DATA: Record<string, never> = {}

/** Keeps elements by id between renders. */
export class ElementCache {
  #nodes = new Map<string, { sign: string; node: MapElement }>()
  #edges = new Map<string, { sign: string; edge: LineEdge }>()

  nodes(shape: MapShape, layout: Layout): MapElement[] {
    const next = new Map<string, { sign: string; node: MapElement }>()
    const keep = (id: string, sign: string, make: () => MapElement) => {
      const before = this.#nodes.get(id)
      next.set(id, before?.sign === sign ? before : { sign, node: make() })
    }
    for (const frame of shape.frames) {
      const box = bounds(frame.members.flatMap((id) => boxOf(layout, id)))
      if (!box) continue
      const at = { x: box.x - FRAME_PAD.side, y: box.y - FRAME_PAD.top }
      const size = { width: box.width + 2 * FRAME_PAD.side, height: box.height + FRAME_PAD.top + FRAME_PAD.side }
      keep(frame.id, JSON.stringify([at, size, frame.members.length]), () => ({
        id: frame.id,
        type: 'frame',
        position: at,
        data: { name: frame.name, count: frame.members.length },
        ...size,
        measured: size,
        draggable: false,
        zIndex: -1,
      }))
    }
    for (const node of shape.nodes) {
      const at = layout.places.get(node.id)
      if (!at) continue
      const size = NODE_SIZE[node.kind]
      keep(node.id, `${node.kind} ${at.x} ${at.y}`, () => ({
        id: node.id,
        type: 'card',
        position: at,
        data: NO_DATA,
        ...size,
        measured: size,
        zIndex: 10,
        ariaRole: 'button',
      }))
    }
    this.#nodes = next
    return [...next.values()].map((n) => n.node)
  }

  edges(shape: MapShape, layout: Layout): LineEdge[] {
    const kinds = new Map(shape.nodes.map((n) => [n.id, n.kind]))
    const next = new Map<string, { sign: string; edge: LineEdge }>()
    for (const line of shape.lines) {
      const [a, b] = [layout.places.get(line.source), layout.places.get(line.target)]
      if (!a || !b) continue
      const route = layout.routes.get(line.id)
      const sign = `${a.x} ${a.y} ${b.x} ${b.y} ${line.lane} ${kinds.get(line.source)} ${kinds.get(line.target)} ${JSON.stringify(route?.label)} ${route?.curve.length} ${route?.curve[1]?.y}`
      const before = this.#edges.get(line.id)
      if (before?.sign === sign) {
        next.set(line.id, before)
        continue
      }
      const from = boxAt({ kind: kinds.get(line.source) ?? 'service' }, a)
      const to = boxAt({ kind: kinds.get(line.target) ?? 'service' }, b)
      const curve = route?.curve ?? connect(from, to, line.lane)
      const track = toTrack(curve)
      const edge: LineEdge = {
        id: line.id,
        type: 'traffic',
        source: line.source,
        target: line.target,
        data: { path: toPath(curve), middle: route?.label ?? along(track, track.length / 2), track },
        ariaRole: 'button',
      }
      next.set(line.id, { sign, edge })
    }
    this.#edges = next
    return [...next.values()].map((e) => e.edge)
  }
}

function boxOf(layout: Layout, id: string) {
  const at = layout.places.get(id)
  return at ? [boxAt({ kind: 'service' }, at)] : []
}
