'use client'
import type { ServiceView } from '@/core/topology'
import { Ago } from '../ui/ago'
import { Figure } from '../ui/figure'
import { StateLabel } from '../ui/state'
import { Errors, P99, provenance, Rate } from './figures'
import { HoldNote } from './hold-note'
import { InstanceBar } from './instance-bar'
import { IntentNote } from './intent-note'
import { isStranded } from './order'
import type { Traffic } from './traffic'

/** A service in a few lines: state and why, what operators set, what reaches it. */
export function ServiceState({ view, traffic }: { view: ServiceView; traffic: Traffic }) {
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base">
        <StateLabel state={view.health} className="font-semibold" />
        <span className="text-muted">{view.reason}</span>
        {view.changedAt === null ? null : (
          <span className="text-sm text-faint">
            last change <Ago at={view.changedAt} />
          </span>
        )}
      </div>
      {view.hold ? <HoldNote hold={view.hold} /> : null}
      {view.maintenance ? <IntentNote what="Whole service in maintenance" intent={view.maintenance} /> : null}
      <div className="grid grid-cols-[repeat(auto-fit,minmax(10.5rem,1fr))] gap-x-6 gap-y-3 sm:max-w-4xl">
        <Figure
          large
          label="Routable"
          value={
            <span className={isStranded(view) ? 'text-unhealthy' : undefined}>
              {view.routable}
              <span className="text-base text-muted"> of {view.total}</span>
            </span>
          }
          note={<InstanceBar counts={view.counts} total={view.total} />}
        />
        <Figure large label="Calls in" value={<Rate traffic={traffic} />} note={provenance(traffic)} />
        <Figure
          large
          label="Errors"
          value={<Errors traffic={traffic} />}
          note={traffic.count === 0 ? 'not measured' : 'of calls in'}
        />
        <Figure
          large
          label="p99"
          value={<P99 traffic={traffic} />}
          note={traffic.count === 0 ? 'not measured' : 'of the slowest caller'}
        />
      </div>
    </div>
  )
}
