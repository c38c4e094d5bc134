import type { OperatorIntent } from '@/core/instance'
import { Ago } from '../ui/ago'
import { StateGlyph } from '../ui/state'

/** What an operator has set: by whom, why, since when and until when. */
export function IntentNote({ what, intent }: { what: string; intent: OperatorIntent }) {
  return (
    <p className="flex gap-2 rounded-md bg-operator-soft px-3 py-2 text-sm">
      <StateGlyph state="operator" className="mt-1" />
      <span className="min-w-0 break-words">
        <span className="font-medium">{what}</span>, set by {intent.by.replace(/^user:/, '')} <Ago at={intent.since} />:{' '}
        {intent.reason}.{' '}
        <span className="text-muted">
          {intent.until === null ? (
            'Until it is lifted.'
          ) : (
            <>
              Ends <Ago at={intent.until} />.
            </>
          )}
        </span>
      </span>
    </p>
  )
}
