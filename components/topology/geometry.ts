/** Points, boxes and the curves that edges follow. Pure: the map's units are CSS pixels at zoom 1. */
export interface Point {
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export type Box = Point & Size

/** A chain of cubic Bézier segments: start, then for each segment two control points and its end. */
export type Curve = Point[]

/** A curve and the place that is kept free for its figures; null: in its middle. */
export interface Route {
  curve: Curve
  label: Point | null
}

/** A curve cut into straight pieces of known length, so that a place on it is found by distance. */
export interface Track {
  points: Point[]
  /** distance from the start to each point */
  at: number[]
  length: number
}

const STEPS_PER_SEGMENT = 12

/** From this distance on, another box may stand between two. */
const ROOM_FOR_ANOTHER = 70

/** Distance between two edges of the same pair of boxes. */
const LANE_GAP = 22

const centre = (b: Box): Point => ({ x: b.x + b.width / 2, y: b.y + b.height / 2 })

/**
 * The shortest clear curve from one box to the other: from the side that faces it. `lane` shifts it sideways, for
 * several edges between the same two boxes (0 for the only one, -0.5 and 0.5 for a pair).
 */
export function connect(from: Box, to: Box, lane = 0): Curve {
  const a = centre(from)
  const b = centre(to)
  const shift = lane * LANE_GAP
  if (from.x === to.x && from.y === to.y) return loop(from, lane)
  const gapRight = to.x - (from.x + from.width)
  const gapLeft = from.x - (to.x + to.width)
  if (gapRight >= 16 || gapLeft >= 16) {
    const forward = gapRight >= 16
    const start = { x: forward ? from.x + from.width : from.x, y: a.y + shift }
    const end = { x: forward ? to.x : to.x + to.width, y: b.y + shift }
    const pull = (end.x - start.x) * 0.45
    return [start, { x: start.x + pull, y: start.y }, { x: end.x - pull, y: end.y }, end]
  }
  const down = b.y > a.y
  const gap = down ? to.y - (from.y + from.height) : from.y - (to.y + to.height)
  if (gap > ROOM_FOR_ANOTHER) return around(from, to, shift)
  const start = { x: a.x + shift, y: down ? from.y + from.height : from.y }
  const end = { x: b.x + shift, y: down ? to.y : to.y + to.height }
  const pull = (end.y - start.y) * 0.45
  return [start, { x: start.x, y: start.y + pull }, { x: end.x, y: end.y - pull }, end]
}

/** Past what may stand between two boxes of one column, on their right. */
function around(from: Box, to: Box, shift: number): Curve {
  const start = { x: from.x + from.width, y: from.y + from.height / 2 + shift }
  const end = { x: to.x + to.width, y: to.y + to.height / 2 + shift }
  const out = Math.max(start.x, end.x) + Math.min(110, 40 + Math.abs(end.y - start.y) * 0.15)
  return [start, { x: out, y: start.y }, { x: out, y: end.y }, end]
}

function loop(box: Box, lane: number): Curve {
  const x = box.x + box.width * 0.7 + lane * LANE_GAP
  const reach = 46
  return [
    { x: x - 18, y: box.y },
    { x: x - 26, y: box.y - reach },
    { x: x + 26, y: box.y - reach },
    { x: x + 18, y: box.y },
  ]
}

/** A curve through points in straight pieces. */
export function throughPoints(points: readonly Point[]): Curve {
  const curve: Curve = points.slice(0, 1)
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point]
    const [dx, dy] = [(b.x - a.x) / 3, (b.y - a.y) / 3]
    curve.push({ x: a.x + dx, y: a.y + dy }, { x: b.x - dx, y: b.y - dy }, b)
  }
  return curve
}

/** A curve as the `d` of an SVG path. */
export function toPath(curve: Curve): string {
  const [start, ...rest] = curve
  if (!start) return ''
  let d = `M${round(start.x)} ${round(start.y)}`
  for (let i = 0; i + 2 < rest.length; i += 3) {
    const [c1, c2, end] = [rest[i], rest[i + 1], rest[i + 2]]
    if (!c1 || !c2 || !end) break
    d += `C${round(c1.x)} ${round(c1.y)} ${round(c2.x)} ${round(c2.y)} ${round(end.x)} ${round(end.y)}`
  }
  return d
}

const round = (n: number) => Math.round(n * 10) / 10

/** Cuts a curve into a track. */
export function toTrack(curve: Curve): Track {
  const first = curve[0] ?? { x: 0, y: 0 }
  const points: Point[] = [first]
  for (let i = 0; i + 3 < curve.length; i += 3) {
    const [p0, p1, p2, p3] = [curve[i], curve[i + 1], curve[i + 2], curve[i + 3]]
    if (!p0 || !p1 || !p2 || !p3) break
    for (let step = 1; step <= STEPS_PER_SEGMENT; step++) points.push(bezier(p0, p1, p2, p3, step / STEPS_PER_SEGMENT))
  }
  const at = [0]
  let length = 0
  for (let i = 1; i < points.length; i++) {
    const p = points[i] as Point
    const q = points[i - 1] as Point
    length += Math.hypot(p.x - q.x, p.y - q.y)
    at.push(length)
  }
  return { points, at, length }
}

function bezier(p0: Point, p1: Point, p2: Point, p3: Point, t: number): Point {
  const u = 1 - t
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t]
  return { x: a * p0.x + b * p1.x + c * p2.x + d * p3.x, y: a * p0.y + b * p1.y + c * p2.y + d * p3.y }
}

/** The place `distance` along a track; its ends beyond them. */
export function along(track: Track, distance: number): Point {
  const { points, at } = track
  const last = points.length - 1
  if (distance <= 0 || last === 0) return points[0] as Point
  if (distance >= track.length) return points[last] as Point
  let low = 0
  let high = last
  while (high - low > 1) {
    const mid = (low + high) >> 1
    if ((at[mid] as number) <= distance) low = mid
    else high = mid
  }
  const p = points[low] as Point
  const q = points[high] as Point
  const span = (at[high] as number) - (at[low] as number)
  const t = span === 0 ? 0 : (distance - (at[low] as number)) / span
  return { x: p.x + (q.x - p.x) * t, y: p.y + (q.y - p.y) * t }
}

/** Do two boxes come nearer than `gap` to each other? */
export function near(a: Box, b: Box, gap: number): boolean {
  return (
    a.x < b.x + b.width + gap && b.x < a.x + a.width + gap && a.y < b.y + b.height + gap && b.y < a.y + a.height + gap
  )
}

/** The smallest box around all; null around nothing. */
export function bounds(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null
  const x = Math.min(...boxes.map((b) => b.x))
  const y = Math.min(...boxes.map((b) => b.y))
  const right = Math.max(...boxes.map((b) => b.x + b.width))
  const bottom = Math.max(...boxes.map((b) => b.y + b.height))
  return { x, y, width: right - x, height: bottom - y }
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/**
 * The neighbour that an arrow key leads to: the nearest in that direction, where a step aside counts double;
 * null when nothing lies there.
 */
export function neighbour<T extends { box: Box }>(from: Box, others: readonly T[], direction: Direction): T | null {
  const a = centre(from)
  let best: T | null = null
  let bestCost = Number.POSITIVE_INFINITY
  for (const other of others) {
    const b = centre(other.box)
    const dx = b.x - a.x
    const dy = b.y - a.y
    const ahead = { right: dx, left: -dx, down: dy, up: -dy }[direction]
    const aside = Math.abs(direction === 'left' || direction === 'right' ? dy : dx)
    if (ahead <= 1 || aside > ahead * 3) continue
    const cost = ahead + aside * 2
    if (cost < bestCost) {
      best = other
      bestCost = cost
    }
  }
  return best
}
