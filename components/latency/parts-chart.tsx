'use client'

import { useMemo, useRef } from 'react'
import { Area, AreaChart, CartesianGrid, Tooltip, XAxis, YAxis } from 'recharts'
import type { CutQuality } from '@/core/latency'
import type { LatencyPeriod } from '@/core/latency-view'
import { niceMax, spread, timeTicks } from '../charts/scale'
import { useWidth } from '../charts/use-width'
import { formatCount, formatMs } from '../ui/figure'
import { clock } from './moments'
import { PARTS } from './parts'
import { type Step, stepsOf, totalOf } from './steps'

const HEIGHT = 260
const MARGIN = { top: 18, right: 92, bottom: 0, left: 0 }
const AXIS = 24
const TICK = { fontSize: 11, fill: 'var(--faint)' }

/** Where the time of requests went, over time: means that are stacked to the mean of the whole, from zero. */
export function PartsChart({ period, quality }: { period: LatencyPeriod; quality: CutQuality }) {
  const holder = useRef<HTMLDivElement>(null)
  const width = useWidth(holder)
  const { points, stepMs, fromMs, toMs } = period
  const steps = useMemo(() => stepsOf(points, quality, stepMs), [points, quality, stepMs])
  const max = niceMax(steps.reduce((most, step) => Math.max(most, totalOf(step)), 0))
  const shown = PARTS.filter((part) => steps.some((step) => (step[part.key] ?? 0) > 0))
  const ticks = timeTicks(fromMs, toMs, 6)
  return (
    <div ref={holder} className="relative min-w-0" style={{ height: HEIGHT }}>
      {width > 0 ? (
        <AreaChart
          width={width}
          height={HEIGHT}
          data={steps}
          margin={MARGIN}
          title="Time of requests by part"
          className="text-xs"
        >
          <CartesianGrid vertical={false} stroke="var(--line)" strokeDasharray="2 3" />
          <XAxis
            dataKey="at"
            type="number"
            scale="time"
            domain={[fromMs, toMs]}
            allowDataOverflow
            ticks={ticks}
            tickFormatter={(at: number) => clock(at, toMs - fromMs)}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--line-strong)' }}
            height={AXIS}
          />
          <YAxis
            domain={[0, max]}
            ticks={[0, max / 2, max]}
            tickFormatter={(ms: number) => (ms === 0 ? '0' : formatMs(ms))}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            width={54}
          />
          <Tooltip
            content={<Told stepMs={stepMs} spanMs={toMs - fromMs} />}
            cursor={{ stroke: 'var(--faint)' }}
            isAnimationActive={false}
          />
          {PARTS.map((part) => (
            <Area
              key={part.key}
              dataKey={part.key}
              name={part.label}
              stackId="parts"
              type="linear"
              stroke={part.colour}
              strokeWidth={1}
              fill={part.colour}
              fillOpacity={part.part === 'unattributed' ? 0.22 : 0.5}
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
        </AreaChart>
      ) : null}
      <Names last={steps.findLast((step) => step.networkMs !== null)} shown={shown} max={max} />
      {steps.length === 0 ? (
        <p className="absolute inset-0 grid place-items-center text-xs text-faint">
          No request of this quality in this time.
        </p>
      ) : null}
    </div>
  )
}

/** What each layer is called, beside where it ends. */
function Names({ last, shown, max }: { last: Step | undefined; shown: typeof PARTS; max: number }) {
  if (!last) return null
  const plot = HEIGHT - MARGIN.top - AXIS
  let below = 0
  const middles = shown.map((part) => {
    const value = last[part.key] ?? 0
    const middle = below + value / 2
    below += value
    return plot * (1 - middle / max)
  })
  const ys = spread(middles, 14, plot)
  return shown.map((part, i) => (
    <span
      key={part.key}
      aria-hidden
      className="pointer-events-none absolute right-0 -translate-y-1/2 text-xs"
      style={{ top: MARGIN.top + (ys[i] as number), width: MARGIN.right - 8, color: part.colour }}
    >
      {part.label}
    </span>
  ))
}

interface ToldProps {
  stepMs: number
  spanMs: number
  active?: boolean
  payload?: readonly { payload?: unknown }[]
}

function Told({ stepMs, spanMs, active, payload }: ToldProps) {
  const step = payload?.[0]?.payload as Step | undefined
  if (!active || !step || step.networkMs === null) return null
  // A step has a row for its beginning and one for its end.
  const at = step.at - (step.at % stepMs)
  return (
    <div className="grid gap-1 rounded-md border border-line bg-raised px-2.5 py-2 text-xs shadow-float">
      <div className="flex justify-between gap-6 text-muted">
        <span>{clock(at, spanMs)}</span>
        <span>
          {formatCount(step.count)} {step.count === 1 ? 'request' : 'requests'}
        </span>
      </div>
      {[...PARTS].reverse().map((part) => (
        <div key={part.key} className="flex items-center justify-between gap-6">
          <span className="flex items-center gap-1.5">
            <i className="size-2 rounded-[2px]" style={{ background: part.colour }} />
            {part.label}
          </span>
          <span>{formatMs(step[part.key])}</span>
        </div>
      ))}
      <div className="flex justify-between gap-6 border-t border-line pt-1 font-medium">
        <span>Mean total</span>
        <span>{formatMs(totalOf(step))}</span>
      </div>
    </div>
  )
}
