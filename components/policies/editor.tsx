'use client'
import { useDeferredValue, useState } from 'react'
import type { RetryPolicy } from '@/core/policy'
import { DiffView } from '../journal/diff-view'
import { Section } from '../services/section'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { Badge } from '../ui/badge'
import { Button } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { StateGlyph } from '../ui/state'
import { isConflict, usePolicyActs } from './acts'
import { Conflict } from './conflict'
import { type Draft, draftOf, inForce, isChanged, withValue } from './draft'
import { Preview } from './preview'
import { Settings } from './settings'
import type { PolicyView } from './use-policies'
import { Users } from './users'
import { who } from './words'

/** One policy: its values with where each comes from, what it will do, and who follows it. */
export function Editor({ name, view }: { name: string; view: PolicyView | null }) {
  const stored = view?.stored ?? null
  const [edited, setEdited] = useState<Draft | null>(null)
  const draft = edited ?? draftOf(name, stored)
  const changed = edited !== null && isChanged(edited, stored)
  const raced = changed && edited.base !== (stored?.version ?? 0)
  const { policy, sources, problem } = inForce(draft)
  const shown = useDeferredValue(policy)
  const { may, why } = useMay('operator')
  const acts = usePolicyActs()
  const [asking, setAsking] = useState<'save' | 'remove' | null>(null)
  const users = view?.users.length ?? 0
  const change = <K extends keyof RetryPolicy>(field: K, value: RetryPolicy[K] | undefined) =>
    setEdited(withValue(draft, field, value))

  return (
    <article aria-label={`Policy ${name}`} className="grid min-w-0 grid-cols-1 gap-5">
      <header className="grid gap-2">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <h2 className="flex min-w-0 items-center gap-2 text-lg font-semibold">
            <span className="truncate">{name}</span>
            {view?.builtIn ? <Badge>built in</Badge> : stored ? null : <Badge>not set</Badge>}
          </h2>
          {may ? (
            <div className="flex flex-wrap gap-2">
              {changed ? (
                <Button variant="quiet" onClick={() => setEdited(null)}>
                  Discard
                </Button>
              ) : null}
              {stored && !changed ? (
                <Button variant="danger" onClick={() => setAsking('remove')}>
                  {view?.builtIn ? `Reset ${name}` : `Remove ${name}`}
                </Button>
              ) : null}
              <Button
                variant="primary"
                disabled={!(changed || (view === null && edited === null)) || raced || problem !== null}
                onClick={() => setAsking('save')}
              >
                Save {name}
              </Button>
            </div>
          ) : (
            <p className="text-xs text-muted">Looking only. {why}</p>
          )}
        </div>
        {view?.description ? <p className="text-sm text-muted">{view.description}</p> : null}
        {stored ? (
          <p className="flex items-center gap-1.5 text-xs text-muted">
            <StateGlyph state="operator" size={9} />
            <span>
              Set by {who(stored.updatedBy)} <Ago at={stored.updatedAt} />: “{stored.reason}”
            </span>
          </p>
        ) : null}
      </header>
      {raced ? (
        <Conflict
          draft={draft}
          now={stored}
          onTheirs={() => setEdited(null)}
          onMine={() => setEdited({ ...draft, base: stored?.version ?? 0 })}
        />
      ) : null}
      <div className="grid grid-cols-1 items-start gap-x-8 gap-y-6 xl:grid-cols-[21rem_minmax(0,1fr)]">
        <Section title="Its values">
          <Settings policy={policy} sources={sources} problem={problem} disabled={!may} onChange={change} />
        </Section>
        {/* Beside the values that it follows, wherever one scrolls to. */}
        <div className="grid grid-cols-1 gap-6 xl:sticky xl:top-4">
          <Preview policy={problem ? inForce(draftOf(name, stored)).policy : shown} />
          <Users users={view?.users ?? []} />
        </div>
      </div>
      <ConfirmDialog
        open={asking === 'save'}
        onOpenChange={(open) => setAsking(open ? 'save' : null)}
        title={`Save ${name}`}
        action={`Save ${name}`}
        onConfirm={async ({ reason }) => {
          try {
            await acts.save(draft, stored, reason)
            setEdited(null)
          } catch (error) {
            // What they set has been read again by now: the page shows it beside what was to be saved.
            if (!isConflict(error)) throw error
          }
        }}
      >
        <p className="mb-2">{consequence(users)}</p>
        <DiffView before={stored?.values ?? {}} after={draft.values} none="The values stay as they are." />
      </ConfirmDialog>
      {stored ? (
        <ConfirmDialog
          open={asking === 'remove'}
          onOpenChange={(open) => setAsking(open ? 'remove' : null)}
          title={view?.builtIn ? `Reset ${name} to what is built in` : `Remove ${name}`}
          action={view?.builtIn ? `Reset ${name}` : `Remove ${name}`}
          danger
          onConfirm={({ reason }) => acts.remove(stored, reason)}
        >
          <p className="mb-2">
            {users === 0
              ? 'Nobody follows it now.'
              : `${counted(users)} at once take the values of their own code, else these.`}
          </p>
          <DiffView before={stored.values} after={{}} none="Nothing was set." />
        </ConfirmDialog>
      ) : null}
    </article>
  )
}

const counted = (users: number) =>
  users === 1 ? 'The 1 caller that follows it' : `The ${users} callers that follow it`

function consequence(users: number): string {
  if (users === 0) return 'Nobody follows it now; whoever does later gets these values.'
  return users === 1
    ? 'The 1 caller that follows it retries by these values at once.'
    : `The ${users} callers that follow it retry by these values at once.`
}
