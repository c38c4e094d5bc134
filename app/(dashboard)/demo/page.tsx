import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { DemoPanel } from '@/components/demo/demo-panel'
import { holdfast, serverCaller } from '@/components/server-caller'

export const metadata: Metadata = { title: 'Demo' }

export default async function DemoPage() {
  if (!holdfast().config.demo) notFound()
  const caller = await serverCaller()
  // While the fleet starts there is nothing to show yet; the stream brings it.
  const initial = await caller.demo.list({ data: {} }).catch(() => null)
  return <DemoPanel initial={initial} />
}
