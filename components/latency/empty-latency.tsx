import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

export function EmptyLatency() {
  return (
    <EmptyState title="No call has been measured yet">
      <p className="mb-3">
        A service that calls through the SDK is measured, and so is every request through the gateway. A service that
        answers through <code className="font-mono text-xs">serve</code> tells its own part of the time.
      </p>
      <Snippet
        label="A measured call"
        code={`const server = await serve(handler, { concurrencyMax: 64 })
const holdfast = await connect({ url, token, server, service: { name: 'orders', address: server.address } })
const answer = await holdfast.call('payments', '/charge', { body })
answer.timing // { totalMs, networkMs, processingMs, queueMs, unattributedMs, quality }`}
      />
    </EmptyState>
  )
}
