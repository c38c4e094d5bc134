'use client'

import { useEdges } from '../live'
import { Sheet } from '../ui/sheet'
import { EdgeList } from './edge-list'
import { Section, TrafficFigures } from './panel-parts'
import type { LineView } from './views'

/** The edges that one line between groups stands for, those with most errors first. */
export function BundlePanel(props: {
  view: LineView
  members: readonly string[]
  onClose: () => void
  onEdge: (id: string) => void
}) {
  const inside = new Set(props.members)
  const edges = useEdges()
    .filter((e) => inside.has(e.id))
    .sort((a, b) => (b.errorShare ?? 0) - (a.errorShare ?? 0) || b.ratePerSec - a.ratePerSec)
  const title = `${props.view.caller} → ${props.view.callee}`
  return (
    <Sheet
      label={title}
      onClose={props.onClose}
      className="xl:w-96"
      title={<h2 className="truncate text-lg font-semibold">{title}</h2>}
    >
      <Section title="Together">
        <TrafficFigures traffic={props.view.traffic} />
        <p className="text-xs text-faint">Latencies of different edges cannot be added up: the greatest is shown.</p>
      </Section>
      <Section title={`${edges.length} edges`}>
        <EdgeList edges={edges} end="both" onEdge={props.onEdge} />
      </Section>
    </Sheet>
  )
}
