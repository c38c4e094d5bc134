import type { ReactNode } from 'react'
import type { Instance } from '@/core/instance'
import { Ago } from '../ui/ago'
import { formatAge } from '../ui/figure'
import { StateLabel } from '../ui/state'
import { CHECK, HEARTBEAT, REPORTED } from './instance-words'

/** The three kinds of evidence, apart: what it says, what the control plane sees, what a person wants. */
export function Evidence({ instance }: { instance: Instance }) {
  const {
    heartbeat,
    lastHeartbeatAt,
    reported,
    ttlMs,
    checkState,
    checkOutput,
    maintenance,
    serviceMaintenance,
    drain,
  } = instance
  const intents = [
    { what: 'draining', intent: drain },
    { what: 'maintenance', intent: maintenance },
    { what: 'maintenance of the whole service', intent: serviceMaintenance },
  ]
  const set = intents.filter(({ intent }) => intent !== null)
  return (
    <dl className="grid text-sm">
      <Kind name="It says" state={<StateLabel {...HEARTBEAT[heartbeat]} />}>
        {heartbeat === 'none' ? (
          'It registered without a TTL, so no heartbeats are expected.'
        ) : (
          <>
            {lastHeartbeatAt === null ? (
              'No heartbeat yet'
            ) : (
              <>
                Last heartbeat <Ago at={lastHeartbeatAt} />
              </>
            )}
            ; silent for {formatAge(ttlMs)} it counts as down.
          </>
        )}
        {reported.status === 'ok' && reported.note === '' ? null : (
          <span className="block">
            It reports <StateLabel {...REPORTED[reported.status]} className="align-bottom" />
            {reported.note === '' ? null : `: ${reported.note}`}
          </span>
        )}
      </Kind>
      <Kind
        name="We see"
        state={
          checkState === null ? <span className="text-faint">no check</span> : <StateLabel {...CHECK[checkState]} />
        }
      >
        {checkState === null ? (
          'It registered without a check, so nobody looks.'
        ) : checkOutput === '' ? null : (
          <span className="mono break-words">{checkOutput}</span>
        )}
      </Kind>
      <Kind
        name="An operator wants"
        state={
          set.length === 0 ? (
            <span className="text-faint">nothing</span>
          ) : (
            <StateLabel state="operator" word={set.map(({ what }) => what).join(', ')} />
          )
        }
      >
        {set.map(({ what, intent }) =>
          intent === null ? null : (
            <span key={what} className="block break-words">
              {intent.by.replace(/^user:/, '')}, <Ago at={intent.since} />: {intent.reason}.{' '}
              {intent.until === null ? (
                'Until it is lifted.'
              ) : (
                <>
                  Ends <Ago at={intent.until} />.
                </>
              )}
            </span>
          ),
        )}
      </Kind>
    </dl>
  )
}

function Kind({ name, state, children }: { name: string; state: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7.5rem_1fr] gap-x-3 border-b border-line py-2 last:border-b-0">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">
        <div className="flex flex-wrap">{state}</div>
        <div className="text-xs text-muted">{children}</div>
      </dd>
    </div>
  )
}
