/** Figures of breakers, locks, sagas and the gateway. What is counted by name is bounded where it is kept. */
import { BREAKER_STATES } from '../../core/breaker.ts'
import type { Engines } from '../engines.ts'
import type { Metrics } from '../metrics.ts'

export function engineMetrics(metrics: Metrics, { breakers, gateway, locksLive, sagas }: Engines): void {
  metrics.gauge(
    { name: 'holdfast_breakers', help: 'Circuit breakers by what is done with calls.', labels: ['state'] },
    () => {
      const counts = new Map<string, number>(BREAKER_STATES.map((state) => [state, 0]))
      for (const name of breakers.names()) {
        const state = breakers.tile(name)?.effective
        if (state) counts.set(state, (counts.get(state) ?? 0) + 1)
      }
      return [...counts].map(([state, value]) => ({ labels: { state }, value }))
    },
  )
  metrics.gauge({ name: 'holdfast_locks', help: 'Locks by what is with them.', labels: ['is'] }, () => {
    const { held, contended } = locksLive.totals()
    return Object.entries({ held, contended }).map(([is, value]) => ({ labels: { is }, value }))
  })
  metrics.gauge({ name: 'holdfast_lock_waiters', help: 'Who waits for a lock.' }, () => locksLive.totals().waiting)
  metrics.gauge({ name: 'holdfast_saga_runs', help: 'Runs of sagas by status.', labels: ['status'] }, () =>
    Object.entries(sagas.engine.book.counts()).map(([status, value]) => ({ labels: { status }, value })),
  )
  metrics.gauge(
    { name: 'holdfast_saga_runs_waiting', help: 'Runs that wait for a person.' },
    () => sagas.engine.book.waiting,
  )

  const routes = ['route']
  metrics.total(
    {
      name: 'holdfast_gateway_requests_total',
      help: 'Requests answered, by route and class of status.',
      labels: ['route', 'class'],
    },
    () =>
      gateway
        .totals()
        .flatMap(({ route, byClass }) =>
          byClass.map((value, i) => ({ labels: { route, class: `${i + 1}xx` }, value })),
        ),
  )
  metrics.total(
    {
      name: 'holdfast_gateway_refused_total',
      help: 'Requests that the gateway answered in the place of the service, by the part that did.',
      labels: ['route', 'part'],
    },
    () =>
      gateway
        .totals()
        .flatMap(({ route, refusals }) =>
          Object.entries(refusals).map(([part, value]) => ({ labels: { route, part }, value })),
        ),
  )
  metrics.total({ name: 'holdfast_gateway_retries_total', help: 'Attempts after the first.', labels: routes }, () =>
    gateway.totals().map(({ route, retries }) => ({ labels: { route }, value: retries })),
  )
  metrics.gauge({ name: 'holdfast_gateway_in_flight', help: 'Requests under way.', labels: routes }, () =>
    gateway.routes().map(({ route, observed }) => ({ labels: { route: route.id }, value: observed.inFlight })),
  )
  const workers = ['instance']
  metrics.gauge({ name: 'holdfast_gateway_workers', help: 'Workers that report.' }, () => gateway.workers().length)
  metrics.gauge(
    { name: 'holdfast_gateway_worker_memory_bytes', help: 'Resident memory of a worker.', labels: workers },
    () => gateway.workers().map(({ instance, memoryMB }) => ({ labels: { instance }, value: memoryMB * 1_048_576 })),
  )
  metrics.gauge(
    { name: 'holdfast_gateway_worker_cpu_ratio', help: 'Share of one core that a worker uses.', labels: workers },
    () => gateway.workers().map(({ instance, cpu }) => ({ labels: { instance }, value: cpu })),
  )
  metrics.gauge(
    { name: 'holdfast_gateway_revision_lag', help: 'Revisions that a worker is behind.', labels: workers },
    () =>
      gateway
        .workers()
        .map(({ instance, revision }) => ({ labels: { instance }, value: gateway.revision - (revision ?? 0) })),
  )
  metrics.gauge({ name: 'holdfast_faults', help: 'Faults on purpose that are on.' }, () => gateway.faults.length)
}
