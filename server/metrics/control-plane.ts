/** The control plane's own figures. */
import { HEALTH_STATES } from '../../core/instance.ts'
import { addCounts, noCounts } from '../../core/summary.ts'
import type { Engines } from '../engines.ts'
import type { Loops } from '../loops.ts'
import { Metrics, watchLoops } from '../metrics.ts'
import type { Probes } from '../probes.ts'
import { engineMetrics } from './engines.ts'

export function controlPlaneMetrics(
  engines: Engines,
  parts: { loops: Loops; probes: Probes; sockets: () => number },
): Metrics {
  const metrics = new Metrics()
  const { journal, live, registry, store, telemetry } = engines
  watchLoops(metrics, parts.loops)
  metrics.gauge({ name: 'holdfast_instances', help: 'Registered instances.', labels: ['health'] }, () => {
    const counts = noCounts()
    for (const view of registry.views.all()) addCounts(counts, view.counts)
    return HEALTH_STATES.map((health) => ({ labels: { health }, value: counts[health] }))
  })
  metrics.gauge({ name: 'holdfast_services', help: 'Known services.' }, () => registry.views.size)
  metrics.total({ name: 'holdfast_heartbeats_total', help: 'Heartbeats taken in.' }, () => registry.beats)
  metrics.gauge({ name: 'holdfast_journal_head', help: 'Number of the newest journal entry.' }, () => journal.head)
  metrics.gauge({ name: 'holdfast_journal_readers', help: 'Readers that follow the journal.' }, () => journal.readers)
  metrics.gauge({ name: 'holdfast_transactions_waiting', help: 'Writes that wait for a commit.' }, () => store.waiting)
  metrics.gauge({ name: 'holdfast_edges', help: 'Edges with traffic in the live window.' }, () => telemetry.size)
  metrics.total(
    { name: 'holdfast_edges_refused_total', help: 'Edges refused for want of room.' },
    () => telemetry.refused,
  )
  metrics.gauge({ name: 'holdfast_tabs', help: 'Open dashboard streams.' }, () => live.tabs)
  metrics.gauge({ name: 'holdfast_sockets', help: 'Open WebSockets.' }, parts.sockets)
  metrics.total({ name: 'holdfast_probes_total', help: 'Active checks made.', labels: ['status'] }, () =>
    Object.entries(parts.probes.stats().results).map(([status, value]) => ({ labels: { status }, value })),
  )
  metrics.gauge(
    { name: 'holdfast_probe_late_p99_seconds', help: 'How late active checks begin, 99th percentile.' },
    () => parts.probes.stats().lateP99Ms / 1000,
  )
  engineMetrics(metrics, engines)
  return metrics
}
