'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { actorWords } from '../journal/names'
import { usePaused } from '../live'
import { Section } from '../services/section'
import { useMay } from '../shell/session'
import { useTRPC } from '../trpc'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { PageHeader } from '../ui/page-header'
import { Table, Td, Th, Tr } from '../ui/table'
import { MarkLabel } from './glyph'
import { QueueLimit } from './queue-limit'
import { SagasTabs } from './sagas-tabs'
import type { Mark } from './words'
import { WorkerName } from './worker-name'

/** Workers come and go without a run that changes: they are asked about, while the page is open. */
const AGAIN_MS = 2_000
const TASKS_SHOWN = 6
const HTTP = '@http'

export interface WorkersView {
  /** `key`: `queue/task` */
  queues: { queue: string; key: string; waiting: number; workers: number; inFlight: number }[]
  limits: { queue: string; limit: number }[]
  sessions: { worker: string; actor: string; keys: readonly string[]; capacity: number; busy: number }[]
}

/** Who carries steps out, what waits for somebody, and how much of a queue may be under way. */
export function WorkersPage({ first, waiting }: { first: WorkersView; waiting: number }) {
  const trpc = useTRPC()
  const paused = usePaused()
  const { data } = useQuery(
    trpc.sagas.queues.list.queryOptions(
      { data: {} },
      { initialData: first as never, refetchInterval: paused ? false : AGAIN_MS },
    ),
  )
  const view = data as unknown as WorkersView
  const { may, why } = useMay('operator')
  const [asked, setAsked] = useState<string | null>(null)
  const limits = new Map(view.limits.map(({ queue, limit }) => [queue, limit]))
  const busy = new Map(view.queues.map(({ queue, inFlight }) => [queue, inFlight]))
  const queues = [...new Set([...busy.keys(), ...limits.keys(), 'default'])].sort()
  const tasks = [...view.queues].sort((a, b) => b.waiting - a.waiting || (a.key < b.key ? -1 : 1))
  return (
    <div className="grid grid-cols-1 gap-6 px-4 pt-4 pb-8">
      <div className="grid grid-cols-1 gap-3">
        <PageHeader title="Sagas" description="Who carries steps out, and what waits for somebody to do so." />
        <SagasTabs current="workers" waiting={waiting} />
      </div>
      <Section title="What is to be done">
        {tasks.length === 0 ? (
          <EmptyState title="Nobody asks for tasks, and none waits">
            A worker subscribes to sagas.claim with the names of the tasks that it takes; then it stands here.
          </EmptyState>
        ) : (
          <Table label="Tasks">
            <thead>
              <tr>
                <Th>Task</Th>
                <Th>Queue</Th>
                <Th>State</Th>
                <Th className="text-right">Waiting</Th>
                <Th className="text-right">Workers</Th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((one) => (
                <Tr key={one.key}>
                  <Td className="mono text-xs">
                    {one.queue === HTTP ? 'HTTP calls' : one.key.slice(one.queue.length + 1)}
                  </Td>
                  <Td className="text-muted">{one.queue === HTTP ? 'the control plane' : one.queue}</Td>
                  <Td>
                    <MarkLabel mark={stateOf(one)} />
                  </Td>
                  <Td className="text-right tabular-nums">{one.waiting}</Td>
                  <Td className="text-right tabular-nums">{one.queue === HTTP ? '–' : one.workers}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      <Section title="How much at once">
        <Table label="Queues">
          <thead>
            <tr>
              <Th>Queue</Th>
              <Th className="text-right">Under way</Th>
              <Th className="text-right">At most</Th>
              <Th>
                <span className="sr-only">Change</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <Tr key={queue}>
                <Td>{queue === HTTP ? 'HTTP calls of the control plane' : queue}</Td>
                <Td className="text-right tabular-nums">{busy.get(queue) ?? 0}</Td>
                <Td className="text-right tabular-nums">{limits.get(queue) ?? 'any number'}</Td>
                <Td className="text-right">
                  {queue === HTTP ? null : (
                    <Button size="sm" disabled={!may} title={why} onClick={() => setAsked(queue)}>
                      Limit {queue}
                    </Button>
                  )}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Section>
      <Section title="Who is here">
        {view.sessions.length === 0 ? (
          <p className="text-sm text-muted">No worker is connected.</p>
        ) : (
          <Table label="Connected workers">
            <thead>
              <tr>
                <Th>Worker</Th>
                <Th className="text-right">In hand</Th>
                <Th>Takes</Th>
                <Th>Signed in as</Th>
              </tr>
            </thead>
            <tbody>
              {view.sessions.map((one) => (
                <Tr key={one.worker}>
                  <Td>
                    <WorkerName worker={one.worker} />
                  </Td>
                  <Td className="text-right tabular-nums">
                    {one.busy} of {one.capacity}
                  </Td>
                  <Td className="mono text-xs whitespace-normal text-muted" title={one.keys.join(', ')}>
                    {one.keys.slice(0, TASKS_SHOWN).map(short).join(', ')}
                    {one.keys.length > TASKS_SHOWN ? ` and ${one.keys.length - TASKS_SHOWN} more` : ''}
                  </Td>
                  <Td className="text-muted">{actorWords(one.actor)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      {asked === null ? null : (
        <QueueLimit
          key={asked}
          queue={asked}
          limit={limits.get(asked) ?? null}
          busy={busy.get(asked) ?? 0}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  )
}

const short = (key: string) => (key.startsWith('default/') ? key.slice('default/'.length) : key)

function stateOf({ queue, waiting, workers }: WorkersView['queues'][number]): Mark {
  if (waiting === 0) return { shape: 'disc', tone: 'healthy', word: 'up to date' }
  return workers === 0 && queue !== HTTP
    ? { shape: 'diamond', tone: 'unhealthy', word: 'nobody takes it' }
    : { shape: 'triangle', tone: 'warning', word: 'all places are taken' }
}
