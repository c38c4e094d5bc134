import type { ReactNode } from 'react'
import type { Refusal, RouteView } from '@/core/gateway/view'
import { Figure, formatAge, formatCount, formatRate, formatShare } from '../ui/figure'
import { StateGlyph } from '../ui/state'
import { ClassBar } from './class-bar'
import type { GatewayNow } from './use-gateway'
import { errorShare, REFUSAL_WORDS, WORKER_LATE_MS } from './words'

/** What is seen of a route, and how old and how complete that is. */
export function ObservedNow({ view, gateway }: { view: RouteView; gateway: GatewayNow }) {
  const { observed, route } = view
  const { workers } = gateway
  const errors = errorShare(observed)
  const refusals = Object.entries(observed.refusals) as [Refusal, number][]
  const have = workers.filter(({ revision }) => revision !== null && revision >= route.revision).length
  const stale = observed.ageMs !== null && observed.ageMs > WORKER_LATE_MS
  const refused = refusals.reduce((sum, [, n]) => sum + n, 0)
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-3 gap-3">
        <Figure
          large
          stale={stale}
          label="Rate"
          value={observed.requests === 0 ? 'no traffic' : formatRate(observed.ratePerSec)}
          note={observed.requests === 0 ? '' : `${formatCount(observed.requests)} in ${observed.windowMs / 1000} s`}
        />
        <Figure
          large
          stale={stale}
          label="Errors"
          value={errors === null ? '–' : formatShare(errors)}
          note={observed.retries > 0 ? `${formatCount(observed.retries)} retries` : 'no retries'}
        />
        <Figure large stale={stale} label="In flight" value={formatCount(observed.inFlight)} />
      </div>
      {observed.requests > 0 ? <ClassBar byClass={observed.byClass} words /> : null}
      <dl className="grid gap-1.5 text-sm">
        <Row name="Can take traffic">
          {observed.routable} of {observed.instances} {observed.instances === 1 ? 'instance' : 'instances'}
        </Row>
        <Row name="Workers that run by it">
          {workers.length === 0 ? 'none is connected' : `${have} of ${workers.length}, revision ${route.revision}`}
        </Row>
        <Row name="Age and quality">
          {observed.ageMs === null
            ? 'no worker has told of it'
            : `${observed.ageMs < 2_000 ? 'told now' : `told ${formatAge(observed.ageMs)} ago`}, counted by the workers`}
        </Row>
      </dl>
      {refused > 0 ? (
        <div>
          <h3 className="mb-1 text-xs font-medium text-muted">Not answered by the service, by part</h3>
          <ul className="grid gap-1 text-sm">
            {refusals
              .sort(([, a], [, b]) => b - a)
              .map(([part, n]) => (
                <li key={part} className="flex items-baseline justify-between gap-3">
                  <span>
                    {REFUSAL_WORDS[part].word} <span className="text-xs text-muted">{REFUSAL_WORDS[part].means}</span>
                  </span>
                  <span className="tabular-nums">{formatCount(n)}</span>
                </li>
              ))}
          </ul>
        </div>
      ) : null}
      {observed.concerns.length > 0 ? (
        <ul className="grid gap-1.5 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning" aria-label="Concerns">
          {observed.concerns.map((concern) => (
            <li key={concern} className="flex items-start gap-2">
              <StateGlyph state="warning" size={11} className="mt-1" />
              <span>{concern}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-muted">{name}</dt>
      <dd className="text-right">{children}</dd>
    </div>
  )
}
