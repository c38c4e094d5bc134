import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { LiveProvider } from '@/components/live'
import { holdfast, prefetched, requirePrincipal } from '@/components/server-caller'
import { SessionProvider } from '@/components/shell/session'
import { Shell } from '@/components/shell/shell'
import { ApiProvider, Hydrate } from '@/components/trpc'

const faults = { data: {} }

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const principal = await requirePrincipal()
  const { config } = holdfast()
  const caller = holdfast().caller(principal)
  const [topology, journal, state] = await Promise.all([
    caller.telemetry.topology({ data: {} }),
    caller.journal.list({ data: { limit: 50, ofServices: true } }),
    prefetched([{ path: 'gateway.faults.list', input: faults, read: (reader) => reader.gateway.faults.list(faults) }]),
  ])
  const initial = {
    services: topology.services,
    edges: topology.edges,
    events: journal.events.map(({ value: _, ...event }) => event),
    seq: topology.appliedSeq,
    now: topology.now,
  }
  const session = { name: principal.name, role: principal.role ?? 'viewer', demo: config.demo, url: config.publicUrl }
  return (
    <NuqsAdapter>
      <ApiProvider>
        <SessionProvider session={session}>
          <LiveProvider initial={initial}>
            <Hydrate state={state}>
              <Shell>{children}</Shell>
            </Hydrate>
          </LiveProvider>
        </SessionProvider>
      </ApiProvider>
    </NuqsAdapter>
  )
}
