'use client'
import { EllipsisVertical } from 'lucide-react'
import Link from 'next/link'
import type { Action, InstanceStatus } from '@/server/demo'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { Badge } from '../ui/badge'
import { Button } from '../ui/button'
import { cn } from '../ui/cn'
import { Menu } from '../ui/menu'
import { type State, StateLabel } from '../ui/state'
import type { Observed } from './observed'

const WILL: Record<Action, string> = {
  slow: 'Slow down: answers take 400 to 900 ms longer',
  failing: 'Make it fail: six of ten calls get an error',
  hung: 'Hang it: accepts connections, answers nothing',
  normal: 'Back to normal',
  kill: 'Kill it: SIGKILL, no goodbye; back in about 8 s',
  restart: 'Restart it: SIGTERM, drains first',
}

const MODE: Record<InstanceStatus['mode'], { state: State; word: string } | null> = {
  normal: null,
  slow: { state: 'warning', word: 'made slow' },
  failing: { state: 'unhealthy', word: 'made to fail' },
  hung: { state: 'unhealthy', word: 'made to hang' },
}

/** Each process of the fleet, what was done to it, and what the registry believes of it. */
export function FleetTable(props: {
  instances: readonly InstanceStatus[]
  observed: Observed
  pending: string | null
  act: (instance: string, action: Action) => void
}) {
  const services = [...new Set(props.instances.map((i) => i.service))]
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      {services.map((service) => (
        <section key={service} aria-label={service} className="border-b border-line last:border-b-0">
          <h3 className="bg-sunken px-3 py-1 text-xs font-medium text-muted">
            <Link href={`/services/${service}`} className="hover:text-text">
              {service}
            </Link>
          </h3>
          <ul>
            {props.instances
              .filter((i) => i.service === service)
              .map((instance) => (
                <Row key={instance.id} {...props} instance={instance} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function Row({ instance, observed, pending, act }: Parameters<typeof FleetTable>[0] & { instance: InstanceStatus }) {
  const { may, why } = useMay('operator')
  const seen = observed.get(instance.id)
  const mode = MODE[instance.mode]
  const running = instance.state === 'running'
  const actions: Action[] = running ? ['slow', 'failing', 'hung', 'normal', 'restart', 'kill'] : ['restart']
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 border-t border-line px-3 py-2 md:grid-cols-[9rem_8rem_1fr_12rem_auto]">
      <div className="font-medium">{instance.id}</div>
      <div className="order-3 text-muted md:order-none">
        {running ? <span className="mono">pid {instance.pid}</span> : <Badge>{instance.state}</Badge>}
      </div>
      <div className="order-4 col-span-2 flex min-w-0 flex-wrap items-center gap-x-3 text-muted md:order-none md:col-span-1">
        {mode && running ? <StateLabel state={mode.state} word={mode.word} /> : null}
        <span className="min-w-0">
          {instance.detail}
          {instance.restartAt === null ? null : (
            <>
              {' '}
              · starts <Ago at={instance.restartAt} />
            </>
          )}
        </span>
      </div>
      <div className="order-5 md:order-none" title={seen?.reason}>
        {seen ? <StateLabel state={seen.health} /> : <StateLabel state="gone" word="not registered" />}
        <span className="sr-only"> in the registry: {seen?.reason}</span>
      </div>
      <div className="order-2 md:order-none">
        <Menu
          trigger={
            <Button
              variant="quiet"
              size="icon"
              disabled={!may}
              title={why}
              aria-label={`Act on ${instance.id}`}
              className={cn(pending === instance.id && 'animate-pulse')}
            >
              <EllipsisVertical aria-hidden />
            </Button>
          }
          items={actions.map((action) => ({
            label: WILL[action],
            onSelect: () => act(instance.id, action),
            danger: action === 'kill',
          }))}
        />
      </div>
    </li>
  )
}
