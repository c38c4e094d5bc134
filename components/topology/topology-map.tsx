'use client'

import { MiniMap, type NodeChange, Panel, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import './topology.css'
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { stateColour } from '../ui/state'
import { DotsLayer } from './dots-layer'
import { ElementCache, type MapElement } from './elements'
import { FrameCard } from './frame-card'
import { type Direction, neighbour } from './geometry'
import type { MapShape } from './graph'
import { boxAt, NODE_SIZE } from './layout'
import { MapControls } from './map-controls'
import { type MapStore, useMapStore } from './map-store'
import { NodeCard } from './node-card'
import { Arrows, TrafficLine } from './traffic-line'
import type { MapLayout } from './use-layout'

const NODE_TYPES = { card: NodeCard, frame: FrameCard }
const EDGE_TYPES = { traffic: TrafficLine }
const FIT = { padding: 0.07, maxZoom: 1.15, minZoom: 0.04 }
/** From so many nodes on, a small map of the whole helps. */
const MINIMAP_FROM = 40

export interface MapProps {
  shape: MapShape
  layout: MapLayout
  chosen: string | null
  still: boolean
  onChoose: (id: string | null) => void
  onOpen: (id: string) => void
}

export function TopologyMap(props: MapProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

const Canvas = memo(function Canvas({ shape, layout: places, chosen, still, onChoose, onOpen }: MapProps) {
  const flow = useReactFlow()
  const store = useMapStore()
  const holder = useRef<HTMLDivElement>(null)
  const [cache] = useState(() => new ElementCache())
  const { layout, turn, by, move, touch } = places
  const nodes = useMemo(() => (layout ? cache.nodes(shape, layout) : []), [cache, shape, layout])
  const edges = useMemo(() => (layout ? cache.edges(shape, layout) : []), [cache, shape, layout])
  const detail = useDetail(holder, store)

  useFollow(turn, by, chosen, nodes)

  const onNodesChange = useCallback(
    (changes: NodeChange<MapElement>[]) => {
      for (const change of changes) if (change.type === 'position' && change.position) move(change.id, change.position)
    },
    [move],
  )

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (target.closest('button, input, .react-flow__minimap')) return
    const element = target.closest<HTMLElement>('.react-flow__node, .react-flow__edge')
    const id = element?.dataset.id
    if (event.metaKey || event.ctrlKey || event.altKey) return
    if (id && (event.key === 'Enter' || event.key === ' ')) {
      if (event.key === 'Enter' && chosen === id) onOpen(id)
      else onChoose(id)
      return event.preventDefault()
    }
    const direction = ARROWS[event.key]
    if (direction) {
      touch()
      if (element?.classList.contains('react-flow__node') && id)
        focusNeighbour(holder.current, shape, places, id, direction)
      else pan(flow, direction)
      return event.preventDefault()
    }
    if (event.key === '+' || event.key === '=') void flow.zoomIn({ duration: 150 })
    else if (event.key === '-') void flow.zoomOut({ duration: 150 })
    else if (event.key === '0') void flow.fitView({ ...FIT, duration: 180 })
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the map as a whole; each node and line is a button of its own
    <div ref={holder} className="topology-map" data-detail={detail} onKeyDown={onKeyDown}>
      <Arrows />
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onNodeClick={(event, node) => {
          if (node.type === 'frame') onOpen(node.id)
          else if (event.detail < 2) onChoose(node.id)
        }}
        onNodeDoubleClick={(_, node) => node.type !== 'frame' && onOpen(node.id)}
        onEdgeClick={(_, edge) => onChoose(edge.id)}
        onPaneClick={() => onChoose(null)}
        onMoveStart={(event) => event && touch()}
        onMove={(_, { zoom }) => setDetail(holder.current, store, zoom)}
        zoomOnDoubleClick={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable
        edgesFocusable
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        onlyRenderVisibleElements={nodes.length > MINIMAP_FROM}
        minZoom={0.04}
        maxZoom={2.2}
        nodeDragThreshold={4}
        aria-label="Map of services and the calls between them"
        tabIndex={0}
      >
        {layout ? null : (
          <Panel position="top-center" className="text-sm text-muted">
            Arranging {shape.nodes.length} {shape.nodes.length === 1 ? 'service' : 'services'}…
          </Panel>
        )}
        <DotsLayer edges={edges} still={still} />
        {nodes.length >= MINIMAP_FROM ? (
          <MiniMap
            pannable
            zoomable
            position="top-right"
            ariaLabel="Overview of the whole map"
            nodeColor={(node) => stateColour(store.views.nodes.get(node.id)?.health ?? 'unknown')}
            nodeStrokeWidth={0}
            style={{ width: 150, height: 96 }}
          />
        ) : null}
        <MapControls busy={places.busy} onArrange={places.arrangeAll} fit={FIT} />
      </ReactFlow>
    </div>
  )
})

const ARROWS: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

function pan(flow: ReturnType<typeof useReactFlow>, direction: Direction): void {
  const { x, y, zoom } = flow.getViewport()
  const [dx, dy] = { left: [90, 0], right: [-90, 0], up: [0, 90], down: [0, -90] }[direction] as [number, number]
  void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 120 })
}

function focusNeighbour(
  holder: HTMLElement | null,
  shape: MapShape,
  places: MapLayout,
  id: string,
  direction: Direction,
): void {
  const stands = shape.nodes.flatMap((node) => {
    const at = places.layout?.places.get(node.id)
    return at ? [{ id: node.id, box: boxAt(node, at) }] : []
  })
  const from = stands.find((s) => s.id === id)
  const to =
    from &&
    neighbour(
      from.box,
      stands.filter((s) => s.id !== id),
      direction,
    )
  if (to) holder?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(to.id)}"]`)?.focus()
}

/** How much is readable at this zoom. An attribute and CSS decide, so that zooming redraws no node. */
function detailAt(zoom: number): 'full' | 'some' | 'little' | 'least' {
  return zoom >= 0.72 ? 'full' : zoom >= 0.5 ? 'some' : zoom >= 0.27 ? 'little' : 'least'
}

function setDetail(holder: HTMLElement | null, store: MapStore, zoom: number): void {
  const detail = detailAt(zoom)
  if (holder && holder.dataset.detail !== detail) holder.dataset.detail = detail
  store.setNear(detail === 'full' || detail === 'some')
}

function useDetail(holder: React.RefObject<HTMLDivElement | null>, store: MapStore): string {
  const { getZoom } = useReactFlow()
  useEffect(() => setDetail(holder.current, store, getZoom()))
  return 'full'
}

/** Shows the whole after it was arranged, and brings what is chosen into sight; otherwise leaves the view alone. */
function useFollow(turn: number, by: MapLayout['by'], chosen: string | null, nodes: readonly MapElement[]): void {
  const flow = useReactFlow()
  const seen = useRef({ turn: -1, chosen: null as string | null, any: false })
  useEffect(() => {
    if (nodes.length === 0) return
    const first = !seen.current.any
    const arranged = seen.current.turn !== turn && by !== 'moved' && by !== 'placed'
    if (first || arranged) {
      // One frame later the library knows its size and its nodes.
      const frame = requestAnimationFrame(() => void flow.fitView({ ...FIT, duration: first ? 0 : 180 }))
      seen.current = { turn, chosen, any: true }
      return () => cancelAnimationFrame(frame)
    }
    seen.current.turn = turn
    return undefined
  }, [flow, turn, by, nodes, chosen])

  useEffect(() => {
    if (!chosen || seen.current.chosen === chosen) return
    seen.current.chosen = chosen
    const node = flow.getNode(chosen)
    if (!node) return
    const timer = setTimeout(() => reveal(flow, node as MapElement), 60)
    return () => clearTimeout(timer)
  }, [flow, chosen])
}

/** Moves the view only as far as needed to bring a node into sight. */
function reveal(flow: ReturnType<typeof useReactFlow>, node: MapElement): void {
  const pane = document.querySelector('.topology-map')?.getBoundingClientRect()
  if (!pane) return
  const { x, y, zoom } = flow.getViewport()
  const size = NODE_SIZE.group
  const left = node.position.x * zoom + x
  const top = node.position.y * zoom + y
  const dx = left < 24 ? 24 - left : Math.min(0, pane.width - 24 - (left + size.width * zoom))
  const dy = top < 24 ? 24 - top : Math.min(0, pane.height - 24 - (top + size.height * zoom))
  if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 180 })
}
