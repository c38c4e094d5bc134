'use client'
import { useQueryStates } from 'nuqs'
import { useId, useMemo } from 'react'
import { outage } from '@/core/outage'
import type { RetryPolicy } from '@/core/policy'
import { schedule, stampede } from '@/core/policy-preview'
import { seededRandom } from '@/core/random'
import { Plot } from '../charts/plot'
import { Section } from '../services/section'
import { Figure, formatCount, formatShare } from '../ui/figure'
import { Input } from '../ui/input'
import { policiesSearch, SUPPOSED } from './search-params'
import { span } from './words'

const SEED = 7
const ATTEMPT_MS = 50

/** What a policy will do, computed as it is edited: its delays, many clients at once, a service that is down. */
export function Preview({ policy }: { policy: RetryPolicy }) {
  return (
    <div className="grid grid-cols-1 content-start gap-6">
      <Schedule policy={policy} />
      <Stampede policy={policy} />
      <Outage policy={policy} />
    </div>
  )
}

function Schedule({ policy }: { policy: RetryPolicy }) {
  const steps = useMemo(() => schedule(policy, seededRandom(SEED)), [policy])
  const last = steps.at(-1)
  const cut = policy.maxElapsedMs !== null && last !== undefined && last.since.max > policy.maxElapsedMs
  return (
    <Section title="Its delays">
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Figure label="First retry" value={steps[0] ? range(steps[0].delay) : 'none'} />
        <Figure
          label="All waits together"
          value={last ? range(last.since) : 'none'}
          note={cut && policy.maxElapsedMs !== null ? `ends at ${span(policy.maxElapsedMs)}` : undefined}
        />
        <Figure label="On average" value={last ? span(last.since.mean) : 'none'} />
      </div>
      <Plot
        title="Delay before each retry"
        labelOf={(step) => String(step + 1)}
        steps={steps.length}
        bands={steps.map((step) => step.delay)}
        format={span}
        max={steps.reduce((top, step) => Math.max(top, step.delay.max), 1)}
        ticks={everySo(steps.length, 10)}
        empty="It never tries again."
        note="least, most and mean"
      />
    </Section>
  )
}

function Stampede({ policy }: { policy: RetryPolicy }) {
  const result = useMemo(() => stampede(policy, seededRandom(SEED)), [policy])
  const { spread, together, stepMs, worstSpread, worstTogether, later } = result
  // A burst is seen as one beside the silence after it.
  const steps = spread.length === 0 ? 0 : Math.max(10, spread.length)
  return (
    <Section title="1,000 clients that fail together">
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Figure label="Worst 100 ms, with its jitter" value={formatCount(worstSpread)} unit="retries" large />
        <Figure label="Without jitter" value={formatCount(worstTogether)} unit="retries" large />
        <Figure
          label="Go on after the picture"
          value={later === 0 ? 'none' : formatCount(later)}
          unit={later === 0 ? '' : 'clients'}
        />
      </div>
      <Plot
        title="Retries in each 100 ms"
        labelOf={(step) => span(step * stepMs)}
        steps={steps}
        series={[
          { name: 'without jitter', colour: 'var(--line-strong)', values: together, kind: 'bars' },
          { name: 'with its jitter', colour: 'var(--accent)', values: spread, kind: 'bars' },
        ]}
        format={formatCount}
        ticks={everySo(steps, 6)}
        empty="Nobody tries again."
        note={
          <>
            <Swatch colour="var(--accent)" /> with its jitter <Swatch colour="var(--line-strong)" /> without
          </>
        }
      />
    </Section>
  )
}

function Outage({ policy }: { policy: RetryPolicy }) {
  const [{ down, rps, processes }, setSearch] = useQueryStates(policiesSearch)
  const downMs = clamp(down, SUPPOSED.down) * 1_000
  const options = {
    downMs,
    requestsPerSecond: clamp(rps, SUPPOSED.rps),
    processes: clamp(processes, SUPPOSED.processes),
    attemptMs: ATTEMPT_MS,
  }
  const { requestsPerSecond } = options
  const key = JSON.stringify(options)
  const { bounded, free } = useMemo(() => {
    const supposed = JSON.parse(key) as typeof options
    return {
      bounded: outage(policy, seededRandom(SEED), supposed),
      free: policy.budget ? outage({ ...policy, budget: null }, seededRandom(SEED), supposed) : null,
    }
  }, [policy, key])
  const { multiplier, stepMs, peak, failedShare, refusedShare } = bounded
  return (
    <Section title="A service that is down">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Suppose
          label="Down for"
          unit="s"
          value={down}
          bounds={SUPPOSED.down}
          onChange={(n) => void setSearch({ down: n })}
        />
        <Suppose
          label="Requests"
          unit="/s"
          value={rps}
          bounds={SUPPOSED.rps}
          onChange={(n) => void setSearch({ rps: n })}
        />
        <Suppose
          label="Callers"
          unit="processes"
          value={processes}
          bounds={SUPPOSED.processes}
          onChange={(n) => void setSearch({ processes: n })}
        />
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure
          label="Load at its peak"
          value={`${times(peak)}`}
          note={`${formatCount(peak * requestsPerSecond)}/s instead of ${formatCount(requestsPerSecond)}/s`}
          large
        />
        <Figure
          label="Without its budget"
          value={free ? times(free.peak) : 'the same'}
          note={free ? undefined : 'it has none'}
          large
        />
        <Figure label="Calls lost while down" value={formatShare(failedShare)} note="the rest got through after" />
        <Figure label="Retries refused" value={formatShare(refusedShare)} note="by the budget" />
      </div>
      <Plot
        title="Attempts for each request"
        labelOf={(step) => span(step * stepMs)}
        steps={multiplier.length}
        series={[
          ...(free
            ? [{ name: 'no budget', colour: 'var(--warning)', values: free.multiplier, kind: 'line' as const }]
            : []),
          {
            name: free ? 'its budget' : 'attempts',
            colour: 'var(--accent)',
            values: multiplier,
            kind: 'area' as const,
          },
        ]}
        shade={{ steps: multiplier.length / 2, label: 'down' }}
        format={times}
        ticks={everySo(multiplier.length, 4)}
        empty="Nothing is sent."
        atLeast={2}
        note="estimated; attempts fail after 50 ms"
      />
    </Section>
  )
}

function Suppose(props: {
  label: string
  unit: string
  value: number
  bounds: readonly [number, number]
  onChange: (value: number) => void
}) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-xs text-muted">
        {props.label}
      </label>
      <span className="flex items-center gap-1.5">
        <Input
          id={id}
          type="number"
          inputMode="numeric"
          min={props.bounds[0]}
          max={props.bounds[1]}
          value={props.value}
          className="w-20"
          onChange={(event) => {
            const number = Math.round(Number(event.target.value))
            if (Number.isFinite(number)) props.onChange(number)
          }}
        />
        <span className="text-xs text-muted">{props.unit}</span>
      </span>
    </div>
  )
}

const Swatch = ({ colour }: { colour: string }) => (
  <span aria-hidden className="ml-1 inline-block size-2 rounded-[1px]" style={{ background: colour }} />
)

const times = (n: number) => `${n < 9.95 ? Math.round(n * 10) / 10 : Math.round(n)}×`
const range = ({ min, max }: { min: number; max: number }) =>
  min === max ? span(max) : min === 0 ? `up to ${span(max)}` : `${span(min)} to ${span(max)}`
const clamp = (n: number, [min, max]: readonly [number, number]) => Math.min(max, Math.max(min, n))

/** At most `count` of `length` steps, evenly apart, from the first. */
function everySo(length: number, count: number): number[] {
  const step = Math.max(1, Math.ceil(length / count))
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step)
}
