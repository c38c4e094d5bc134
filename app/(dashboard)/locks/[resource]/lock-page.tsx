'use client'
import { LockDetail } from '@/components/locks/lock-detail'
import { LockState } from '@/components/locks/locks-table'
import { TurnStrip } from '@/components/locks/turn-strip'
import { useLocks } from '@/components/locks/use-locks'
import { kindWord } from '@/components/locks/words'
import { Section } from '@/components/services/section'
import { PageHeader } from '@/components/ui/page-header'
import type { LocksFrame } from '@/core/lock-view'

export function LockPage({ resource, first }: { resource: string; first: LocksFrame }) {
  const seen = useLocks(first).locks.get(resource)
  return (
    <div className="mx-auto grid max-w-3xl gap-6 px-4 pt-4 pb-8">
      <PageHeader
        title={<span className="break-all font-mono">{resource}</span>}
        description={
          seen ? (
            <span className="flex flex-wrap gap-x-3">
              <LockState waiting={seen.view.waiting} held={seen.view.holders.length > 0} />
              {kindWord(seen.view)}
            </span>
          ) : (
            'Free just now: nobody holds it and nobody waits.'
          )
        }
      />
      {seen ? (
        <LockDetail seen={seen} />
      ) : (
        <Section title="Who held it">
          <TurnStrip resource={resource} version="free" />
        </Section>
      )}
    </div>
  )
}
