'use client'

import { Handle, type NodeProps, Position } from '@xyflow/react'
import { ChevronsRight, Hand, Waves } from 'lucide-react'
import { memo } from 'react'
import { HEALTH_STATES } from '@/core/instance'
import { cn } from '../ui/cn'
import { formatRate, formatShare } from '../ui/figure'
import { StateGlyph, stateColour, statePath, stateWord } from '../ui/state'
import { LoadBar, LoadFoot, useLoadMark } from './load-marks'
import { useNodeEmphasis, useNodeView } from './map-store'
import { ERRORS_BAD, ERRORS_NOTED, type Traffic } from './summary'
import type { NodeView } from './views'

/** More instances than this are shown as shares of a bar: glyphs would no longer be counted by eye. */
const GLYPHS_MAX = 10

/** A service, a group of them or a stranger. Reads its own figures, so that it redraws for itself alone. */
export const NodeCard = memo(function NodeCard({ id }: NodeProps) {
  const view = useNodeView(id)
  const emphasis = useNodeEmphasis(id)
  const mark = useLoadMark(view?.kind === 'group' ? '' : (view?.name ?? ''))
  const load = view?.kind === 'group' ? null : mark
  if (!view) return null
  return (
    <div
      className={cn('node-card', view.kind === 'group' && 'node-group', view.kind === 'stranger' && 'node-stranger')}
      data-emphasis={emphasis}
      data-health={view.kind === 'stranger' ? undefined : view.health}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} aria-hidden />
      <Handle type="source" position={Position.Right} isConnectable={false} aria-hidden />
      <div className="node-head">
        <StateGlyph state={view.health} size={14} />
        <span className="node-name" title={view.name}>
          {view.kind === 'group' ? `${view.name} ` : view.name}
        </span>
        {view.kind === 'group' ? <span className="node-count">{view.services} services</span> : null}
      </div>
      <div className="node-body">
        <span className="node-state" style={{ color: stateColour(view.health) }}>
          {word(view)}
        </span>
        <Instances view={view} />
      </div>
      <div className="node-foot">
        {load ? <LoadFoot mark={load} /> : <Flow view={view} />}
        {load?.first ? null : <Marks view={view} />}
        {view.kind === 'group' ? (
          <ChevronsRight className="size-3.5" aria-label="double-click opens the group" />
        ) : null}
      </div>
      {load?.use == null ? null : <LoadBar use={load.use} />}
    </div>
  )
})

function word(view: NodeView): string {
  if (view.kind === 'stranger') return 'not registered'
  if (view.kind === 'group' && view.troubled > 0)
    return view.troubled === 1 ? '1 needs attention' : `${view.troubled} need attention`
  return stateWord(view.health)
}

function Marks({ view }: { view: NodeView }) {
  return (
    <span className="node-marks">
      {view.held ? (
        <span className="mark mark-held" title="A mass expiry is held back, not executed">
          <Hand aria-hidden /> held
        </span>
      ) : null}
      {view.flapping ? (
        <span className="mark mark-flapping" title="Changes its state again and again">
          <Waves aria-hidden /> flapping
        </span>
      ) : null}
      {view.maintenance && view.health !== 'maintenance' ? (
        <StateGlyph state="maintenance" label="in maintenance" />
      ) : null}
    </span>
  )
}

/** Few instances as glyphs, many as a bar; the numbers are always read out. */
export function Instances({ view }: { view: Pick<NodeView, 'counts' | 'total'> }) {
  if (view.total === 0) return null
  const present = HEALTH_STATES.filter((state) => view.counts[state] > 0)
  const words = present.map((state) => `${view.counts[state]} ${stateWord(state)}`).join(', ')
  if (view.total > GLYPHS_MAX) {
    return (
      <span className="instances" title={words}>
        <span className="sr-only">{`${view.total} instances: ${words}`}</span>
        <span className="instance-bar" aria-hidden>
          {present.map((state) => (
            <i key={state} style={{ flexGrow: view.counts[state], background: stateColour(state) }} />
          ))}
        </span>
        <span aria-hidden>{view.total}</span>
      </span>
    )
  }
  const glyphs = present.flatMap((state) => Array.from({ length: view.counts[state] }, (_, i) => ({ state, i })))
  return (
    <span className="instances" title={`${view.total === 1 ? '1 instance' : `${view.total} instances`}: ${words}`}>
      <span className="sr-only">{`${view.total} instances: ${words}`}</span>
      <svg width={glyphs.length * 11} height={9} viewBox={`0 0 ${glyphs.length * 14.6} 12`} aria-hidden>
        {glyphs.map(({ state, i }, at) => {
          const { d, filled } = statePath(state)
          const colour = stateColour(state)
          return (
            <path
              key={`${state}${i}`}
              d={d}
              transform={`translate(${at * 14.6} 0)`}
              fill={filled ? colour : 'none'}
              stroke={filled ? 'none' : colour}
              strokeWidth={2}
            />
          )
        })}
      </svg>
    </span>
  )
}

/** What comes in or, where nothing does, what goes out. */
function Flow({ view }: { view: NodeView }) {
  const inwards = view.inbound.ratePerSec > 0 || view.outbound.ratePerSec === 0
  const traffic: Traffic = inwards ? view.inbound : view.outbound
  if (traffic.ratePerSec === 0) return <span className="text-faint">no traffic</span>
  const errors = traffic.errorShare ?? 0
  return (
    <>
      <span>
        <Partial traffic={traffic} />
        {formatRate(traffic.ratePerSec)} <span className="text-faint">{inwards ? 'in' : 'out'}</span>
      </span>
      {errors > 0 ? <span className={errorTone(errors)}>{formatShare(errors)} errors</span> : null}
    </>
  )
}

/** The sign of a figure that does not hold all there is. */
export function Partial({ traffic }: { traffic: Traffic }) {
  if (traffic.quality !== 'partial') return null
  return (
    <span title="partial: some callers have stopped reporting">
      <span aria-hidden>≈</span>
      <span className="sr-only">partial, </span>
    </span>
  )
}

/** Few errors are noted quietly, many are amber, too many rose. */
export function errorTone(share: number): string {
  return share >= ERRORS_BAD ? 'text-unhealthy' : share >= ERRORS_NOTED ? 'text-warning' : 'text-muted'
}
