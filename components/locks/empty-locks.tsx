import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

export function EmptyLocks() {
  return (
    <EmptyState title="Nothing is locked">
      <p className="mb-3">A service takes a lock like this; it shows here while it is held or waited for.</p>
      <Snippet
        label="A lock in three lines"
        code={`await holdfast.lock('invoice:42', { ttlMs: 10_000, waitMs: 5_000 }, async (lease) => {
  await store.write(row, { fencingToken: lease.fencingToken, signal: lease.signal })
})`}
      />
    </EmptyState>
  )
}
