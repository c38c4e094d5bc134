'use client'
import type { InstanceStatus } from '@/server/demo'
import { useMay } from '../shell/session'
import { useNow } from '../ui/ago'
import { WILL } from './deeds'
import { InstanceRow } from './instance-row'
import type { Observed } from './observed'
import type { Deed } from './use-deed'

/** The way of an order, which is also the order of the list. */
const ORDER = ['storefront', 'orders', 'inventory', 'payments', 'shipping', 'notifications']

/** All processes of the fleet by service: their own state beside what the registry sees of it. */
export function Processes(props: {
  instances: readonly InstanceStatus[]
  observed: Observed
  busy: ReadonlySet<string>
  act: Deed
}) {
  const { may } = useMay('operator')
  const now = useNow()
  const services = [...new Set(props.instances.map((instance) => instance.service))].sort(
    (a, b) => ORDER.indexOf(a) - ORDER.indexOf(b),
  )
  return (
    <div className="@container grid">
      <p
        aria-hidden
        className="hidden gap-x-4 pb-1.5 text-xs font-medium text-muted @5xl:grid @5xl:grid-cols-[8.5rem_minmax(0,1fr)_minmax(0,1.3fr)_25.5rem]"
      >
        <span>Instance</span>
        <span>Its process</span>
        <span>The registry sees</span>
        <span>Make it</span>
      </p>
      {services.map((service) => (
        <section key={service} aria-label={service}>
          <h3 className="sr-only">{service}</h3>
          <ul>
            {props.instances
              .filter((instance) => instance.service === service)
              .map((instance) => (
                <InstanceRow
                  key={instance.id}
                  process={instance}
                  seen={props.observed.get(instance.id)}
                  now={now}
                  may={may}
                  busy={props.busy.has(instance.id)}
                  onAct={(action) => void props.act(instance.id, action)}
                />
              ))}
          </ul>
        </section>
      ))}
      <dl className="mt-2 grid gap-x-4 gap-y-1 border-t border-line-strong pt-3 text-xs text-muted sm:grid-cols-[4rem_1fr]">
        {(['slow', 'failing', 'hung', 'restart', 'kill'] as const).map((action) => (
          <div key={action} className="contents">
            <dt className="font-medium capitalize text-text">{action}</dt>
            <dd>{WILL[action]}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
