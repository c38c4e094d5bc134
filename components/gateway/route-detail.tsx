'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { RouteView } from '@/core/gateway/view'
import { Section } from '../services/section'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { Button, buttonStyle } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { formatRate } from '../ui/figure'
import { StateGlyph } from '../ui/state'
import { useGatewayActs } from './acts'
import { Configured } from './configured'
import { bare } from './draft'
import { ObservedNow } from './observed'
import { requestFor, tryHref } from './try/form'
import type { GatewayNow } from './use-gateway'
import { faultDoes, isOnRoute, who } from './words'

/** All there is to know of one route: what is seen of it first, then what it was told to do. */
export function RouteDetail({ view, gateway }: { view: RouteView; gateway: GatewayNow }) {
  const { route } = view
  const faults = gateway.faults.filter((fault) => isOnRoute(fault, route.id))
  return (
    <div className="grid gap-6">
      <Acts view={view} gateway={gateway} />
      {faults.map((fault) => (
        <p
          key={fault.id}
          className="flex items-start gap-2 rounded-md bg-operator-soft px-3 py-2 text-sm text-operator"
        >
          <StateGlyph state="operator" size={11} className="mt-1" />
          <span>
            Fault by {who(fault.by)}: {faultDoes(fault)}. It ends <Ago at={fault.expiresAt} />.{' '}
            <Link href="/gateway/faults" className="underline">
              Look at it
            </Link>
          </span>
        </p>
      ))}
      <Section title="Observed">
        <ObservedNow view={view} gateway={gateway} />
      </Section>
      <Section title="Configured">
        {route.description === '' ? null : <p className="text-sm">{route.description}</p>}
        <Configured route={route} />
        <p className="text-xs text-muted">
          Revision{' '}
          <Link href={`/gateway/revisions?revision=${route.revision}`} className="text-accent underline">
            {route.revision}
          </Link>
          , by {who(route.updatedBy)} <Ago at={route.updatedAt} />: “{route.reason}”
        </p>
      </Section>
    </div>
  )
}

function Acts({ view, gateway }: { view: RouteView; gateway: GatewayNow }) {
  const { route, observed } = view
  const { may, why } = useMay('operator')
  const acts = useGatewayActs()
  const router = useRouter()
  const [asking, setAsking] = useState<'remove' | 'switch' | null>(null)
  const log = `/gateway/log?route=${encodeURIComponent(route.id)}`
  const now =
    observed.requests === 0 ? 'Nobody uses it just now.' : `It takes ${formatRate(observed.ratePerSec)} just now.`
  const close = () => setAsking(null)
  return (
    <div className="flex flex-wrap gap-2">
      {may ? (
        <>
          <Link
            href={`/gateway/routes/${encodeURIComponent(route.id)}`}
            className={buttonStyle({ variant: 'primary' })}
          >
            Change {route.id}
          </Link>
          <Button onClick={() => setAsking('switch')}>{route.enabled ? 'Disable' : 'Enable'}</Button>
          <Link href={`/gateway/faults?route=${encodeURIComponent(route.id)}`} className={buttonStyle()}>
            Make a fault
          </Link>
          <Link href={tryHref(requestFor(route.match))} className={buttonStyle()}>
            Try
          </Link>
          <Link href={log} className={buttonStyle()}>
            Log
          </Link>
          <Button variant="danger" onClick={() => setAsking('remove')}>
            Remove
          </Button>
        </>
      ) : (
        <>
          <Link href={log} className={buttonStyle()}>
            Log
          </Link>
          <p className="w-full text-xs text-muted">Looking only. {why}</p>
        </>
      )}
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={close}
        title={`Remove ${route.id}?`}
        action={`Remove ${route.id}`}
        danger
        onConfirm={async ({ reason }) => {
          await acts.remove(route, gateway.revision, reason)
          router.push('/gateway')
        }}
      >
        <p>{now}</p>
        <p>Such requests go to the next route that takes them; without one they hear 404 within milliseconds.</p>
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === 'switch'}
        onOpenChange={close}
        title={route.enabled ? `Disable ${route.id}?` : `Enable ${route.id}?`}
        action={route.enabled ? `Disable ${route.id}` : `Enable ${route.id}`}
        danger={route.enabled}
        onConfirm={({ reason }) => acts.save({ ...bare(route), enabled: !route.enabled }, route.revision, reason)}
      >
        {route.enabled ? (
          <>
            <p>{now}</p>
            <p>It stays as it is, but takes nothing. Requests under way end as they would.</p>
          </>
        ) : (
          <p>It takes what it matches again, within milliseconds.</p>
        )}
      </ConfirmDialog>
    </div>
  )
}
