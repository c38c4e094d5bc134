/** Places of steps in a drawing of what comes after what, level by level. Pure; quick enough to be done while drawing. */
import { levels } from './lane-layout'

export interface DagNode {
  name: string
  x: number
  y: number
}

export interface DagEdge {
  /** the steps it comes from; several in front of a joint of a bundle */
  from: readonly string[]
  /** null: it ends in a joint */
  to: string | null
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
  const edges = edgesOf(steps, place)
  return { nodes, edges, width: columns.length * (DAG_NODE.width + GAP.x) - GAP.x, height }
}

/** Where several steps wait for the same several steps, the lines meet in one point instead of crossing each other. */
function edgesOf(
  steps: readonly { name: string; after: readonly string[] }[],
  place: ReadonlyMap<string, DagNode>,
): DagEdge[] {
  const groups = new Map<string, { after: readonly string[]; to: DagNode[] }>()
  for (const step of steps) {
    const to = place.get(step.name)
    if (!to || step.after.length === 0) continue
    const key = [...step.after].sort().join()
    const group = groups.get(key) ?? { after: step.after, to: [] }
    groups.set(key, group)
    group.to.push(to)
  }
  return [...groups.values()].flatMap(({ after, to }): DagEdge[] => {
    const from = after.flatMap((name) => place.get(name) ?? [])
    const right = Math.max(...from.map((node) => node.x))
    const isBundle = from.length > 1 && to.length > 1 && to.every((node) => node.x > right)
    if (!isBundle) {
      return to.flatMap((node) =>
        from.map((one) => ({ from: [one.name], to: node.name, d: curve(outOf(one), into(node)) })),
      )
    }
    const ys = [...from, ...to].map((node) => node.y + DAG_NODE.height / 2)
    const joint = { x: right + DAG_NODE.width + GAP.x / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 }
    return [
      ...from.map((one) => ({ from: [one.name], to: null, d: curve(outOf(one), joint) })),
      ...to.map((node) => ({ from: after, to: node.name, d: curve(joint, into(node)) })),
    ]
  })
}

interface Point {
  x: number
  y: number
}

const outOf = (node: DagNode): Point => ({ x: node.x + DAG_NODE.width, y: node.y + DAG_NODE.height / 2 })
const into = (node: DagNode): Point => ({ x: node.x, y: node.y + DAG_NODE.height / 2 })

function middle(names: readonly string[], rank: ReadonlyMap<string, number>): number | null {
  if (names.length === 0) return null
  return names.reduce((sum, name) => sum + (rank.get(name) ?? 0), 0) / names.length
}

function curve(from: Point, to: Point): string {
  const bend = Math.min(GAP.x, (to.x - from.x) / 2)
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`
}
