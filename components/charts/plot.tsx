'use client'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useRef, useState } from 'react'
import { type Frame, maxOf, niceMax, spread, yOf } from './scale'
import { useWidth } from './use-width'

export interface PlotSeries {
  name: string
  /** a CSS colour */
  colour: string
  /** one for each step; null: nothing */
  values: readonly (number | null)[]
  kind: 'bars' | 'line' | 'area'
}

export interface Band {
  min: number
  mean: number
  max: number
}

export interface PlotProps {
  title: string
  /** what each step is called, for reading: `1.2 s` */
  labelOf: (step: number) => string
  steps: number
  format: (value: number) => string
  series?: readonly PlotSeries[]
  /** least to most with the mean marked, one for each step */
  bands?: readonly Band[]
  bandColour?: string
  /** the first steps, set apart */
  shade?: { steps: number; label: string }
  /** steps to name on the axis */
  ticks: readonly number[]
  empty: string
  height?: number
  atLeast?: number
  /** the top of the axis; without it, a round number above everything */
  max?: number
  /** what is said while nothing is pointed at */
  note?: ReactNode
}

const TOP = 16
const BOTTOM = 18
const LEFT = 4

/**
 * Bars, lines and bands over numbered steps, from zero. The pointer or the arrow keys read single steps; what a series is
 * called stands at its end. Never animates.
 */
export function Plot(props: PlotProps) {
  const { steps, series = [], bands, format, height = 150, labelOf } = props
  const holder = useRef<HTMLDivElement>(null)
  const width = useWidth(holder)
  const [at, setAt] = useState<number | null>(null)
  const titleId = useId()
  const right = series.some((s) => s.kind !== 'bars') ? 86 : 4
  const values = series.map((s) => s.values.map((value, step) => ({ at: step, value })))
  const top = Math.max(maxOf(values), bands ? bands.reduce((a, b) => Math.max(a, b.max), 0) : 0, props.atLeast ?? 0)
  const frame: Frame = {
    fromMs: 0,
    toMs: steps,
    max: props.max ?? niceMax(top),
    width: Math.max(40, width - LEFT - right),
    height: height - TOP - BOTTOM,
  }
  const stepWidth = frame.width / Math.max(1, steps)
  const shown = at === null ? null : Math.min(steps - 1, Math.max(0, at))

  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    setAt(Math.floor((event.clientX - box.left - LEFT) / stepWidth))
  }
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined || steps === 0) return
    event.preventDefault()
    setAt(Math.min(steps - 1, Math.max(0, shown === null ? 0 : shown + by)))
  }

  return (
    <figure className="m-0 grid min-w-0 gap-0.5">
      <figcaption className="flex items-baseline justify-between gap-3 text-xs text-muted">
        <span id={titleId} className="shrink-0 font-medium">
          {props.title}
        </span>
        <span aria-live="polite" className="truncate text-faint">
          {shown === null ? props.note : `${labelOf(shown)}: ${told(props, shown)}`}
        </span>
      </figcaption>
      <div
        ref={holder}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the chart step by step
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
        {width > 0 && steps > 0 ? (
          <svg width={width} height={height} className="block" aria-hidden>
            <g transform={`translate(${LEFT} ${TOP})`}>
              <Grid frame={frame} props={props} stepWidth={stepWidth} />
              {bands ? <Bands bands={bands} frame={frame} colour={props.bandColour ?? 'var(--accent)'} /> : null}
              {series.map((s) => (
                <Drawn key={s.name} series={s} frame={frame} stepWidth={stepWidth} />
              ))}
              <Names series={series} frame={frame} />
              {shown === null ? null : (
                <rect
                  x={shown * stepWidth}
                  width={Math.max(1, stepWidth)}
                  y={0}
                  height={frame.height}
                  fill="var(--text)"
                  fillOpacity={0.08}
                />
              )}
              <text x={0} y={-5} fontSize={11} fill="var(--faint)">
                {format(frame.max)}
              </text>
            </g>
          </svg>
        ) : null}
        {steps === 0 ? (
          <p className="absolute inset-0 grid place-items-center text-xs text-faint">{props.empty}</p>
        ) : null}
      </div>
    </figure>
  )
}

function told({ series = [], bands, format }: PlotProps, step: number): string {
  const band = bands?.[step]
  if (band) {
    return band.min === band.max
      ? `always ${format(band.max)}`
      : `${format(band.min)} to ${format(band.max)}, ${format(band.mean)} on average`
  }
  return series.map((s) => `${s.name} ${s.values[step] == null ? 'none' : format(s.values[step])}`).join(', ')
}

function Grid({ frame, props, stepWidth }: { frame: Frame; props: PlotProps; stepWidth: number }) {
  const { shade } = props
  return (
    <>
      {shade ? (
        <>
          <rect
            x={0}
            y={0}
            width={shade.steps * stepWidth}
            height={frame.height}
            fill="var(--unhealthy)"
            fillOpacity={0.07}
          />
          <text x={shade.steps * stepWidth - 6} y={12} fontSize={11} fill="var(--unhealthy)" textAnchor="end">
            {shade.label}
          </text>
        </>
      ) : null}
      {[0, 0.5, 1].map((share) => (
        <line
          key={share}
          x1={0}
          x2={frame.width}
          y1={frame.height * share}
          y2={frame.height * share}
          stroke="var(--line)"
          strokeDasharray={share === 1 ? undefined : '2 3'}
        />
      ))}
      {props.ticks.map((step) => {
        const x = (step + (props.bands ? 0.5 : 0)) * stepWidth
        return (
          <text
            key={step}
            x={x}
            y={frame.height + 14}
            fontSize={11}
            fill="var(--faint)"
            textAnchor={x < 12 ? 'start' : x > frame.width - 12 ? 'end' : 'middle'}
          >
            {props.labelOf(step)}
          </text>
        )
      })}
    </>
  )
}

function Bands({ bands, frame, colour }: { bands: readonly Band[]; frame: Frame; colour: string }) {
  const step = frame.width / bands.length
  const bar = Math.max(2, Math.min(28, step * 0.6))
  return bands.map((band, i) => {
    const x = (i + 0.5) * step - bar / 2
    const [low, high, mean] = [yOf(frame, band.min), yOf(frame, band.max), yOf(frame, band.mean)]
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
      <g key={i}>
        <rect x={x} y={high} width={bar} height={Math.max(1, low - high)} rx={2} fill={colour} fillOpacity={0.25} />
        <rect x={x} y={mean - 1} width={bar} height={2} fill={colour} />
      </g>
    )
  })
}

function Drawn({ series, frame, stepWidth }: { series: PlotSeries; frame: Frame; stepWidth: number }) {
  const { values, colour, kind } = series
  if (kind === 'bars') {
    return values.map((value, i) =>
      value ? (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          key={i}
          x={i * stepWidth}
          width={Math.max(1, stepWidth - (stepWidth > 4 ? 1 : 0))}
          y={yOf(frame, value)}
          height={frame.height - yOf(frame, value)}
          fill={colour}
        />
      ) : null,
    )
  }
  const points = values.flatMap((value, i) =>
    value === null ? [] : [`${round((i + 0.5) * stepWidth)} ${round(yOf(frame, value))}`],
  )
  if (points.length === 0) return null
  const line = `M${points.join('L')}`
  return (
    <>
      {kind === 'area' ? (
        <path
          d={`${line}L${round((values.length - 0.5) * stepWidth)} ${frame.height}L0 ${frame.height}Z`}
          fill={colour}
          fillOpacity={0.13}
        />
      ) : null}
      <path d={line} fill="none" stroke={colour} strokeWidth={1.6} strokeLinejoin="round" />
    </>
  )
}

function Names({ series, frame }: { series: readonly PlotSeries[]; frame: Frame }) {
  const lines = series.filter((s) => s.kind !== 'bars')
  const ys = spread(
    lines.map((s) => yOf(frame, s.values.at(-1) ?? 0)),
    13,
    frame.height,
  )
  return lines.map((s, i) => (
    <text key={s.name} x={frame.width + 6} y={(ys[i] as number) + 4} fontSize={11} fill={s.colour}>
      {s.name}
    </text>
  ))
}

const round = (n: number) => Math.round(n * 10) / 10
