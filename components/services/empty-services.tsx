'use client'
import { useSession } from '../shell/session'
import { EmptyState } from '../ui/empty-state'
import { PageHeader } from '../ui/page-header'
import { Snippet } from '../ui/snippet'

const program = (url: string) => `import { connect, serve } from '@holdfast/sdk'

const server = await serve((_, res) => res.end('ok'), { port: 4103 })

const holdfast = await connect({
  url: '${url}',
  token: process.env.HOLDFAST_TOKEN,
  service: { name: 'payments', address: server.address,
             check: { http: '/healthz' } },
  server,
})`

/** Nothing has registered: how to register something. */
export function EmptyServices() {
  const { url } = useSession()
  return (
    <div className="p-4">
      <PageHeader title="Services" />
      <EmptyState title="No service has registered yet">
        <div className="grid min-w-0 gap-3">
          <p>
            Create a token under Settings, then start this. It registers, beats, is checked, and shows up here within a
            second.
          </p>
          <Snippet label="A service in ten lines" code={program(url)} />
          <p>Or look at a fleet that is already there:</p>
          <Snippet label="Command that starts the demo" code="npm start -- --demo" />
        </div>
      </EmptyState>
    </div>
  )
}
