import type { Hold } from '@/core/instance'
import { Ago } from '../ui/ago'
import { StateGlyph } from '../ui/state'

/** A mass expiry that was not believed, and what to make of it. */
export function HoldNote({ hold }: { hold: Hold }) {
  return (
    <div className="flex gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm">
      <StateGlyph state="warning" className="mt-1" />
      <p className="min-w-0">
        <span className="font-medium">
          {hold.instanceIds.length} of {hold.total} stopped beating together, <Ago at={hold.since} />.
        </span>{' '}
        Their expiry is held: they stay in discovery, marked as unknown, since a broken network is likelier than so many
        broken processes. It lifts by itself when they beat again. Release it if you know that they are down.
      </p>
    </div>
  )
}
