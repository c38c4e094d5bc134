'use client'

import { memo, useState } from 'react'
import { HEALTH_STATES, type HealthState } from '@/core/instance'
import { useEdges } from '../live'
import { formatAge, formatMs, formatRate, formatShare } from '../ui/figure'
import { StateGlyph, StateLabel, stateWord } from '../ui/state'
import { errorTone } from './node-card'
import { type FleetSummary, headline, type Traffic } from './summary'
import { useLateMs } from './use-late'

/** The fleet in one line: is it well, how much does it do, where does it hurt. */
export const SummaryStrip = memo(function SummaryStrip(props: {
  summary: FleetSummary
  states: readonly HealthState[]
  onState: (state: HealthState) => void
  onEdge: (id: string) => void
}) {
  const { summary, states, onState, onEdge } = props
  const { traffic } = summary
  const lateMs = useLateMs()
  const present = HEALTH_STATES.filter((s) => summary.byState[s] > 0 || states.includes(s))
  return (
    <section
      aria-label="The fleet at a glance"
      className="flex flex-wrap items-center gap-x-8 gap-y-2 border-b border-line bg-surface px-4 py-3 md:px-5"
    >
      <div className="min-w-0 grow basis-80">
        <h1 className="flex items-center gap-2.5 text-lg font-semibold md:text-xl">
          <StateGlyph state={summary.worst} size={18} label={stateWord(summary.worst)} />
          <span className="line-clamp-2 min-w-0 text-balance md:line-clamp-1" title={headline(summary)}>
            {headline(summary)}
          </span>
        </h1>
        <ul
          aria-label="Instances by state; choose to filter"
          className="mt-1 flex flex-wrap items-center gap-x-1 gap-y-1 text-sm"
        >
          <li className="mr-2 text-muted">
            {summary.services} {summary.services === 1 ? 'service' : 'services'}, {summary.instances}{' '}
            {summary.instances === 1 ? 'instance' : 'instances'}
          </li>
          {present.map((state) => (
            <li key={state}>
              <button
                type="button"
                aria-pressed={states.includes(state)}
                onClick={() => onState(state)}
                className="inline-flex items-center gap-1.5 rounded-md border border-transparent px-1.5 leading-5 hover:bg-sunken aria-pressed:border-line-strong aria-pressed:bg-sunken"
              >
                <span className="font-semibold">{summary.byState[state]}</span>
                <StateLabel state={state} />
              </button>
            </li>
          ))}
          {summary.held > 0 ? <li className="text-operator">{summary.held} held</li> : null}
          {summary.flapping > 0 ? <li className="text-warning">{summary.flapping} flapping</li> : null}
        </ul>
      </div>
      <dl className="flex shrink-0 items-start gap-7">
        <Fact
          label="Calls"
          note={age(traffic, lateMs)}
          value={traffic.ratePerSec === 0 ? 'no traffic' : formatRate(traffic.ratePerSec)}
          quiet={traffic.ratePerSec === 0}
        />
        <Fact
          label="Errors"
          note="of all calls, 30 s"
          value={traffic.errorShare === null ? 'no traffic' : formatShare(traffic.errorShare)}
          quiet={traffic.errorShare === null}
          tone={errorTone(traffic.errorShare ?? 0)}
        />
      </dl>
      <WorstEdges summary={summary} onEdge={onEdge} />
    </section>
  )
})

function age(traffic: Traffic, lateMs: number): string {
  if (traffic.quality === 'none' || traffic.ageMs === null) return 'nothing reported'
  const ageMs = traffic.ageMs + lateMs
  const old = ageMs < 3000 ? 'now' : `${formatAge(ageMs)} old`
  return `${traffic.quality}, ${old}`
}

function Fact(props: { label: string; value: string; note: string; quiet?: boolean; tone?: string }) {
  const tone = props.quiet ? 'text-muted' : props.tone === 'text-muted' ? '' : (props.tone ?? '')
  return (
    <div className="min-w-20">
      <dt className="text-xs text-muted">{props.label}</dt>
      <dd className={`whitespace-nowrap text-xl font-semibold ${tone}`}>{props.value}</dd>
      <dd className="whitespace-nowrap text-xs text-faint">{props.note}</dd>
    </div>
  )
}

/** Ordered anew every second, but not under a pointer: what one is about to click stays where it is. */
function WorstEdges({ summary, onEdge }: { summary: FleetSummary; onEdge: (id: string) => void }) {
  const all = useEdges()
  const [held, setHeld] = useState<{ ids: string[]; failing: boolean } | null>(null)
  const now = { ids: summary.worstEdges.map((e) => e.id), failing: (summary.worstEdges[0]?.errors ?? 0) > 0 }
  const { ids, failing } = held ?? now
  const edges = ids.flatMap((id) => all.find((e) => e.id === id) ?? [])
  if (edges.length === 0) return null
  return (
    <div
      className="min-w-0 grow basis-56 md:grow-0 md:basis-72"
      onPointerEnter={() => setHeld(now)}
      onPointerLeave={() => setHeld(null)}
    >
      <h2 className="flex justify-between gap-2 text-xs text-muted">
        {failing ? 'Most errors' : 'Slowest, by p99'}
        {held ? <span className="text-faint">order held</span> : null}
      </h2>
      <ul className="text-sm">
        {edges.map((edge, at) => (
          <li key={edge.id} className={at > 0 ? 'hidden md:block' : undefined}>
            <button
              type="button"
              onClick={() => onEdge(edge.id)}
              className="-mx-1.5 flex w-full items-baseline justify-between gap-4 rounded-sm px-1.5 leading-5 hover:bg-sunken"
            >
              <span className="min-w-0 truncate" title={`${edge.caller} → ${edge.callee}`}>
                {edge.caller} <span className="text-faint">→</span> {edge.callee}
              </span>
              <span className={failing ? errorTone(edge.errorShare ?? 0) : 'text-muted'}>
                {failing
                  ? formatShare(edge.errorShare ?? 0)
                  : edge.p99Ms === null
                    ? 'no traffic'
                    : formatMs(edge.p99Ms)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
