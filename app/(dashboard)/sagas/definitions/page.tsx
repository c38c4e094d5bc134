import type { Metadata } from 'next'
import { DefinitionsList } from '@/components/sagas/definitions-list'
import { serverCaller } from '@/components/server-caller'
import type { DefinitionSummary } from '@/core/saga/view'

export const metadata: Metadata = { title: 'Saga definitions' }

export default async function DefinitionsPage() {
  const caller = await serverCaller()
  const first = await caller.sagas.definitions({ data: {} })
  return <DefinitionsList first={first as { definitions: DefinitionSummary[]; waiting: number }} />
}
