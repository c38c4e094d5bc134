'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import type { DefinitionSummary } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { useMay } from '../shell/session'
import { useTRPC } from '../trpc'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { PageHeader } from '../ui/page-header'
import { Table, Td, Th, Tr } from '../ui/table'
import { CountMarks } from './count-marks'
import { DefinitionEditor } from './definition-editor'
import { EmptySagas } from './empty-sagas'
import { SagasTabs } from './sagas-tabs'
import { useRenewal, useSagaFrames } from './use-saga-frames'
import { definitionHref } from './words'

const RENEW_MS = 1_000

/** What sagas there are. */
export function DefinitionsList({ first }: { first: { definitions: DefinitionSummary[]; waiting: number } }) {
  const trpc = useTRPC()
  const { data, refetch } = useQuery(
    trpc.sagas.definitions.queryOptions(
      { data: {} },
      { initialData: first as never, initialDataUpdatedAt: 0, staleTime: 0 },
    ),
  )
  const { definitions, waiting } = data as typeof first
  const renew = useRenewal(() => void refetch(), RENEW_MS)
  useSagaFrames(null, (frame) => {
    if (frame.missed || frame.runs.length > 0) renew()
  })
  const { may, why } = useMay('operator')
  const [open, setOpen] = useState(false)
  return (
    <div className="grid grid-cols-1 gap-3 px-4 pt-4 pb-8">
      <PageHeader
        title="Sagas"
        description="What runs are made of. A definition never changes: each change of it is a new version."
        actions={
          <Button disabled={!may} title={why} onClick={() => setOpen(true)}>
            Define a saga
          </Button>
        }
      />
      <SagasTabs current="definitions" waiting={waiting} />
      {definitions.length === 0 ? (
        <EmptySagas />
      ) : (
        <Table label="Definitions of sagas">
          <thead>
            <tr>
              <Th>Saga</Th>
              <Th className="text-right max-sm:hidden">Steps</Th>
              <Th className="text-right max-sm:hidden">Version</Th>
              <Th className="max-sm:hidden">Runs</Th>
              <Th className="max-md:hidden">Changed</Th>
            </tr>
          </thead>
          <tbody>
            {definitions.map((one) => (
              <Tr key={one.name} className="relative">
                <Td className="max-sm:py-1.5 max-sm:whitespace-normal">
                  <Link
                    href={definitionHref(one.name)}
                    className="font-medium after:absolute after:inset-0 hover:underline"
                  >
                    {one.name}
                  </Link>
                  {one.description !== '' ? (
                    <span
                      className="block max-w-[60vw] truncate pb-1.5 text-xs text-muted sm:max-w-md"
                      title={one.description}
                    >
                      {one.description}
                    </span>
                  ) : null}
                  <span className="block pb-1.5 sm:hidden">
                    <CountMarks counts={one.counts} />
                  </span>
                </Td>
                <Td className="text-right tabular-nums max-sm:hidden">{one.steps}</Td>
                <Td className="text-right tabular-nums max-sm:hidden">{one.latest}</Td>
                <Td className="whitespace-normal max-sm:hidden">
                  <CountMarks counts={one.counts} />
                </Td>
                <Td className="text-muted max-md:hidden">
                  <Ago at={one.updatedAt} /> by {actorWords(one.updatedBy)}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <DefinitionEditor open={open} onOpenChange={setOpen} spec={null} />
    </div>
  )
}
