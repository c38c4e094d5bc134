'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useCallback, useState } from 'react'
import type { Json } from '@/core/saga/definition'
import { usePaused } from '../live'
import { useMay } from '../shell/session'
import { holdfastError, operation, useTRPC, useTRPCClient } from '../trpc'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { ConfirmDialog } from '../ui/confirm-dialog'
import { EmptyState } from '../ui/empty-state'
import { PageHeader } from '../ui/page-header'
import { Table, Td, Th, Tr } from '../ui/table'
import { told } from '../ui/toast'
import { MarkLabel } from './glyph'
import { SagasTabs } from './sagas-tabs'
import { ScheduleForm } from './schedule-form'
import { definitionHref, type Mark, runHref } from './words'

/** A schedule moves on once a run at most; there is no stream of them. */
const AGAIN_MS = 3_000

export interface Schedule {
  name: string
  definition: string
  cron: string
  timezone: string
  input: Json
  enabled: boolean
  revision: number
  nextAt: number | null
  lastAt: number | null
  lastRunId: string | null
  lastError: string | null
}

/** Runs that are started by the clock. */
export function SchedulesPage(props: { first: Schedule[]; sagas: string[]; waiting: number }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const paused = usePaused()
  const { may, why } = useMay('operator')
  const { data, refetch } = useQuery(
    trpc.sagas.schedules.list.queryOptions(
      { data: {} },
      { initialData: { schedules: props.first } as never, refetchInterval: paused ? false : AGAIN_MS },
    ),
  )
  const { schedules } = data as unknown as { schedules: Schedule[] }
  const [form, setForm] = useState<{ of: Schedule | null; turn: number } | null>(null)
  const [removed, setRemoved] = useState<string | null>(null)
  const open = (of: Schedule | null) => setForm((before) => ({ of, turn: (before?.turn ?? 0) + 1 }))
  const onKept = useCallback(() => void refetch(), [refetch])
  return (
    <div className="grid grid-cols-1 gap-3 px-4 pt-4 pb-8">
      <PageHeader
        title="Sagas"
        description="Runs that the clock starts. A time that was missed while nobody ran is made up for once."
        actions={
          <Button disabled={!may || props.sagas.length === 0} title={why} onClick={() => open(null)}>
            New schedule
          </Button>
        }
      />
      <SagasTabs current="schedules" waiting={props.waiting} />
      {schedules.length === 0 ? (
        <EmptyState title="Nothing is started by the clock">
          {props.sagas.length === 0
            ? 'Define a saga first; then it can be started at times you choose.'
            : 'A schedule is a cron expression in a time zone, and the saga that it starts.'}
        </EmptyState>
      ) : (
        <Table label="Schedules of sagas">
          <thead>
            <tr>
              <Th>Schedule</Th>
              <Th>State</Th>
              <Th>Starts</Th>
              <Th>When</Th>
              <Th>Next</Th>
              <Th>Last</Th>
              <Th>
                <span className="sr-only">What can be done</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {schedules.map((one) => (
              <Tr key={one.name}>
                <Td className="font-medium">{one.name}</Td>
                <Td title={one.lastError ?? ''}>
                  <MarkLabel mark={stateOf(one)} />
                  {one.lastError ? (
                    <span className="block max-w-72 truncate pb-1 text-xs text-unhealthy">{one.lastError}</span>
                  ) : null}
                </Td>
                <Td>
                  <Link href={definitionHref(one.definition)} className="text-accent hover:underline">
                    {one.definition}
                  </Link>
                </Td>
                <Td>
                  <span className="mono text-xs">{one.cron}</span>{' '}
                  <span className="text-xs text-muted">{one.timezone}</span>
                </Td>
                <Td className="tabular-nums">{one.nextAt === null ? '–' : <Ago at={one.nextAt} />}</Td>
                <Td className="tabular-nums">
                  {one.lastRunId === null || one.lastAt === null ? (
                    <span className="text-muted">never</span>
                  ) : (
                    <Link href={runHref(one.lastRunId)} prefetch={false} className="text-accent hover:underline">
                      <Ago at={one.lastAt} />
                    </Link>
                  )}
                </Td>
                <Td className="text-right">
                  <span className="inline-flex gap-1.5">
                    <Button size="sm" disabled={!may} title={why} onClick={() => open(one)}>
                      Change {one.name}
                    </Button>
                    <Button
                      size="sm"
                      variant="danger"
                      disabled={!may}
                      title={why}
                      aria-label={`Remove ${one.name}`}
                      onClick={() => setRemoved(one.name)}
                    >
                      Remove
                    </Button>
                  </span>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {form ? (
        <ScheduleForm key={form.turn} of={form.of} sagas={props.sagas} onClose={() => setForm(null)} onKept={onKept} />
      ) : null}
      {removed === null ? null : (
        <ConfirmDialog
          open
          onOpenChange={(is) => !is && setRemoved(null)}
          title={`Remove the schedule ${removed}?`}
          action={`Remove ${removed}`}
          danger
          onConfirm={async ({ reason }) => {
            try {
              await client.sagas.schedules.remove.mutate(operation({ name: removed, reason }))
            } catch (error) {
              throw new Error(holdfastError(error).message)
            }
            await refetch()
            told(`${removed} is removed.`)
          }}
        >
          <p>
            The clock starts no further runs of it. Those it has started go on. To stop it for a while, switch it off.
          </p>
        </ConfirmDialog>
      )}
    </div>
  )
}

function stateOf({ enabled, lastError }: Schedule): Mark {
  if (!enabled) return { shape: 'hexagon', tone: 'operator', word: 'switched off' }
  return lastError === null
    ? { shape: 'disc', tone: 'healthy', word: 'on' }
    : { shape: 'diamond', tone: 'unhealthy', word: 'its last start failed' }
}
