'use client'

import { type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import { cn } from '../ui/cn'
import { formatMs, formatRate, formatShare } from '../ui/figure'
import { BreakerMark } from './breaker-marks'
import { lineWidth } from './dots'
import { FaultMark, useFaultsOn } from './fault-marks'
import type { Point, Track } from './geometry'
import { useLineEmphasis, useLineView, useNear } from './map-store'
import { Partial } from './node-card'
import { ERRORS_BAD, ERRORS_NOTED } from './summary'
import type { LineView } from './views'

export type LineData = { path: string; middle: Point; track: Track }
export type LineEdge = Edge<LineData, 'traffic'>

/** A line, its arrow and its figures. Width tells the rate, so that it is readable when nothing moves. */
export const TrafficLine = memo(function TrafficLine({ id, source, target, data }: EdgeProps<LineEdge>) {
  const view = useLineView(id)
  const emphasis = useLineEmphasis(id, source, target)
  const near = useNear()
  const faulty = useFaultsOn(view?.caller ?? '', view?.callee ?? '').length > 0
  if (!view || !data) return null
  const { traffic } = view
  const idle = traffic.ratePerSec === 0
  const tone = lineTone(traffic.errorShare)
  return (
    <>
      <g
        className="traffic-line"
        data-emphasis={emphasis}
        data-tone={tone}
        data-idle={idle || undefined}
        data-faulty={faulty || undefined}
      >
        <title>{describe(view)}</title>
        <path d={data.path} className="react-flow__edge-interaction" fill="none" strokeOpacity={0} strokeWidth={18} />
        <path
          d={data.path}
          className="traffic-path"
          fill="none"
          strokeWidth={lineWidth(traffic.ratePerSec)}
          markerEnd={`url(#arrow-${tone})`}
        />
      </g>
      {near || faulty ? (
        <EdgeLabelRenderer>
          <div
            className={cn('line-label', `tone-${tone}`)}
            data-line={id}
            data-emphasis={emphasis}
            aria-hidden
            style={{ transform: `translate(-50%, -50%) translate(${data.middle.x}px, ${data.middle.y}px)` }}
          >
            {near ? (
              <>
                <LineFigures view={view} />
                <BreakerMark callee={view.callee} />
              </>
            ) : null}
            <FaultMark caller={view.caller} callee={view.callee} />
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </>
  )
})

function LineFigures({ view }: { view: LineView }) {
  const { traffic } = view
  if (traffic.ratePerSec === 0) return <span className="label-quiet">no traffic</span>
  const errors = traffic.errorShare ?? 0
  return (
    <>
      <span className="label-first">
        <span className="label-rate">
          <Partial traffic={traffic} />
          {formatRate(traffic.ratePerSec)}
        </span>
        {errors > 0 ? <span className="label-errors">{formatShare(errors)}</span> : null}
      </span>
      {traffic.p99Ms !== null ? (
        <span className="label-more">
          <small>p99</small> {formatMs(traffic.p99Ms)}
        </span>
      ) : null}
    </>
  )
}

export type LineTone = 'calm' | 'noted' | 'bad'

export function lineTone(errorShare: number | null): LineTone {
  const share = errorShare ?? 0
  return share >= ERRORS_BAD ? 'bad' : share >= ERRORS_NOTED ? 'noted' : 'calm'
}

/** A line in one sentence, for the pointer and for screen readers. */
export function describe(view: LineView): string {
  const { traffic } = view
  const ends = `${view.caller} calls ${view.callee} over ${view.protocols.join(', ')}`
  if (traffic.ratePerSec === 0) return `${ends}: no traffic in the last 30 s`
  const parts = [formatRate(traffic.ratePerSec), `${formatShare(traffic.errorShare ?? 0)} errors`]
  if (traffic.p50Ms !== null) parts.push(`p50 ${formatMs(traffic.p50Ms)}`)
  if (traffic.p99Ms !== null) parts.push(`p99 ${formatMs(traffic.p99Ms)}`)
  return `${ends}: ${parts.join(', ')}${traffic.quality === 'partial' ? ', partial: some callers have stopped reporting' : ''}`
}

/** Arrow heads, once for all lines. */
export function Arrows() {
  return (
    <svg className="absolute size-0" aria-hidden>
      <defs>
        {(['calm', 'noted', 'bad'] as const).map((tone) => (
          <marker
            key={tone}
            id={`arrow-${tone}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path
              d="M1 1 7 4 1 7"
              className={`arrow-head tone-${tone}`}
              fill="none"
              strokeWidth="1.4"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </marker>
        ))}
      </defs>
    </svg>
  )
}
