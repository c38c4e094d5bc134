'use client'
import Link from 'next/link'
import { useMay } from '../shell/session'
import { PageHeader } from '../ui/page-header'
import { SkeletonRows } from '../ui/skeleton'
import { Customers } from './customers'
import { DeadlockCard } from './deadlock'
import { ExperimentCard } from './experiment-card'
import { EXPERIMENTS } from './experiments'
import { Part } from './part'
import { Processes } from './processes'
import { useDeed } from './use-deed'
import { useExperiments } from './use-experiments'
import { type FleetStart, useFleet } from './use-fleet'

/** The demo fleet: break something, and see what the control plane makes of it. */
export function Demo({ first }: { first: FleetStart }) {
  const { status, observed } = useFleet(first)
  const { act, busy } = useDeed()
  const { runs, begin, forget } = useExperiments(status, observed, act)
  const { may, why } = useMay('operator')
  return (
    <div className="mx-auto grid max-w-[112rem] gap-6 px-4 pt-4 pb-8">
      <PageHeader
        title="Demo fleet"
        description={
          <p className="max-w-3xl">
            {status
              ? `${status.instances.length} real processes on this machine, ordinary users of the SDK, with customers who browse and order. `
              : 'Real processes on this machine, ordinary users of the SDK. '}
            Break one, and watch it here or on the{' '}
            <Link href="/" className="text-accent underline underline-offset-2">
              map
            </Link>
            . Everything you do is in the{' '}
            <Link href="/journal/audit" className="text-accent underline underline-offset-2">
              audit trail
            </Link>
            .
          </p>
        }
      />
      {may ? null : <p className="text-sm text-muted">Looking only. {why}</p>}
      {status ? (
        <>
          <Part title="What customers meet">
            <Customers load={status.load} at={status.at} />
          </Part>
          <div className="grid items-start gap-6 xl:grid-cols-[20rem_minmax(0,1fr)]">
            <Part title="Experiments" note="ticked off as they are seen">
              <ul>
                {EXPERIMENTS.map((experiment) => (
                  <ExperimentCard
                    key={experiment.id}
                    experiment={experiment}
                    progress={runs.get(experiment.id)}
                    busy={busy.has(experiment.instance)}
                    onBegin={() => void begin(experiment)}
                    onUndo={() => experiment.undo && void act(experiment.instance, experiment.undo.action)}
                    onForget={() => forget(experiment)}
                  />
                ))}
                <DeadlockCard />
              </ul>
            </Part>
            <Part title="Processes" note="what they do, beside what the registry sees of it">
              <Processes instances={status.instances} observed={observed} busy={busy} act={act} />
            </Part>
          </div>
        </>
      ) : (
        <SkeletonRows rows={12} />
      )}
    </div>
  )
}
