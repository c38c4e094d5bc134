'use client'
import Link from 'next/link'
import { useState } from 'react'
import type { Revision } from '@/core/gateway/view'
import { useMay } from '../../shell/session'
import { Ago } from '../../ui/ago'
import { Button } from '../../ui/button'
import { RouteDiffView } from '../route-diff-view'
import type { GatewayNow } from '../use-gateway'
import { who } from '../words'
import { RollBackDialog } from './roll-back-dialog'

/** One change of the configuration: who, why, what of it, and the ways back. */
export function RevisionDetail(props: { revision: Revision; later: readonly Revision[]; gateway: GatewayNow }) {
  const { revision, later, gateway } = props
  const { may, why } = useMay('operator')
  const [to, setTo] = useState<number | null>(null)
  const isNow = revision.revision === gateway.revision
  return (
    <div className="grid gap-5">
      <div className="grid gap-1 text-sm">
        <p>“{revision.reason}”</p>
        <p className="text-xs text-muted">
          by {who(revision.actor)} <Ago at={revision.at} />
          {revision.rolledBackTo === null ? null : (
            <>
              , back to what it was at revision{' '}
              <Link href={`/gateway/revisions?revision=${revision.rolledBackTo}`} className="text-accent underline">
                {revision.rolledBackTo}
              </Link>
            </>
          )}
        </p>
      </div>
      {may ? (
        <div className="flex flex-wrap gap-2">
          {isNow ? null : (
            <Button onClick={() => setTo(revision.revision)}>Go back to revision {revision.revision}</Button>
          )}
          <Button onClick={() => setTo(revision.revision - 1)}>Go back to before it</Button>
        </div>
      ) : (
        <p className="text-xs text-muted">Looking only. {why}</p>
      )}
      {revision.changes.map(({ route, before, after }) => (
        <section key={route} aria-label={`Change of ${route}`} className="grid gap-1.5">
          <h3 className="text-sm font-semibold">
            {after === null ? (
              route
            ) : (
              <Link href={`/gateway?route=${encodeURIComponent(route)}`} className="hover:underline">
                {route}
              </Link>
            )}{' '}
            <span className="font-normal text-muted">{changeWord(before, after)}</span>
          </h3>
          <RouteDiffView before={before} after={after} />
        </section>
      ))}
      {to === null ? null : (
        <RollBackDialog
          to={to}
          later={to === revision.revision ? later : [...later, revision]}
          gateway={gateway}
          onClose={() => setTo(null)}
          onDone={() => setTo(null)}
        />
      )}
    </div>
  )
}

export const changeWord = (before: unknown, after: unknown): string =>
  before === null ? 'added' : after === null ? 'removed' : 'changed'
