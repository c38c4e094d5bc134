import type { Metadata } from 'next'
import { firstLocks } from '@/components/locks/first-locks'
import { LockPage } from './lock-page'

interface Props {
  params: Promise<{ resource: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).resource) }
}

export default async function OneLockPage({ params }: Props) {
  const resource = decodeURIComponent((await params).resource)
  return <LockPage resource={resource} first={await firstLocks()} />
}
