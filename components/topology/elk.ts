/** The layout engine, in a worker: what it computes never blocks a frame. */
import ELK, { type ElkNode } from 'elkjs/lib/elk-api'
import { pack } from './dense'
import { type Point, type Route, throughPoints, toTrack } from './geometry'
import type { MapShape } from './graph'
import { LABEL_SIZE, type Layout, NODE_SIZE } from './layout'

/** Figures get a place of their own up to here; with more lines the room for them would push the map out of sight. */
const LABELLED_LINES_MAX = 24

const PATIENCE_MS = 8_000

let engine: InstanceType<typeof ELK> | null = null

/** Made at first use: the worker is 1.6 MB of script. */
function elk() {
  engine ??= new ELK({
    algorithms: ['layered', 'rectpacking'],
    workerFactory: () => new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url)),
  })
  return engine
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'SPLINES',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.spacing.nodeNode': '34',
  'elk.spacing.edgeNode': '20',
  'elk.spacing.edgeLabel': '0',
  'elk.spacing.componentComponent': '44',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.edgeLabels.inline': 'true',
}

/** Where calls lead to: to the right, or downwards on a screen that is higher than wide. */
export type Flow = 'RIGHT' | 'DOWN'

/** Arranges the whole shape anew. Throws when the worker cannot be had or takes too long. */
export async function arrange(shape: MapShape, flow: Flow): Promise<Layout> {
  const linesMax = shape.frames.length > 0 ? FINE_LINES_MAX : LINES_MAX
  if (shape.nodes.length > NODES_MAX || shape.lines.length > linesMax) return pack(shape)
  const leaf = (id: string, kind: keyof typeof NODE_SIZE): ElkNode => ({ id, ...NODE_SIZE[kind] })
  const kinds = new Map(shape.nodes.map((n) => [n.id, n.kind]))
  const framed = new Set(shape.frames.flatMap((f) => f.members))
  const labelled = shape.lines.length <= LABELLED_LINES_MAX
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: {
      ...OPTIONS,
      ...effort(shape, labelled),
      'elk.direction': flow,
      'elk.hierarchyHandling': shape.frames.length > 0 ? 'INCLUDE_CHILDREN' : 'INHERIT',
      'elk.aspectRatio': flow === 'RIGHT' ? '1.7' : '0.7',
    },
    children: [
      ...shape.nodes.filter((n) => !framed.has(n.id)).map((n) => leaf(n.id, n.kind)),
      ...shape.frames.map((frame) => ({
        id: frame.id,
        layoutOptions: { 'elk.padding': '[top=48,left=20,bottom=20,right=20]' },
        children: frame.members.map((id) => leaf(id, kinds.get(id) ?? 'service')),
      })),
    ],
    edges: shape.lines
      .filter((line) => line.source !== line.target)
      .map((line) => ({
        id: line.id,
        sources: [line.source],
        targets: [line.target],
        ...(labelled ? { labels: [{ text: 'figures', ...LABEL_SIZE }] } : {}),
      })),
  }
  return read(await inTime(elk().layout(graph)))
}

/** Above these the layered layout is neither quick nor readable: 60 nodes and 120 labelled lines take it 5 s. */
const NODES_MAX = 100
const LINES_MAX = 120
/** Above this, or within frames, the finest placement of nodes costs seconds, a simpler one tenths. */
const FINE_LINES_MAX = 60

/** How much effort a shape is worth. */
function effort(shape: MapShape, labelled: boolean): Record<string, string> {
  const fine = shape.lines.length <= FINE_LINES_MAX && shape.frames.length === 0
  return {
    'elk.layered.nodePlacement.strategy': fine ? 'NETWORK_SIMPLEX' : 'BRANDES_KOEPF',
    'elk.layered.spacing.nodeNodeBetweenLayers': labelled ? '16' : '64',
  }
}

/** On a machine too busy for the engine a plain map now is better than a fine one later. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      engine?.terminateWorker()
      engine = null
      reject(new Error(`no layout within ${PATIENCE_MS / 1000} s`))
    }, PATIENCE_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function read(root: ElkNode): Layout {
  const places = new Map<string, Point>()
  const routes = new Map<string, Route>()
  const origins = new Map<string, Point>()
  const walk = (node: ElkNode, origin: Point) => {
    origins.set(node.id, origin)
    for (const child of node.children ?? []) {
      const at = { x: origin.x + (child.x ?? 0), y: origin.y + (child.y ?? 0) }
      if (child.children) walk(child, at)
      else places.set(child.id, { x: Math.round(at.x), y: Math.round(at.y) })
    }
  }
  walk(root, { x: 0, y: 0 })
  const collect = (node: ElkNode) => {
    for (const edge of node.edges ?? []) {
      const section = edge.sections?.[0]
      if (!section) continue
      const origin = origins.get(edge.container ?? node.id) ?? { x: 0, y: 0 }
      const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]
      const label = edge.labels?.[0]
      const middle = label && {
        x: (label.x ?? 0) + (label.width ?? 0) / 2 + origin.x,
        y: (label.y ?? 0) + (label.height ?? 0) / 2 + origin.y,
      }
      const placed = points.map((p) => ({ x: p.x + origin.x, y: p.y + origin.y }))
      const curve = placed.length % 3 === 1 ? placed : throughPoints(placed)
      if (curve.length % 3 !== 1 || curve.length < 4) continue
      routes.set(edge.id, { curve, label: middle ? onCurve(curve, middle) : null })
    }
    for (const child of node.children ?? []) collect(child)
  }
  collect(root)
  return { places, routes, straight: false, byHand: false }
}

/** The engine puts a label beside its line; figures sit on it, at the point of the line that is nearest. */
function onCurve(curve: readonly Point[], near: Point): Point {
  let best = near
  let least = Number.POSITIVE_INFINITY
  for (const p of toTrack([...curve]).points) {
    const distance = Math.hypot(p.x - near.x, p.y - near.y)
    if (distance < least) {
      least = distance
      best = p
    }
  }
  return best
}
