'use client'
import Link from 'next/link'
import { useState } from 'react'
import type { DefinitionSummary } from '@/core/saga/view'
import { actorWords } from '../journal/names'
import { useMay } from '../shell/session'
import { Ago } from '../ui/ago'
import { Button } from '../ui/button'
import { PageHeader } from '../ui/page-header'
import { Table, Td, Th, Tr } from '../ui/table'
import { CountMarks } from './count-marks'
import { DefinitionEditor } from './definition-editor'
import { EmptySagas } from './empty-sagas'
import { SagasTabs } from './sagas-tabs'
import { definitionHref } from './words'

/** What sagas there are. */
export function DefinitionsList({ definitions }: { definitions: DefinitionSummary[] }) {
  const { may, why } = useMay('operator')
  const [open, setOpen] = useState(false)
  const stuck = definitions.reduce((sum, { counts }) => sum + counts.stuck, 0)
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
      <SagasTabs current="definitions" stuck={stuck} />
      {definitions.length === 0 ? (
        <EmptySagas />
      ) : (
        <Table label="Definitions of sagas">
          <thead>
            <tr>
              <Th>Saga</Th>
              <Th className="text-right">Steps</Th>
              <Th className="text-right">Version</Th>
              <Th>Runs</Th>
              <Th>Changed</Th>
            </tr>
          </thead>
          <tbody>
            {definitions.map((one) => (
              <Tr key={one.name} className="relative">
                <Td>
                  <Link
                    href={definitionHref(one.name)}
                    className="font-medium after:absolute after:inset-0 hover:underline"
                  >
                    {one.name}
                  </Link>
                  {one.description !== '' ? (
                    <span className="ml-2 text-xs text-muted">{one.description.slice(0, 80)}</span>
                  ) : null}
                </Td>
                <Td className="text-right tabular-nums">{one.steps}</Td>
                <Td className="text-right tabular-nums">{one.latest}</Td>
                <Td>
                  <CountMarks counts={one.counts} />
                </Td>
                <Td className="text-muted">
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
