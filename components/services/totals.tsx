'use client'
import { HEALTH_STATES, type HealthState } from '@/core/instance'
import { addCounts, noCounts } from '@/core/summary'
import type { ServiceView } from '@/core/topology'
import { cn } from '../ui/cn'
import { Figure } from '../ui/figure'
import { StateGlyph, stateWord } from '../ui/state'
import { isStranded } from './order'

/** What the filtered services come to; each state is also the filter for it. */
export function Totals(props: {
  views: readonly ServiceView[]
  all: number
  health: HealthState | null
  onHealth: (health: HealthState | null) => void
}) {
  const counts = noCounts()
  let [instances, routable, stranded] = [0, 0, 0]
  for (const view of props.views) {
    addCounts(counts, view.counts)
    instances += view.total
    routable += view.routable
    if (isStranded(view)) stranded += 1
  }
  return (
    <div className="flex flex-wrap items-end gap-x-8 gap-y-3">
      <Figure
        large
        label="Cannot take traffic"
        value={
          <span className={cn(stranded > 0 && 'text-unhealthy')}>
            {stranded === 0 ? 'none' : `${stranded} ${stranded === 1 ? 'service' : 'services'}`}
          </span>
        }
      />
      <Figure
        large
        label="Services"
        value={
          <>
            {props.views.length}
            {props.views.length === props.all ? null : <span className="text-base text-muted"> of {props.all}</span>}
          </>
        }
      />
      <Figure
        large
        label="Routable instances"
        value={
          <>
            {routable}
            <span className="text-base text-muted"> of {instances}</span>
          </>
        }
      />
      <fieldset className="flex flex-wrap gap-1.5 pb-0.5">
        <legend className="sr-only">Instances by state; choose one to see only services that have it</legend>
        {HEALTH_STATES.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={props.health === state}
            onClick={() => props.onHealth(props.health === state ? null : state)}
            className={cn(
              'inline-flex h-7 items-center gap-1.5 rounded-md border px-2 text-xs transition-colors duration-150',
              props.health === state
                ? 'border-accent bg-accent-soft text-text'
                : 'border-line text-muted hover:bg-sunken hover:text-text',
            )}
          >
            <StateGlyph state={state} size={10} className={counts[state] === 0 ? 'opacity-40' : ''} />
            <span className={counts[state] === 0 ? undefined : 'font-medium text-text'}>{counts[state]}</span>
            {stateWord(state)}
          </button>
        ))}
      </fieldset>
    </div>
  )
}
