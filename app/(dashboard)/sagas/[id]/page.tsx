import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { isMissing } from '@/components/sagas/missing'
import { type RunDetails, RunPage } from '@/components/sagas/run-page'
import { serverCaller } from '@/components/server-caller'

interface Props {
  params: Promise<{ id: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${decodeURIComponent((await params).id)}` }
}

export default async function OneRunPage({ params }: Props) {
  const runId = decodeURIComponent((await params).id)
  const caller = await serverCaller()
  const details = await caller.sagas.get({ data: { runId } }).catch((error: unknown) => {
    if (isMissing(error)) notFound()
    throw error
  })
  return <RunPage key={runId} first={details as RunDetails} />
}
