'use client'
import type { Policy } from '@/core/policy'
import { DiffView } from '../journal/diff-view'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { StateGlyph } from '../ui/state'
import type { Draft } from './draft'
import { who } from './words'

/** Somebody was first: who, why and what, and the two ways on. Nothing is overwritten unseen. */
export function Conflict(props: { draft: Draft; now: Policy | null; onTheirs: () => void; onMine: () => void }) {
  const { draft, now } = props
  return (
    <section
      role="alert"
      aria-label="Changed meanwhile"
      className="grid gap-3 rounded-md border border-operator bg-operator-soft px-3 py-3 text-sm"
    >
      <p className="flex items-start gap-2">
        <StateGlyph state="operator" size={11} className="mt-1" />
        <span>
          {now ? (
            <>
              <span className="font-medium">{who(now.updatedBy)}</span> changed {draft.name} <Ago at={now.updatedAt} />,
              while you were editing: “{now.reason}”
            </>
          ) : (
            <>Somebody removed what was set for {draft.name} while you were editing; its values come from code now.</>
          )}
        </span>
      </p>
      <div className="rounded-md bg-surface p-2">
        <p className="mb-1 text-xs text-muted">Theirs, and what yours would make of it</p>
        <DiffView before={now?.values ?? {}} after={draft.values} none="Both say the same." />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={props.onTheirs}>
          Take theirs
        </Button>
        <Button size="sm" variant="quiet" onClick={props.onMine}>
          Go on with mine
        </Button>
      </div>
    </section>
  )
}
