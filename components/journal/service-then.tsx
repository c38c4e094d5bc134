import Link from 'next/link'
import { cn } from '@/components/ui/cn'
import { StateLabel } from '@/components/ui/state'
import type { InstanceChange, ServiceChange } from './compare'

/** One service at a past moment; what is different now stands beside it. */
export function ServiceThen({ service, onlyDifferent }: { service: ServiceChange; onlyDifferent: boolean }) {
  const shown =
    onlyDifferent && service.changes.length === 0
      ? service.instances.filter((instance) => instance.changes.length > 0)
      : service.instances
  const then = service.instances.filter((instance) => instance.before !== null).length
  return (
    <section aria-label={service.name}>
      <h2 className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line pb-1.5 text-sm">
        {service.after === null ? (
          <span className="font-semibold">{service.name}</span>
        ) : (
          <Link href={`/services/${encodeURIComponent(service.name)}`} className="font-semibold hover:text-accent">
            {service.name}
          </Link>
        )}
        <span className="text-muted">
          {service.before === null ? '' : then === 1 ? '1 instance then' : `${then} instances then`}
        </span>
        {service.before?.maintenance ? <StateLabel state="maintenance" className="text-xs" /> : null}
        <Changes changes={service.changes} />
      </h2>
      <ul>
        {shown.map((instance) => (
          <InstanceThen key={instance.id} instance={instance} />
        ))}
      </ul>
    </section>
  )
}

function InstanceThen({ instance }: { instance: InstanceChange }) {
  const { before: then, after: now } = instance
  const record = then ?? now
  return (
    <li
      className={cn(
        'grid grid-cols-[7.5rem_minmax(0,1fr)] items-baseline gap-x-3 gap-y-0.5 border-b border-line py-1.5 text-sm md:grid-cols-[7.5rem_minmax(0,15rem)_6rem_minmax(0,1fr)_minmax(0,18rem)]',
        instance.changes.length > 0 && 'bg-sunken',
      )}
    >
      <span className="pl-2">{then ? <StateLabel state={then.health} /> : <span className="text-faint">–</span>}</span>
      <span className="mono truncate text-xs leading-5" title={instance.id}>
        {instance.id}
      </span>
      <span className="max-md:col-start-2 truncate text-xs text-muted">{record?.version ?? 'no version'}</span>
      <span className="max-md:col-start-2 truncate text-muted" title={then?.reason}>
        {then?.reason ?? ''}
      </span>
      <span className="max-md:col-start-2 md:pr-2">
        <Changes changes={instance.changes} />
      </span>
    </li>
  )
}

function Changes({ changes }: { changes: readonly string[] }) {
  if (changes.length === 0) return null
  return <span className="text-xs font-medium">{changes.join(' · ')}</span>
}
