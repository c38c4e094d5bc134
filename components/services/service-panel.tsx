'use client'
import { ArrowUpRight } from 'lucide-react'
import Link from 'next/link'
import { Ago } from '../ui/ago'
import { buttonStyle } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { Sheet } from '../ui/sheet'
import { SkeletonRows } from '../ui/skeleton'
import { StateLabel } from '../ui/state'
import { EdgesList } from './edges-list'
import { Section } from './section'
import { ServiceActs } from './service-acts'
import { ServiceState } from './service-state'
import { useServiceDetail } from './use-service'

const INSTANCES_SHOWN = 12

/** The service beside the list, in short; its page has the rest. */
export function ServicePanel({ name, onClose }: { name: string; onClose: () => void }) {
  const { view, instances, incoming, outgoing, traffic } = useServiceDetail(name)
  const href = `/services/${encodeURIComponent(name)}`
  return (
    <Sheet
      label={`Service ${name}`}
      onClose={onClose}
      title={<h2 className="truncate text-lg font-semibold">{name}</h2>}
      actions={
        <Link href={href} className={buttonStyle({ variant: 'quiet', size: 'sm' })}>
          Full page <ArrowUpRight aria-hidden />
        </Link>
      }
    >
      {view ? (
        <div className="grid grid-cols-1 gap-5">
          <ServiceState view={view} traffic={traffic} />
          <ServiceActs view={view} traffic={traffic} size="sm" onForgotten={onClose} />
          <Section title="Instances">
            {instances ? (
              <ul>
                {instances.slice(0, INSTANCES_SHOWN).map((instance) => (
                  <li
                    key={instance.id}
                    className="grid grid-cols-1 gap-0.5 border-b border-line py-2 text-sm last:border-b-0"
                  >
                    <div className="flex items-baseline justify-between gap-3">
                      <Link
                        href={`${href}?instance=${encodeURIComponent(instance.id)}`}
                        className="truncate font-medium hover:underline"
                      >
                        {instance.id}
                      </Link>
                      <StateLabel state={instance.health} />
                    </div>
                    <div className="flex justify-between gap-3 text-xs text-muted">
                      <span className="truncate" title={instance.reason}>
                        {instance.reason}
                      </span>
                      <Ago at={instance.healthSince} className="shrink-0" />
                    </div>
                  </li>
                ))}
              </ul>
            ) : (
              <SkeletonRows rows={Math.min(INSTANCES_SHOWN, Math.max(1, view.total))} />
            )}
            {view.total > INSTANCES_SHOWN ? (
              <Link href={href} className="text-sm text-accent hover:underline">
                All {view.total} instances
              </Link>
            ) : null}
          </Section>
          <Section title="Called by">
            <EdgesList edges={incoming} toward="callers" empty="Nobody calls it, as far as callers report." />
          </Section>
          <Section title="Calls">
            <EdgesList edges={outgoing} toward="callees" empty="It calls no other service, as far as it reports." />
          </Section>
        </div>
      ) : (
        <EmptyState title="No such service">
          {name} is not registered. It may have been forgotten; the{' '}
          <Link href={`/journal?service=${encodeURIComponent(name)}`} className="text-accent hover:underline">
            journal
          </Link>{' '}
          may tell.
        </EmptyState>
      )}
    </Sheet>
  )
}
