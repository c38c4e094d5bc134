import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

export function EmptyBreakers() {
  return (
    <EmptyState title="No breaker is in use">
      <p className="mb-3">
        Every <code className="font-mono text-xs">holdfast.call</code> passes one of its service and one of its
        instance. For anything else, name one:
      </p>
      <Snippet
        label="A breaker in two lines"
        code={`const charge = holdfast.breaker('payments.charge', { failureRateThreshold: 0.5 })
await charge.execute((signal) => fetch(url, { signal }))`}
      />
    </EmptyState>
  )
}
