import type { Metadata } from 'next'
import { StuckList, type StuckPage } from '@/components/sagas/stuck-list'
import { serverCaller } from '@/components/server-caller'

export const metadata: Metadata = { title: 'Runs that wait for a person' }

const FIRST_MAX = 50

export default async function StuckRunsPage() {
  const caller = await serverCaller()
  const first = await caller.sagas.parked({ data: { limit: FIRST_MAX } })
  return <StuckList first={first as StuckPage} />
}
