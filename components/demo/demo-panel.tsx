'use client'
import { useMemo } from 'react'
import type { Action, DemoStatus } from '@/server/demo'
import { useEdges } from '../live'
import { EmptyState } from '../ui/empty-state'
import { PageHeader } from '../ui/page-header'
import { ExperimentCard } from './experiment-card'
import { EXPERIMENTS, type Seen } from './experiments'
import { FleetTable } from './fleet-table'
import { LoadPanel } from './load-panel'
import { useAct, useDemo } from './use-demo'

/** The control panel of the demo fleet: break it, watch what happens, and see it heal. */
export function DemoPanel({ initial }: { initial: DemoStatus | null }) {
  const { status, observed } = useDemo(initial)
  const { act, pending } = useAct()
  const edges = useEdges()
  const seen = useMemo<Seen | null>(
    () =>
      status && {
        now: status.at,
        process: (id) => status.instances.find((instance) => instance.id === id),
        registry: (id) => observed.get(id),
        edge: (caller, callee) => edges.find((edge) => edge.caller === caller && edge.callee === callee),
        load: status.load.points,
      },
    [status, observed, edges],
  )
  if (!status || !seen) {
    return (
      <EmptyState title="The fleet is starting">
        Six services in twelve processes register themselves in a few seconds.
      </EmptyState>
    )
  }
  const doTo = (instance: string, action: Action) => act(instance, action, `demo: ${action} ${instance}`)
  return (
    <div className="mx-auto grid max-w-7xl gap-6 p-4 md:p-6">
      <PageHeader
        title="Demo fleet"
        description="Real processes that use the SDK, with customers of their own. Break one and watch the control plane notice, callers go on, and it all heal."
      />
      <LoadPanel load={status.load} />
      <div>
        <h2 className="mb-2 text-base font-semibold">Try this</h2>
        <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {EXPERIMENTS.map((experiment) => (
            <ExperimentCard key={experiment.id} experiment={experiment} seen={seen} act={doTo} />
          ))}
        </div>
      </div>
      <div>
        <h2 className="mb-2 text-base font-semibold">Processes</h2>
        <FleetTable instances={status.instances} observed={observed} pending={pending} act={doTo} />
      </div>
    </div>
  )
}
