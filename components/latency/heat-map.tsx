'use client'

import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from 'react'
import type { Heatmap } from '@/core/latency-view'
import { timeTicks } from '../charts/scale'
import { useWidth } from '../charts/use-width'
import { formatCount, formatMs } from '../ui/figure'
import { clock } from './moments'

export interface Cell {
  fromMs: number
  toMs: number
  leastMs: number
  belowMs: number
}

interface Props {
  heatmap: Heatmap
  fromMs: number
  toMs: number
  stepMs: number
  chosen: Cell | null
  onChoose: (cell: Cell | null) => void
  what: 'requests' | 'attempts'
}

interface Place {
  column: number
  row: number
}

const LEFT = 54
const RIGHT = 8
const TOP = 6
const BOTTOM = 22
const ROW = 12

/**
 * Requests by time and duration; the darker, the more. The pointer or the arrow keys read cells, a click or Enter opens the
 * requests in one. Drawn on a canvas, so that thousands of cells cost one element.
 */
export function HeatMap(props: Props) {
  const { heatmap, fromMs, toMs, stepMs, chosen } = props
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useWidth(holder)
  const labelId = useId()
  const [at, setAt] = useState<Place | null>(null)
  const rows = Math.max(0, heatmap.edgesMs.length - 1)
  const columns = Math.max(1, Math.round((toMs - fromMs) / stepMs))
  const plotWidth = Math.max(40, width - LEFT - RIGHT)
  const plotHeight = Math.max(6, rows) * ROW
  const begin = fromMs - (fromMs % stepMs)
  const columnOf = (moment: number) => Math.round((moment - begin) / stepMs)
  const counts = new Map(heatmap.columns.map((column) => [columnOf(column.at), column.counts]))
  const most = heatmap.columns.reduce((max, column) => Math.max(max, ...column.counts), 0)

  useEffect(() => {
    const draw = () => {
      const context = canvas.current?.getContext('2d')
      if (!context || !canvas.current) return
      const scale = window.devicePixelRatio || 1
      canvas.current.width = Math.round(plotWidth * scale)
      canvas.current.height = Math.round(plotHeight * scale)
      context.scale(scale, scale)
      const colour = getComputedStyle(document.documentElement).getPropertyValue('--heat').trim()
      const cellWidth = plotWidth / columns
      for (const [column, values] of counts) {
        values.forEach((count, row) => {
          if (count === 0) return
          // By the logarithm: one slow request must be seen beside a thousand fast ones.
          const share = 0.16 + 0.84 * (Math.log1p(count) / Math.log1p(most))
          context.fillStyle = `rgb(${colour} / ${share})`
          const x = column * cellWidth
          context.fillRect(x, plotHeight - (row + 1) * ROW, Math.max(1, cellWidth - (cellWidth > 4 ? 1 : 0)), ROW - 1)
        })
      }
    }
    draw()
    const themes = new MutationObserver(draw)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => themes.disconnect()
  })

  const placeAt = (event: PointerEvent<HTMLDivElement>): Place | null => {
    const box = event.currentTarget.getBoundingClientRect()
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns)
    const row = Math.floor((box.bottom - event.clientY) / ROW)
    return column < 0 || column >= columns || row < 0 || row >= rows ? null : { column, row }
  }
  const countAt = (place: Place) => counts.get(place.column)?.[place.row] ?? 0
  const cellAt = ({ column, row }: Place): Cell => ({
    fromMs: begin + column * stepMs,
    toMs: begin + (column + 1) * stepMs,
    leastMs: heatmap.edgesMs[row] as number,
    belowMs: heatmap.edgesMs[row + 1] as number,
  })
  const choose = (place: Place | null) => {
    if (place && countAt(place) > 0) props.onChoose(cellAt(place))
    else props.onChoose(null)
  }
  const onKey = (event: KeyboardEvent) => {
    const by = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] } as const)[
      event.key as 'ArrowLeft'
    ]
    if (by) {
      event.preventDefault()
      const last = Math.max(0, ...counts.keys())
      const from = at ?? {
        column: last,
        row: Math.max(
          0,
          (counts.get(last) ?? []).findIndex((n) => n > 0),
        ),
      }
      const [x, y] = at ? by : [0, 0]
      setAt({
        column: Math.min(columns - 1, Math.max(0, from.column + x)),
        row: Math.min(rows - 1, Math.max(0, from.row + y)),
      })
    } else if ((event.key === 'Enter' || event.key === ' ') && at) {
      event.preventDefault()
      choose(at)
    } else if (event.key === 'Escape' && chosen) {
      event.preventDefault()
      props.onChoose(null)
    }
  }
  const box = (place: Place) => ({
    left: LEFT + (place.column * plotWidth) / columns - 1,
    width: Math.max(3, plotWidth / columns) + 1,
    top: TOP + plotHeight - (place.row + 1) * ROW - 1,
    height: ROW + 1,
  })
  const chosenRow = chosen === null ? -1 : heatmap.edgesMs.indexOf(chosen.leastMs)

  return (
    <figure className="m-0 grid min-w-0 gap-1">
      <figcaption className="flex items-baseline justify-between gap-3 text-xs text-muted">
        <span id={labelId} className="font-medium">
          {props.what === 'requests' ? 'Requests' : 'Attempts'} by duration
        </span>
        <span aria-live="polite" className="truncate text-faint">
          {at === null ? 'A cell opens the requests in it' : told(cellAt(at), countAt(at), props)}
        </span>
      </figcaption>
      <div ref={holder} className="relative min-w-0" style={{ height: TOP + plotHeight + BOTTOM }}>
        {ticksOf(heatmap.edgesMs).map(({ row, ms }) => (
          <span
            key={row}
            aria-hidden
            className="absolute w-12 -translate-y-1/2 text-right text-[11px] text-faint"
            style={{ left: 0, top: TOP + plotHeight - row * ROW }}
          >
            {formatMs(ms)}
          </span>
        ))}
        {timeTicks(fromMs, toMs, 4).map((tick) => (
          <span
            key={tick}
            aria-hidden
            className="absolute -translate-x-1/2 text-[11px] text-faint"
            style={{ left: LEFT + ((tick - fromMs) / (toMs - fromMs)) * plotWidth, top: TOP + plotHeight + 4 }}
          >
            {clock(tick, toMs - fromMs)}
          </span>
        ))}
        <div
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move from cell to cell, Enter opens one
          tabIndex={0}
          aria-labelledby={labelId}
          aria-roledescription="heatmap"
          onPointerMove={(event) => setAt(placeAt(event))}
          onPointerLeave={() => setAt(null)}
          onClick={(event) => choose(placeAt(event as unknown as PointerEvent<HTMLDivElement>))}
          onKeyDown={onKey}
          onBlur={() => setAt(null)}
          className="absolute cursor-crosshair rounded-sm border-b border-l border-line"
          style={{ left: LEFT, top: TOP, width: plotWidth, height: plotHeight }}
        >
          <canvas ref={canvas} aria-hidden style={{ width: plotWidth, height: plotHeight }} className="block" />
        </div>
        {at === null ? null : (
          <i aria-hidden className="pointer-events-none absolute rounded-[2px] border border-text" style={box(at)} />
        )}
        {chosen === null || chosenRow < 0 ? null : (
          <i
            aria-hidden
            className="pointer-events-none absolute rounded-[2px] border-2 border-text"
            style={box({ column: columnOf(chosen.fromMs), row: chosenRow })}
          />
        )}
        {rows === 0 ? (
          <p className="absolute inset-0 grid place-items-center text-xs text-faint">No requests in this time.</p>
        ) : null}
      </div>
    </figure>
  )
}

function told(cell: Cell, count: number, { fromMs, toMs, stepMs, what }: Props): string {
  const seconds = stepMs < 60_000
  const when = `${clock(cell.fromMs, toMs - fromMs, seconds)}`
  const one = what === 'requests' ? 'request' : 'attempt'
  return `${when}, ${rangeOf(cell)}: ${count === 0 ? `no ${one}` : `${formatCount(count)} ${count === 1 ? one : what}`}`
}

export function rangeOf({ leastMs, belowMs }: Pick<Cell, 'leastMs' | 'belowMs'>): string {
  if (leastMs === 0) return `below ${formatMs(belowMs)}`
  return belowMs >= 1e9 ? `${formatMs(leastMs)} or more` : `${formatMs(leastMs)} to ${formatMs(belowMs)}`
}

/** Powers of ten; without any in sight, the ends. */
function ticksOf(edgesMs: readonly number[]): { row: number; ms: number }[] {
  const all = edgesMs.map((ms, row) => ({ row, ms })).filter(({ ms }) => ms > 0 && ms < 1e9)
  const round = all.filter(({ ms }) => Math.abs(Math.log10(ms) - Math.round(Math.log10(ms))) < 1e-6)
  if (round.length >= 2) return round
  const [first, last] = [all[0], all.at(-1)]
  return first && last && first.row !== last.row ? [first, last] : first ? [first] : []
}
