/** Who comes before and after whom. Made once a definition: definitions never change. */
import type { SagaDefinition, Step } from './definition.ts'

interface Graph {
  steps: ReadonlyMap<string, Step>
  /** direct successors */
  next: ReadonlyMap<string, readonly string[]>
  /** all that must be done before, transitively */
  before: Map<string, ReadonlySet<string>>
  after: Map<string, ReadonlySet<string>>
  /** steps that nothing undoes alone are of no interest here: every pivot's name */
  pivots: readonly string[]
}

const graphs = new WeakMap<SagaDefinition, Graph>()

export function graphOf(definition: SagaDefinition): Graph {
  let graph = graphs.get(definition)
  if (!graph) {
    const next = new Map<string, string[]>(definition.steps.map((step) => [step.name, []]))
    for (const step of definition.steps) for (const name of step.after) next.get(name)?.push(step.name)
    graph = {
      steps: new Map(definition.steps.map((step) => [step.name, step])),
      next,
      before: new Map(),
      after: new Map(),
      pivots: definition.steps.filter((step) => step.kind === 'pivot').map((step) => step.name),
    }
    graphs.set(definition, graph)
  }
  return graph
}

export function stepOf(definition: SagaDefinition, name: string): Step | undefined {
  return graphOf(definition).steps.get(name)
}

/** All that must be done before `name`, transitively. */
export function ancestorsOf(definition: SagaDefinition, name: string): ReadonlySet<string> {
  const graph = graphOf(definition)
  return reach(graph.before, name, (of) => graph.steps.get(of)?.after ?? [])
}

/** All that waits for `name`, transitively. */
export function afterAll(definition: SagaDefinition, name: string): ReadonlySet<string> {
  const graph = graphOf(definition)
  return reach(graph.after, name, (of) => graph.next.get(of) ?? [])
}

function reach(
  known: Map<string, ReadonlySet<string>>,
  name: string,
  follow: (of: string) => readonly string[],
): ReadonlySet<string> {
  const before = known.get(name)
  if (before) return before
  const found = new Set<string>()
  const open = [...follow(name)]
  for (let of = open.pop(); of !== undefined; of = open.pop()) {
    if (found.has(of)) continue
    found.add(of)
    open.push(...follow(of))
  }
  known.set(name, found)
  return found
}
