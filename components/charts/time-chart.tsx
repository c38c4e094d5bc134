'use client'

import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react'
import { areaPath, linePath, maxOf, nearest, niceMax, type Sample, spread, timeTicks, xOf, yOf } from './scale'
import { useWidth } from './use-width'

export interface Series {
  name: string
  /** a CSS colour */
  colour: string
  samples: readonly Sample[]
  area?: boolean
}

export interface TimeChartProps {
  title: string
  series: readonly Series[]
  stepMs: number
  fromMs: number
  toMs: number
  format: (value: number) => string
  height?: number
  /** what to say when there is no sample at all */
  empty: string
  /** the axis reaches at least so far */
  atLeast?: number
}

const LEFT = 4
const RIGHT = 54
const TOP = 16
const BOTTOM = 18

/**
 * Lines over time, from zero, named at their ends; gaps where nothing was measured. The pointer or the arrow keys read
 * single moments. Never animates, so live data changes in place.
 */
export function TimeChart(props: TimeChartProps) {
  const { series, stepMs, fromMs, toMs, format, height = 132 } = props
  const holder = useRef<HTMLDivElement>(null)
  const width = useWidth(holder)
  const [at, setAt] = useState<number | null>(null)
  const titleId = useId()
  const max = niceMax(Math.max(maxOf(series.map((s) => s.samples)), props.atLeast ?? 0))
  const frame = { fromMs, toMs, max, width: Math.max(40, width - LEFT - RIGHT), height: height - TOP - BOTTOM }
  const measured = series.some((s) => s.samples.some((p) => p.value !== null))
  const times = series[0]?.samples ?? []
  const read = at === null ? null : (nearest(times, at)?.at ?? null)

  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    setAt(fromMs + ((event.clientX - box.left - LEFT) / frame.width) * (toMs - fromMs))
  }
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined || times.length === 0) return
    event.preventDefault()
    const index = read === null ? times.length - 1 : times.findIndex((p) => p.at === read) + step
    setAt(times[Math.min(times.length - 1, Math.max(0, index))]?.at ?? null)
  }

  const ends = series.map((s) => [...s.samples].reverse().find((p) => p.value !== null)?.value ?? null)
  const labelYs = spread(
    ends.map((v) => (v === null ? frame.height : yOf(frame, v))),
    13,
    frame.height,
  )
  const shownAt = read ?? null
  const values = series.map((s) => (shownAt === null ? null : (s.samples.find((p) => p.at === shownAt)?.value ?? null)))

  return (
    <figure className="m-0 grid gap-0.5">
      <figcaption id={titleId} className="flex items-baseline justify-between gap-3 text-xs text-muted">
        <span className="font-medium">{props.title}</span>
        <span aria-live="polite" className="truncate text-faint">
          {shownAt === null
            ? ''
            : `${clock(shownAt)}  ${series.map((s, i) => `${s.name} ${values[i] == null ? 'no data' : format(values[i])}`).join(', ')}`}
        </span>
      </figcaption>
      <div
        ref={holder}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the chart moment by moment
        tabIndex={0}
        role="img"
        aria-labelledby={titleId}
        onPointerMove={onPointer}
        onPointerLeave={() => setAt(null)}
        onKeyDown={onKey}
        onBlur={() => setAt(null)}
        className="relative rounded-sm"
        style={{ height }}
      >
        {width > 0 ? (
          <svg width={width} height={height} className="block" aria-hidden>
            <g transform={`translate(${LEFT} ${TOP})`}>
              {[0, 0.5, 1].map((share) => (
                <g key={share}>
                  <line
                    x1={0}
                    x2={frame.width}
                    y1={frame.height * share}
                    y2={frame.height * share}
                    stroke="var(--line)"
                    strokeDasharray={share === 1 ? undefined : '2 3'}
                  />
                </g>
              ))}
              <text x={0} y={-5} fontSize={11} fill="var(--faint)">
                {measured ? format(max) : ''}
              </text>
              {timeTicks(fromMs, toMs, 4)
                .filter((tick) => xOf(frame, tick) >= 15 && xOf(frame, tick) <= frame.width - 10)
                .map((tick) => (
                  <text
                    key={tick}
                    x={xOf(frame, tick)}
                    y={frame.height + 14}
                    fontSize={11}
                    fill="var(--faint)"
                    textAnchor="middle"
                  >
                    {clock(tick)}
                  </text>
                ))}
              {series.map((s, i) => (
                <g key={s.name}>
                  {s.area ? <path d={areaPath(s.samples, stepMs, frame)} fill={s.colour} fillOpacity={0.13} /> : null}
                  <path
                    d={linePath(s.samples, stepMs, frame)}
                    fill="none"
                    stroke={s.colour}
                    strokeWidth={1.6}
                    strokeLinejoin="round"
                  />
                  {ends[i] === null ? null : (
                    <text x={frame.width + 6} y={(labelYs[i] as number) + 4} fontSize={11} fill={s.colour}>
                      {s.name}
                    </text>
                  )}
                </g>
              ))}
              {shownAt === null ? null : (
                <line
                  x1={xOf(frame, shownAt)}
                  x2={xOf(frame, shownAt)}
                  y1={0}
                  y2={frame.height}
                  stroke="var(--faint)"
                />
              )}
              {shownAt === null
                ? null
                : values.map((value, i) =>
                    value === null ? null : (
                      <circle
                        key={series[i]?.name}
                        cx={xOf(frame, shownAt)}
                        cy={yOf(frame, value)}
                        r={3}
                        fill={series[i]?.colour}
                      />
                    ),
                  )}
            </g>
          </svg>
        ) : null}
        {measured ? null : <p className="absolute inset-0 grid place-items-center text-xs text-faint">{props.empty}</p>}
      </div>
    </figure>
  )
}

function clock(at: number): string {
  const date = new Date(at)
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
}
