'use client'
import Link from 'next/link'
import type { Fault } from '@/core/gateway/fault'
import { useMay } from '../../shell/session'
import { Ago } from '../../ui/ago'
import { Button } from '../../ui/button'
import { StateGlyph } from '../../ui/state'
import { useGatewayActs } from '../acts'
import { faultDoes, faultOn, who } from '../words'

/** Faults that are on, each with its end and the button that ends it. */
export function FaultList({ faults }: { faults: readonly Fault[] }) {
  const { may } = useMay('operator')
  const acts = useGatewayActs()
  if (faults.length === 0) {
    return (
      <p className="text-sm text-muted">
        None. Those that have ended are in the{' '}
        <Link href="/journal?kinds=fault.started,fault.ended" className="text-accent underline">
          journal
        </Link>
        .
      </p>
    )
  }
  return (
    <ul className="divide-y divide-line rounded-md border border-operator" aria-label="Faults that are on">
      {faults.map((fault) => (
        <li key={fault.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2.5 text-sm">
          <StateGlyph state="operator" />
          <div className="min-w-0 flex-1 basis-64">
            <p>
              <Target fault={fault} />: {faultDoes(fault)}
            </p>
            <p className="text-xs text-muted">
              by {who(fault.by)} <Ago at={fault.startedAt} />: “{fault.reason}”
            </p>
          </div>
          <p className="text-operator">
            ends <Ago at={fault.expiresAt} />
          </p>
          {may ? (
            <Button size="sm" aria-label={`End the fault on ${faultOn(fault)}`} onClick={() => void acts.endNow(fault)}>
              End it
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function Target({ fault }: { fault: Fault }) {
  const { target } = fault
  const href =
    'route' in target
      ? `/gateway?route=${encodeURIComponent(target.route)}`
      : `/?edge=${encodeURIComponent(`${target.caller}→${target.callee}:http`)}`
  return (
    <Link href={href} className="font-medium hover:underline">
      {faultOn(fault).replace(/^./, (letter) => letter.toUpperCase())}
    </Link>
  )
}
