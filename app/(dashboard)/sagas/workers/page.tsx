import type { Metadata } from 'next'
import { WorkersPage, type WorkersView } from '@/components/sagas/workers-page'
import { serverCaller } from '@/components/server-caller'

export const metadata: Metadata = { title: 'Saga workers' }

export default async function SagaWorkersPage() {
  const caller = await serverCaller()
  const [first, { waiting }] = await Promise.all([
    caller.sagas.queues.list({ data: {} }),
    caller.sagas.counts({ data: {} }),
  ])
  return <WorkersPage first={first as WorkersView} waiting={waiting} />
}
