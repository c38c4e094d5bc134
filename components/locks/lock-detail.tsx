'use client'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import type { LockView, SpanView } from '@/core/lock-view'
import { ActButtons } from '../services/act-buttons'
import type { Act } from '../services/acts'
import { Section } from '../services/section'
import { holdfastError, operation, useTRPC } from '../trpc'
import { Figure, formatAge, formatCount, formatMs } from '../ui/figure'
import { told } from '../ui/toast'
import { LeaseLeft, Since } from './left'
import { TurnStrip } from './turn-strip'
import type { Seen } from './use-locks'
import { who } from './words'

/** All there is to know of one lock. */
export function LockDetail({ seen: { view, at } }: { seen: Seen }) {
  const act = useForceRelease(view)
  return (
    <div className="grid gap-6">
      {view.holders.length > 0 ? <ActButtons acts={[act]} size="sm" /> : null}
      <Section title={view.holders.length > 1 ? `Held by ${view.holders.length}` : 'Held by'}>
        {view.holders.length === 0 ? (
          <p className="text-sm text-muted">
            {view.delayLeftMs > 0
              ? `Nobody: closed for ${formatAge(view.delayLeftMs)} more, so that a holder whose lease ran out can notice.`
              : 'Nobody just now.'}
          </p>
        ) : (
          <ul className="grid gap-2">
            {view.holders.map((holder) => (
              <li key={holder.lockId} className="grid gap-1 rounded-md border border-line px-3 py-2 text-sm">
                <div className="flex flex-wrap items-baseline justify-between gap-2">
                  <span className="font-medium">{who(holder)}</span>
                  <LeaseLeft leftMs={holder.leftMs} ttlMs={holder.ttlMs} at={at} />
                </div>
                <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs text-muted">
                  <dt>Held for</dt>
                  <dd className="tabular-nums">
                    <Since ms={holder.heldMs} at={at} />, renewed {formatCount(holder.renewals)} ×
                    {holder.count > 1 ? `, entered ${holder.count} ×` : ''}
                  </dd>
                  <dt>Token</dt>
                  <dd className="tabular-nums">{holder.fencingToken}</dd>
                  <dt>Session</dt>
                  <dd className="truncate font-mono" title={holder.session}>
                    {holder.session}
                  </dd>
                  <dt>Instance</dt>
                  <dd>
                    {holder.instance === null ? (
                      'none: it does not end with one'
                    ) : (
                      <InstanceLink id={holder.instance} />
                    )}
                  </dd>
                </dl>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={view.waiting === 0 ? 'Queue' : `Queue: ${view.waiting} waiting`}>
        {view.queue.length === 0 ? (
          <p className="text-sm text-muted">Nobody waits.</p>
        ) : (
          <ol className="grid text-sm">
            {view.queue.map((waiter, place) => (
              <li
                key={waiter.lockId}
                className="grid grid-cols-[1.5rem_minmax(0,1fr)_auto] gap-2 border-b border-line py-1.5 last:border-b-0"
              >
                <span className="text-muted tabular-nums">{place + 1}</span>
                <span className="truncate">
                  {who(waiter)}
                  {waiter.mode === 'shared' ? <span className="text-muted"> to read</span> : null}
                </span>
                <span className="text-xs leading-5 text-muted tabular-nums">
                  for <Since ms={waiter.waitedMs} at={at} />, gives up after{' '}
                  {formatAge(waiter.leftMs + waiter.waitedMs)}
                </span>
              </li>
            ))}
          </ol>
        )}
        {view.waiting > view.queue.length ? (
          <p className="text-xs text-muted">{view.waiting - view.queue.length} more wait behind these.</p>
        ) : null}
      </Section>
      <Section title="Since the control plane started">
        <div className="grid grid-cols-3 gap-3">
          <Figure label="Acquired" value={formatCount(view.acquired)} />
          <Figure label="Had to wait" value={formatCount(view.contended)} />
          <Figure label="Gave up" value={formatCount(view.timedOut)} />
        </div>
        <table className="w-full text-left text-sm" aria-label="Hold and wait times">
          <thead>
            <tr className="text-xs text-muted">
              <th scope="col" className="font-normal">
                Time
              </th>
              <th scope="col" className="text-right font-normal">
                p50
              </th>
              <th scope="col" className="text-right font-normal">
                p99
              </th>
              <th scope="col" className="text-right font-normal">
                longest
              </th>
            </tr>
          </thead>
          <tbody>
            <SpanRow word="held" span={view.held} />
            <SpanRow word="waited for" span={view.waited} />
          </tbody>
        </table>
      </Section>
      <Section title="Who held it">
        <TurnStrip resource={view.resource} version={`${view.lastToken}/${view.holders.length}`} />
      </Section>
    </div>
  )
}

function SpanRow({ word, span }: { word: string; span: SpanView }) {
  const figure = (ms: number | null) => (ms === null ? 'not yet' : formatMs(ms))
  return (
    <tr className="tabular-nums">
      <th scope="row" className="py-1 font-normal">
        {word} <span className="text-xs text-faint">{formatCount(span.count)} ×</span>
      </th>
      <td className="text-right">{figure(span.p50Ms)}</td>
      <td className="text-right">{figure(span.p99Ms)}</td>
      <td className="text-right">{figure(span.maxMs)}</td>
    </tr>
  )
}

function InstanceLink({ id }: { id: string }) {
  return (
    <Link href={`/services?q=${encodeURIComponent(id)}`} prefetch={false} className="text-accent hover:underline">
      {id}
    </Link>
  )
}

function useForceRelease(view: LockView): Act {
  const trpc = useTRPC()
  const { mutateAsync } = useMutation(trpc.locks.forceRelease.mutationOptions())
  const holders = view.holders.map(who).join(', ')
  const [next] = view.queue
  const { resource, lastToken } = view
  return {
    title: `Release ${resource} by force?`,
    action: 'Release by force',
    danger: true,
    lines: [
      `${holders} ${view.holders.length > 1 ? 'lose' : 'loses'} it at once: the work under it is aborted, and a late write with token ${view.holders.map(({ fencingToken }) => fencingToken).join(', ')} is refused by whatever checks tokens.`,
      next ? `${who(next)} gets it next; ${view.waiting} wait.` : 'Nobody waits for it: it will be free.',
      'This cannot be undone.',
    ],
    async run({ reason }) {
      try {
        await mutateAsync(operation({ resource, fencingToken: lastToken, reason }))
      } catch (error) {
        throw new Error(holdfastError(error).message)
      }
      told(`${resource} was released by force.`)
    },
  }
}
