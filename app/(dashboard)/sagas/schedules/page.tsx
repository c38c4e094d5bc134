import type { Metadata } from 'next'
import { type Schedule, SchedulesPage } from '@/components/sagas/schedules-page'
import { serverCaller } from '@/components/server-caller'

export const metadata: Metadata = { title: 'Saga schedules' }

export default async function SagaSchedulesPage() {
  const caller = await serverCaller()
  const [{ schedules }, { definitions, waiting }] = await Promise.all([
    caller.sagas.schedules.list({ data: {} }),
    caller.sagas.definitions({ data: {} }),
  ])
  return <SchedulesPage first={schedules as Schedule[]} sagas={definitions.map(({ name }) => name)} waiting={waiting} />
}
