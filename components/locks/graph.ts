/** Where the sessions of a wait-for graph are drawn. Pure: edges in, places out. */
import type { WaitGraph } from '@/core/lock-view'
import type { WaitEdge } from '@/core/wait-for'

export interface DrawnNode {
  id: string
  x: number
  y: number
  inCycle: boolean
}

export interface DrawnGroup {
  nodes: DrawnNode[]
  edges: (WaitEdge & { inCycle: boolean })[]
  width: number
  height: number
}

/** Room for a name on either side. */
const SIDE = 84
const TOP = 28
const APART = 104

/** Who waits behind others waits for the holder in the end: the steps in between are left out, but on a cycle. */
function toHolders(edges: readonly WaitEdge[], onCycle: ReadonlySet<string>): WaitEdge[] {
  const waiting = new Set(edges.map(({ from, resource }) => JSON.stringify([from, resource])))
  return edges.filter((edge) => onCycle.has(keyOf(edge)) || !waiting.has(JSON.stringify([edge.to, edge.resource])))
}

const keyOf = ({ from, to, resource }: WaitEdge) => JSON.stringify([from, to, resource])

/** A group for each set of sessions that are connected; those on a cycle stand in a ring, the others around it. */
export function drawWaits({ edges, cycles }: WaitGraph): DrawnGroup[] {
  const ring = new Set(cycles.flatMap((cycle) => cycle.map(({ from }) => from)))
  const onCycle = new Set(cycles.flatMap((cycle) => cycle.map(keyOf)))
  const shown = toHolders(edges, onCycle)
  return components(shown).map((ids) => {
    const own = shown
      .filter(({ from }) => ids.has(from))
      .map((edge) => ({ ...edge, inCycle: onCycle.has(keyOf(edge)) }))
    const inner = [...ids].filter((id) => ring.has(id))
    const waitedFor = new Map<string, number>()
    for (const { to } of own) waitedFor.set(to, (waitedFor.get(to) ?? 0) + 1)
    const middle = inner.length > 0 ? inner : [mostWaitedFor(ids, waitedFor)]
    const outer = [...ids].filter((id) => !middle.includes(id))
    const innerRadius = middle.length === 1 ? 0 : Math.max(84, (middle.length * APART) / (2 * Math.PI))
    const outerRadius =
      outer.length === 0 ? innerRadius : Math.max(innerRadius + 104, (outer.length * 60) / (2 * Math.PI))
    const width = 2 * (outerRadius + SIDE)
    const height = 2 * (outerRadius * 0.8 + TOP)
    const place = (id: string, at: number, of: number, radius: number): DrawnNode => {
      const angle = (2 * Math.PI * at) / of + (of === 2 ? 0 : -Math.PI / 2)
      return {
        id,
        x: width / 2 + radius * Math.cos(angle),
        y: height / 2 + radius * 0.8 * Math.sin(angle),
        inCycle: ring.has(id),
      }
    }
    return {
      nodes: [
        ...middle.map((id, i) => place(id, i, middle.length, innerRadius)),
        ...outer.map((id, i) => place(id, i, outer.length, outerRadius)),
      ],
      edges: own,
      width,
      height,
    }
  })
}

function mostWaitedFor(ids: ReadonlySet<string>, waitedFor: ReadonlyMap<string, number>): string {
  return [...ids].sort((a, b) => (waitedFor.get(b) ?? 0) - (waitedFor.get(a) ?? 0))[0] as string
}

function components(edges: readonly WaitEdge[]): Set<string>[] {
  const groupOf = new Map<string, Set<string>>()
  for (const { from, to } of edges) {
    const a = groupOf.get(from) ?? new Set([from])
    const b = groupOf.get(to) ?? new Set([to])
    const [large, small] = a.size >= b.size ? [a, b] : [b, a]
    if (large !== small) for (const id of small) large.add(id)
    for (const id of large) groupOf.set(id, large)
  }
  return [...new Set(groupOf.values())]
}
