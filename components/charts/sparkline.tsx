import { areaPath, linePath, maxOf, niceMax, type Sample } from './scale'

/** A trend beside a number: from zero, with gaps where nothing was measured. Decoration to a screen reader, the number says it. */
export function Sparkline(props: {
  samples: readonly Sample[]
  stepMs: number
  fromMs: number
  toMs: number
  /** a CSS colour */
  colour: string
  width?: number
  height?: number
  /** top of the axis; otherwise the greatest value */
  max?: number
}) {
  const { samples, stepMs, fromMs, toMs, colour, width = 120, height = 28 } = props
  const max = props.max ?? niceMax(maxOf([samples]))
  const frame = { fromMs, toMs, max, width, height: height - 2 }
  return (
    <svg
      viewBox={`0 -1 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      className="block max-w-full"
      aria-hidden
    >
      <line x1={0} x2={width} y1={height - 2} y2={height - 2} stroke="var(--line)" />
      <path d={areaPath(samples, stepMs, frame)} fill={colour} fillOpacity={0.14} />
      <path
        d={linePath(samples, stepMs, frame)}
        fill="none"
        stroke={colour}
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  )
}
