'use client'
import { useQuery } from '@tanstack/react-query'
import { holdfastError, useTRPC } from '@/components/trpc'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorState } from '@/components/ui/error-state'
import { SkeletonRows } from '@/components/ui/skeleton'
import { OwnSessions } from './own-sessions'
import { PasswordForm } from './password-form'
import { ProfileForm } from './profile-form'

export function Account() {
  const trpc = useTRPC()
  const me = useQuery(trpc.admin.me.queryOptions({ data: {} }))
  if (me.isPending) return <SkeletonRows rows={8} />
  if (me.isError) return <ErrorState message={holdfastError(me.error).message} onRetry={() => void me.refetch()} />
  const { name, email, hasPassword } = me.data
  if (email === null) {
    return (
      <EmptyState title="This is not the account of a person">
        {name} has no e-mail and no password to change.
      </EmptyState>
    )
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      <ProfileForm key={`${name} ${email}`} name={name} email={email} />
      <PasswordForm email={email} hasPassword={hasPassword === true} />
      <OwnSessions />
    </div>
  )
}
