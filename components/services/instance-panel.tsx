'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Instance } from '@/core/instance'
import { holdfastError, useTRPC } from '../trpc'
import { Ago } from '../ui/ago'
import { Badge } from '../ui/badge'
import { Sheet } from '../ui/sheet'
import { SkeletonRows } from '../ui/skeleton'
import { StateLabel } from '../ui/state'
import { Checks } from './checks'
import { Evidence } from './evidence'
import { InstanceActs } from './instance-acts'
import { ENTRIES_SHOWN } from './ranges'
import { Section } from './section'
import type { Traffic } from './traffic'
import { Transitions } from './transitions'

export function InstancePanel(props: {
  id: string
  /** undefined: gone, or never there */
  instance: Instance | undefined
  siblings: readonly Instance[]
  traffic: Traffic
  onClose: () => void
}) {
  const { id, instance } = props
  const trpc = useTRPC()
  const history = useQuery(trpc.registry.history.queryOptions({ data: { id, limit: ENTRIES_SHOWN } }))
  return (
    <Sheet
      label={`Instance ${id}`}
      onClose={props.onClose}
      title={
        <>
          <h2 className="truncate text-lg font-semibold" title={id}>
            {id}
          </h2>
          <div className="flex flex-wrap items-center gap-x-2 text-sm">
            <StateLabel state={instance?.health ?? 'gone'} className="font-medium" />
            {instance?.flapping ? <Badge className="border-warning text-warning">flapping</Badge> : null}
            <span className="text-muted">{instance?.reason ?? 'no longer registered'}</span>
          </div>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5">
        {instance ? (
          <>
            <InstanceActs instance={instance} siblings={props.siblings} traffic={props.traffic} />
            <Section title="Evidence">
              <Evidence instance={instance} />
            </Section>
            <Section title="Registration">
              <Registration instance={instance} />
            </Section>
            <Checks instance={instance} runs={history.data?.checks ?? []} onChecked={() => void history.refetch()} />
          </>
        ) : null}
        <Section title="What happened">
          {history.data ? (
            <Transitions id={id} transitions={history.data.transitions} />
          ) : history.error ? (
            <p className="text-sm text-muted">{holdfastError(history.error).message}</p>
          ) : (
            <SkeletonRows rows={5} />
          )}
        </Section>
      </div>
    </Sheet>
  )
}

function Registration({ instance }: { instance: Instance }) {
  const metadata = Object.entries(instance.metadata)
  return (
    <dl className="grid grid-cols-[7.5rem_1fr] gap-x-3 gap-y-1 text-sm">
      <Fact name="Address">
        <span className="mono">{instance.address}</span>
      </Fact>
      <Fact name="Zone">{instance.zone ?? 'none'}</Fact>
      <Fact name="Version">{instance.version ?? 'none'}</Fact>
      <Fact name="Weight">{instance.weight} (100 is usual)</Fact>
      <Fact name="Tags">
        {instance.tags.length === 0
          ? 'none'
          : instance.tags.map((tag) => (
              <Badge key={tag} className="mr-1">
                {tag}
              </Badge>
            ))}
      </Fact>
      <Fact name="Registered">
        <Ago at={instance.registeredAt} />, generation {instance.generation}
      </Fact>
      <Fact name="Owner">{instance.owner}</Fact>
      {metadata.map(([key, value]) => (
        <Fact key={key} name={<span className="mono">{key}</span>}>
          <span className="mono">{value}</span>
        </Fact>
      ))}
    </dl>
  )
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt className="truncate text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}
