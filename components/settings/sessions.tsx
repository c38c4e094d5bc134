'use client'

/** Where people are signed in: one's own; for admins everybody's. */
import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/components/shell/session'
import { holdfastError, useTRPC } from '@/components/trpc'
import { ErrorState } from '@/components/ui/error-state'
import { SkeletonRows } from '@/components/ui/skeleton'
import { OwnSessions } from './own-sessions'
import { Section } from './section'
import { SessionTable } from './session-table'

export function Sessions() {
  const { may, why } = useMay('admin')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      <OwnSessions />
      {may ? <Others /> : <p className="text-sm text-muted">The sessions of others are for admins. {why}</p>}
    </div>
  )
}

function Others() {
  const trpc = useTRPC()
  const me = useQuery(trpc.admin.me.queryOptions({ data: {} }))
  const list = useQuery(trpc.admin.sessions.list.queryOptions({ data: { userId: null } }))
  const others = list.data?.sessions.filter((session) => session.userId !== me.data?.id)
  return (
    <Section title="Sessions of others" description="Ending one signs that browser out at once.">
      {list.isError ? (
        <ErrorState message={holdfastError(list.error).message} onRetry={() => void list.refetch()} />
      ) : me.isPending || others === undefined ? (
        <SkeletonRows rows={3} />
      ) : others.length === 0 ? (
        <p className="text-sm text-muted">Nobody else is signed in.</p>
      ) : (
        <SessionTable sessions={others} own={false} who />
      )}
    </Section>
  )
}
