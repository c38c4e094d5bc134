'use client'
import { useMemo } from 'react'
import type { DeadlockView, WaitGraph } from '@/core/lock-view'
import { Ago } from '../ui/ago'
import { StateGlyph, StateLabel, statePath } from '../ui/state'
import { type DrawnGroup, drawWaits } from './graph'

/** Who waits for whom, drawn and in words; cycles by colour, shape and word. */
export function WaitGraphView(props: {
  graph: WaitGraph
  deadlocks: readonly DeadlockView[]
  /** session → who it is, for people */
  names: ReadonlyMap<string, string>
}) {
  const { graph, deadlocks } = props
  const groups = useMemo(() => drawWaits(graph), [graph])
  const name = (session: string) => props.names.get(session) ?? session
  return (
    <div className="grid gap-4">
      {graph.cycles.map((cycle) => (
        <p
          key={cycle.map(({ from }) => from).join()}
          role="alert"
          className="flex items-start gap-2 rounded-md bg-unhealthy-soft px-3 py-2 text-sm text-unhealthy"
        >
          <StateGlyph state="unhealthy" className="mt-1" />
          <span>
            <strong className="font-semibold">Deadlock.</strong>{' '}
            {cycle
              .map(({ from, to, resource }) => `${name(from)} waits for “${resource}” because of ${name(to)}`)
              .join('; ')}
            . None of them can go on by itself: release one by force, or wait until one gives up.
          </span>
        </p>
      ))}
      {groups.length === 0 ? (
        <p className="text-sm text-muted">Nobody waits for anybody just now.</p>
      ) : (
        <div className="flex flex-wrap items-center gap-x-6 gap-y-4">
          {groups.map((group) => (
            <Group key={group.nodes[0]?.id} group={group} name={name} />
          ))}
        </div>
      )}
      {graph.cut ? <p className="text-xs text-muted">More wait than can be drawn.</p> : null}
      {deadlocks.length > 0 ? (
        <div className="grid gap-1.5">
          <h3 className="text-sm font-semibold">Last deadlocks</h3>
          <ul className="grid gap-1 text-sm">
            {deadlocks.map((deadlock) => (
              <li key={deadlock.at} className="flex flex-wrap gap-x-3 text-muted">
                <Ago at={deadlock.at} className="w-20 shrink-0 tabular-nums" />
                <span className="font-mono text-xs leading-5">
                  {deadlock.cycle.map(({ resource }) => resource).join(' → ')}
                </span>
                <span>
                  {deadlock.refused === null
                    ? 'all chose to wait'
                    : `${name(deadlock.refused)} was refused and could let go`}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  )
}

function Group({ group, name }: { group: DrawnGroup; name: (session: string) => string }) {
  const places = new Map(group.nodes.map((node) => [node.id, node]))
  const words = group.edges
    .map(({ from, to, resource }) => `${name(from)} waits for ${resource} because of ${name(to)}`)
    .join('; ')
  return (
    <svg
      viewBox={`0 0 ${group.width} ${group.height}`}
      style={{ width: group.width, maxWidth: '100%' }}
      role="img"
      aria-label={words}
    >
      <defs>
        {(['plain', 'cycle'] as const).map((kind) => (
          <marker
            key={kind}
            id={`arrow-${kind}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0 8 4 0 8Z" fill={kind === 'cycle' ? 'var(--unhealthy)' : 'var(--muted)'} />
          </marker>
        ))}
      </defs>
      {group.edges.map(({ from, to, resource, inCycle }) => {
        const [a, b] = [places.get(from), places.get(to)]
        if (!a || !b) return null
        const line = bent(a, b)
        const colour = inCycle ? 'var(--unhealthy)' : 'var(--line-strong)'
        return (
          <g key={`${from} ${to} ${resource}`}>
            <path
              d={line.d}
              fill="none"
              stroke={colour}
              strokeWidth={inCycle ? 1.8 : 1.2}
              markerEnd={`url(#arrow-${inCycle ? 'cycle' : 'plain'})`}
            />
            {inCycle || isFirst(group, { from, to, resource }) ? (
              <text
                x={line.x}
                y={line.y}
                textAnchor="middle"
                fontSize="10"
                fill={inCycle ? 'var(--unhealthy)' : 'var(--muted)'}
                stroke="var(--bg)"
                strokeWidth="4"
                paintOrder="stroke"
                className="font-mono"
              >
                {resource.length > 22 ? `${resource.slice(0, 21)}…` : resource}
              </text>
            ) : null}
          </g>
        )
      })}
      {group.nodes.map((node) => {
        const { d } = statePath(node.inCycle ? 'unhealthy' : 'healthy')
        const text = name(node.id)
        return (
          <g key={node.id} transform={`translate(${node.x} ${node.y})`}>
            <circle r="10" fill="var(--bg)" />
            <g transform="translate(-7 -7) scale(1.17)">
              <path d={d} fill={node.inCycle ? 'var(--unhealthy)' : 'var(--muted)'} />
            </g>
            <text
              y="22"
              textAnchor="middle"
              fontSize="11"
              fill="var(--text)"
              stroke="var(--bg)"
              strokeWidth="4"
              paintOrder="stroke"
            >
              {text.length > 24 ? `${text.slice(0, 23)}…` : text}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

/** A word for each resource that is waited for, not for each who waits. */
function isFirst({ edges }: DrawnGroup, edge: { from: string; to: string; resource: string }): boolean {
  return edges.find(({ to, resource }) => to === edge.to && resource === edge.resource)?.from === edge.from
}

interface Point {
  x: number
  y: number
}

/** A line with a slight bend, so that there and back lie apart; and the place of its word. */
function bent(a: Point, b: Point): { d: string; x: number; y: number } {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length = Math.hypot(dx, dy) || 1
  const [ux, uy] = [dx / length, dy / length]
  const bend = Math.min(26, length * 0.2)
  const middle = { x: (a.x + b.x) / 2 - uy * bend, y: (a.y + b.y) / 2 + ux * bend }
  const from = { x: a.x + ux * 12, y: a.y + uy * 12 }
  const to = { x: b.x - ux * 13, y: b.y - uy * 13 }
  return {
    d: `M${from.x} ${from.y}Q${middle.x} ${middle.y} ${to.x} ${to.y}`,
    x: (a.x + b.x) / 2 - uy * bend * 0.7,
    y: (a.y + b.y) / 2 + ux * bend * 0.7,
  }
}

export function CyclesWord({ graph }: { graph: WaitGraph }) {
  if (graph.cycles.length === 0) return null
  const word = graph.cycles.length === 1 ? 'a deadlock' : `${graph.cycles.length} deadlocks`
  return <StateLabel state="unhealthy" word={word} />
}
