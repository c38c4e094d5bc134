'use client'
import Link from 'next/link'
import { useMay } from '../../shell/session'
import { Ago } from '../../ui/ago'
import { Button } from '../../ui/button'
import { StateGlyph } from '../../ui/state'
import { useGatewayActs } from '../acts'
import { faultDoes, faultOn } from '../words'
import { useFaults } from './use-faults'

/** Said on every page while something is made to fail on purpose, with the way to end it. */
export function FaultBanner() {
  const faults = useFaults()
  const { may } = useMay('operator')
  const acts = useGatewayActs()
  const [first] = faults
  if (!first) return null
  const soonest = faults.reduce((a, b) => (b.expiresAt < a.expiresAt ? b : a))
  return (
    <section
      aria-label="Faults made on purpose"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-operator bg-operator-soft px-4 py-1.5 text-sm text-operator"
    >
      <StateGlyph state="operator" />
      <p className="min-w-0 flex-1 basis-64">
        <span role="status">
          {faults.length === 1 ? (
            <>
              <strong className="font-semibold">A fault made on purpose</strong> on {faultOn(first)}: {faultDoes(first)}
              .
            </>
          ) : (
            <>
              <strong className="font-semibold">{faults.length} faults made on purpose</strong> on{' '}
              {faults.slice(0, 3).map(faultOn).join(', ')}
              {faults.length > 3 ? ` and ${faults.length - 3} more` : ''}.
            </>
          )}
        </span>{' '}
        <span className="whitespace-nowrap">
          {faults.length === 1 ? 'It ends' : 'The first ends'} <Ago at={soonest.expiresAt} />.
        </span>
      </p>
      <span className="flex items-center gap-3">
        <Link href="/gateway/faults" className="underline underline-offset-2">
          {faults.length === 1 ? 'Look at it' : 'Look at them'}
        </Link>
        {may && faults.length === 1 ? (
          <Button size="sm" onClick={() => void acts.endNow(first)}>
            End the fault
          </Button>
        ) : null}
      </span>
    </section>
  )
}
