import { areaPath, linePath, niceMax, xOf, yOf } from '../charts/scale'

const WIDTH = 240
const HEIGHT = 56

/** The day that customers follow, and where in it they are now. */
export function Day(props: { day: readonly number[]; hour: number; minutes: number }) {
  const samples = props.day.map((value, at) => ({ at: (at * 24) / props.day.length, value }))
  const first = samples[0]
  if (!first) return null
  const whole = [...samples, { at: 24, value: first.value }]
  const frame = { fromMs: 0, toMs: 24, max: niceMax(Math.max(...props.day)), width: WIDTH, height: HEIGHT }
  const stepMs = 24 / props.day.length
  const wanted = whole[Math.min(whole.length - 1, Math.round(props.hour / stepMs))]?.value ?? 0
  const time = `${String(Math.floor(props.hour)).padStart(2, '0')}:${String(Math.floor((props.hour % 1) * 60)).padStart(2, '0')}`
  return (
    <figure className="m-0 grid max-w-60 gap-1">
      <figcaption className="text-xs text-muted">
        <span className="font-medium">The shop's day</span>, {props.minutes} min long
      </figcaption>
      <svg
        viewBox={`0 -6 ${WIDTH} ${HEIGHT + 24}`}
        className="block w-full"
        role="img"
        aria-label={`It is ${time} in the shop; ${Math.round(wanted)} requests per second are wanted.`}
      >
        <path d={areaPath(whole, stepMs, frame)} fill="var(--accent)" fillOpacity={0.13} />
        <path
          d={linePath(whole, stepMs, frame)}
          fill="none"
          stroke="var(--accent)"
          strokeWidth={1.5}
          strokeLinejoin="round"
        />
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} stroke="var(--line)" />
        <line
          x1={xOf(frame, props.hour)}
          x2={xOf(frame, props.hour)}
          y1={0}
          y2={HEIGHT}
          stroke="var(--text)"
          strokeDasharray="2 2"
        />
        <circle cx={xOf(frame, props.hour)} cy={yOf(frame, wanted)} r={4} fill="var(--text)" />
        {[0, 6, 12, 18, 24].map((hour) => (
          <text
            key={hour}
            x={xOf(frame, hour)}
            y={HEIGHT + 14}
            fontSize={11}
            fill="var(--faint)"
            textAnchor={hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle'}
          >
            {hour}h
          </text>
        ))}
      </svg>
    </figure>
  )
}
