import type { Metadata } from 'next'
import { Demo } from '@/components/demo/demo'
import type { FleetStart } from '@/components/demo/use-fleet'
import { type Caller, holdfast, serverCaller } from '@/components/server-caller'
import { EmptyState } from '@/components/ui/empty-state'
import { Snippet } from '@/components/ui/snippet'

export const metadata: Metadata = { title: 'Demo' }

export default async function DemoPage() {
  const caller = await serverCaller()
  if (holdfast().config.demo) return <Demo first={await readFleet(caller)} />
  return (
    <EmptyState title="No demo fleet runs here">
      <p className="mb-3">
        It is six services in twelve processes with customers, to learn the product with. Start it with:
      </p>
      <Snippet code="npm start -- --demo" label="the command" />
    </EmptyState>
  )
}

/** What the first paint shows; the browser follows from there. Nothing yet while the fleet starts. */
async function readFleet(caller: Caller): Promise<FleetStart> {
  const status = await caller.demo.list({ data: {} }).catch(() => null)
  const names = [...new Set(status?.instances.map((instance) => instance.service))]
  const services = await Promise.all(names.map((name) => caller.registry.get({ data: { name } }).catch(() => null)))
  return { status, instances: services.flatMap((service) => service?.instances ?? []) }
}
