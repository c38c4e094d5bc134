/** Places of steps in a drawing of what comes after what, level by level. Pure; quick enough to be done while drawing. */
import { levels } from './lane-layout'

export interface DagNode {
  name: string
  x: number
  y: number
}

export interface DagEdge {
  from: string
  to: string
  /** an SVG path */
  d: string
}

export interface Dag {
  nodes: DagNode[]
  edges: DagEdge[]
  width: number
  height: number
}

export const DAG_NODE = { width: 168, height: 46 }
const GAP = { x: 64, y: 18 }
/** Rounds of putting each step near those it comes after: more change nothing that can be seen. */
const SWEEPS = 6

export function dagOf(steps: readonly { name: string; after: readonly string[] }[]): Dag {
  const level = levels(steps)
  const columns: string[][] = []
  for (const { name } of steps) {
    const at = level.get(name) ?? 0
    const column = columns[at] ?? []
    columns[at] = column
    column.push(name)
  }
  const before = new Map(steps.map((step) => [step.name, step.after]))
  const next = new Map<string, string[]>(steps.map((step) => [step.name, []]))
  for (const step of steps) for (const name of step.after) next.get(name)?.push(step.name)
  const rank = new Map<string, number>()
  const settle = () => {
    for (const column of columns)
      for (const [at, name] of column.entries()) rank.set(name, at - (column.length - 1) / 2)
  }
  settle()
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const near = sweep % 2 === 0 ? before : next
    for (const column of columns) {
      const wanted = new Map(column.map((name) => [name, middle(near.get(name) ?? [], rank) ?? rank.get(name) ?? 0]))
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
    }
    settle()
  }
  const tallest = Math.max(1, ...columns.map((column) => column.length))
  const height = tallest * DAG_NODE.height + (tallest - 1) * GAP.y
  const nodes: DagNode[] = columns.flatMap((column, at) => {
    const own = column.length * DAG_NODE.height + (column.length - 1) * GAP.y
    return column.map((name, row) => ({
      name,
      x: at * (DAG_NODE.width + GAP.x),
      y: (height - own) / 2 + row * (DAG_NODE.height + GAP.y),
    }))
  })
  const place = new Map(nodes.map((node) => [node.name, node]))
  const edges: DagEdge[] = steps.flatMap((step) =>
    step.after.flatMap((name) => {
      const [from, to] = [place.get(name), place.get(step.name)]
      return from && to ? [{ from: name, to: step.name, d: curve(from, to) }] : []
    }),
  )
  return { nodes, edges, width: columns.length * (DAG_NODE.width + GAP.x) - GAP.x, height }
}

function middle(names: readonly string[], rank: ReadonlyMap<string, number>): number | null {
  if (names.length === 0) return null
  return names.reduce((sum, name) => sum + (rank.get(name) ?? 0), 0) / names.length
}

function curve(from: DagNode, to: DagNode): string {
  const [x1, y1] = [from.x + DAG_NODE.width, from.y + DAG_NODE.height / 2]
  const [x2, y2] = [to.x, to.y + DAG_NODE.height / 2]
  const bend = Math.min(GAP.x, (x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}
