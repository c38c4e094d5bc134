'use client'
import type { Route, RouteSpec } from '@/core/gateway/route'
import { Ago } from '../../ui/ago'
import { Button } from '../../ui/button'
import { StateGlyph } from '../../ui/state'
import { RouteDiffView } from '../route-diff-view'
import { who } from '../words'

/** Somebody was first: who, why and what, and the two ways on. Nothing is overwritten unseen. */
export function Conflict(props: { mine: RouteSpec; now: Route | null; onTheirs: () => void; onMine: () => void }) {
  const { mine, now } = props
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
              <span className="font-medium">{who(now.updatedBy)}</span> set {now.id} <Ago at={now.updatedAt} />, while
              you were editing, revision {now.revision}: “{now.reason}”
            </>
          ) : (
            <>Somebody removed {mine.id} while you were editing. To save it makes it anew.</>
          )}
        </span>
      </p>
      {now ? (
        <div className="grid gap-1 rounded-md bg-surface p-2">
          <p className="text-xs text-muted">Theirs, and what yours would make of it</p>
          <RouteDiffView before={now} after={mine} />
        </div>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={props.onTheirs}>
          {now ? 'Take theirs' : 'Leave it removed'}
        </Button>
        <Button size="sm" variant="quiet" onClick={props.onMine}>
          Go on with mine
        </Button>
      </div>
    </section>
  )
}
