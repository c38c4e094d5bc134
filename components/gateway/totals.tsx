'use client'
import { Figure, formatAge, formatCount, formatRate, formatShare } from '../ui/figure'
import type { GatewayNow } from './use-gateway'
import { errorShare, WORKER_LATE_MS } from './words'

/** The gateway as a whole, largest first: what passes, what fails, and who carries it. */
export function Totals({ gateway }: { gateway: GatewayNow }) {
  const { routes, workers, revision } = gateway
  const sum = (of: (view: GatewayNow['routes'][number]['observed']) => number) =>
    routes.reduce((total, { observed }) => total + of(observed), 0)
  const requests = sum(({ requests: n }) => n)
  const errors = sum(({ errors: n }) => n)
  const share = errorShare({ requests, errors })
  const inFlight = workers.reduce((total, worker) => total + worker.inFlight, 0)
  const cpu = workers.reduce((total, worker) => total + worker.cpu, 0)
  const memory = workers.reduce((total, worker) => total + worker.memoryMB, 0)
  const behind = workers.filter((worker) => worker.revision === null || worker.revision < revision).length
  const age = workers.length === 0 ? null : Math.min(...workers.map(({ ageMs }) => ageMs))
  const none = workers.length === 0
  const stale = age !== null && age > WORKER_LATE_MS
  const told = age === null ? 'nobody reports' : age < 2_000 ? 'told just now' : `told ${formatAge(age)} ago`
  return (
    <section aria-label="Totals" className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-3 lg:grid-cols-6">
      <Figure
        large
        stale={stale}
        label="Requests"
        value={none ? 'unknown' : requests === 0 ? 'no traffic' : formatRate(sum((o) => o.ratePerSec))}
        note={`last 10 s, ${told}`}
      />
      <Figure
        large
        stale={stale}
        label="Errors"
        value={none ? 'unknown' : share === null ? '–' : formatShare(share)}
        note={errors === 0 ? (requests === 0 ? 'nothing to fail' : 'none in 10 s') : `${formatCount(errors)} in 10 s`}
      />
      <Figure
        large
        label="Workers"
        value={none ? 'none' : workers.length}
        unit={none ? '' : 'connected'}
        note={
          none
            ? 'routes are kept until one comes'
            : behind === 0
              ? `all at revision ${revision}`
              : `${behind} behind revision ${revision}`
        }
      />
      <Figure
        stale={stale}
        label="In flight"
        value={none ? '–' : formatCount(inFlight)}
        note={none ? '' : `${formatCount(workers.reduce((n, w) => n + w.connections, 0))} connections`}
      />
      <Figure stale={stale} label="CPU" value={none ? '–' : formatShare(cpu)} note="of one core, all workers" />
      <Figure
        stale={stale}
        label="Memory"
        value={none ? '–' : `${Math.round(memory)} MB`}
        note={none ? '' : workers.length === 1 ? 'of the worker' : 'all workers'}
      />
    </section>
  )
}
