'use client'

import { BottleneckPanel } from './bottleneck-panel'
import { BundlePanel } from './bundle-panel'
import { EdgePanel } from './edge-panel'
import type { MapShape } from './graph'
import { GroupPanel } from './group-panel'
import { NodePanel } from './node-panel'
import type { MapViews } from './views'

/** The panel for what the address names; none when it names nothing. */
export function TopologyPanel(props: {
  params: { service: string | null; edge: string | null; cluster: string | null; load: boolean }
  shape: MapShape
  views: MapViews
  onClose: () => void
  onService: (name: string) => void
  onEdge: (id: string) => void
  onOpen: (id: string) => void
  onLoadOff: () => void
}) {
  const { params, shape, views, onClose, onService, onEdge, onOpen } = props
  if (params.service !== null)
    return <NodePanel key={params.service} name={params.service} onClose={onClose} onEdge={onEdge} />
  if (params.cluster !== null) {
    const id = `group/${params.cluster}`
    const node = shape.nodes.find((n) => n.id === id)
    const view = views.nodes.get(id)
    if (!view || node?.kind !== 'group') return null
    return (
      <GroupPanel
        view={view}
        members={node.members}
        onClose={onClose}
        onOpen={() => onOpen(id)}
        onService={onService}
      />
    )
  }
  if (params.edge === null) {
    return params.load ? <BottleneckPanel onClose={props.onLoadOff} onService={onService} /> : null
  }
  const line = shape.lines.find((l) => l.id === params.edge)
  const view = line && views.lines.get(line.id)
  if (line && view && line.edges.length > 1)
    return <BundlePanel view={view} members={line.edges} onClose={onClose} onEdge={onEdge} />
  const id = line?.edges[0] ?? params.edge
  return <EdgePanel key={id} id={id} onClose={onClose} onService={onService} />
}
