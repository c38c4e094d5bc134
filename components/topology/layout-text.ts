/** A layout as text, for the browser's storage, and back from whatever is found there. Pure. */
import type { Point, Route } from './geometry.ts'
import type { Layout } from './layout.ts'

/** As text, for the browser's storage. Whole pixels; the most recent `max` places. */
export function serialise(layout: Layout, max = 3000): string {
  const short = (p: Point) => [Math.round(p.x), Math.round(p.y)]
  return JSON.stringify({
    v: 2,
    straight: layout.straight,
    byHand: layout.byHand,
    places: [...layout.places].slice(-max).map(([id, p]) => [id, ...short(p)]),
    routes: [...layout.routes]
      .slice(-max)
      .map(([id, r]) => [id, r.curve.flatMap(short), r.label ? short(r.label) : null]),
  })
}

/** From the browser's storage; null for anything that is not a layout. */
export function parse(text: string | null): Layout | null {
  if (text === null) return null
  try {
    const raw = JSON.parse(text) as {
      v?: unknown
      straight?: unknown
      byHand?: unknown
      places?: unknown
      routes?: unknown
    }
    if (raw.v !== 2 || !Array.isArray(raw.places) || !Array.isArray(raw.routes)) return null
    const places = new Map<string, Point>()
    for (const [id, x, y] of raw.places) {
      if (typeof id !== 'string' || !Number.isFinite(x) || !Number.isFinite(y)) return null
      places.set(id, { x, y })
    }
    const routes = new Map<string, Route>()
    for (const [id, flat, label] of raw.routes) {
      if (typeof id !== 'string' || !isNumbers(flat) || flat.length % 6 !== 2) return null
      if (label !== null && !(isNumbers(label) && label.length === 2)) return null
      routes.set(id, { curve: pairs(flat), label: label === null ? null : (pairs(label)[0] ?? null) })
    }
    return { places, routes, straight: raw.straight === true, byHand: raw.byHand === true }
  } catch {
    return null
  }
}

const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isFinite)

function pairs(flat: number[]): Point[] {
  const points: Point[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) points.push({ x: flat[i] as number, y: flat[i + 1] as number })
  return points
}
