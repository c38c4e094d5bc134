import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

/** What to do when there is no saga yet. */
export function EmptySagas() {
  return (
    <EmptyState title="No saga has run yet">
      <p className="mb-3">
        A saga is a transaction of several steps in several services that ends well or is undone. Define one, let
        workers do its steps, start a run; it shows here while it goes on.
      </p>
      <Snippet
        label="A saga in three calls"
        code={`await holdfast.sagas.define({
  name: 'place-order',
  steps: [
    { name: 'reserve', action: { type: 'task', task: 'reserve-stock' }, undo: {} },
    { name: 'charge', action: { type: 'task', task: 'charge-card' }, undo: {} },
    { name: 'ship', kind: 'pivot', action: { type: 'task', task: 'ship' } },
  ],
})
holdfast.sagas.worker({
  'reserve-stock': { do: (input, ctx) => reserve(input, ctx.key), undo: (input, ctx) => release(ctx.doKey) },
})
await holdfast.sagas.start('place-order', { sku: 'lamp' }, { idempotencyKey: 'order-1' })`}
      />
    </EmptyState>
  )
}
