'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { holdfastError, operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { ErrorState } from '@/components/ui/error-state'
import { SkeletonRows } from '@/components/ui/skeleton'
import { failed, told } from '@/components/ui/toast'
import { act } from './act'
import { Section } from './section'
import { SessionTable } from './session-table'

/** Where one is signed in, and the way out of all of it. */
export function OwnSessions() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const [pending, setPending] = useState<'others' | 'all' | null>(null)
  const list = useQuery(trpc.admin.sessions.list.queryOptions({ data: {} }))
  const others = (list.data?.sessions ?? []).filter((session) => !session.current)

  async function endOthers() {
    for (const { id } of others) await act(() => client.admin.sessions.revoke.mutate(operation({ id })))
  }

  async function leave(which: 'others' | 'all') {
    setPending(which)
    try {
      await endOthers()
      if (which === 'all') {
        await fetch('/api/auth/sign-out', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
        location.assign('/sign-in')
        return
      }
      told(others.length === 1 ? 'The other session is over.' : `${others.length} other sessions are over.`)
    } catch (error) {
      failed((error as Error).message)
    }
    await queries.invalidateQueries(trpc.admin.pathFilter())
    setPending(null)
  }

  return (
    <Section
      title="Your sessions"
      description="Every browser you are signed in with. End those you do not know, and change your password."
      actions={
        <>
          {others.length > 0 ? (
            <Button pending={pending === 'others'} onClick={() => void leave('others')}>
              {others.length === 1 ? 'End the other session' : `End the ${others.length} others`}
            </Button>
          ) : null}
          <Button pending={pending === 'all'} onClick={() => void leave('all')}>
            Sign out everywhere
          </Button>
        </>
      }
    >
      {list.isPending ? (
        <SkeletonRows rows={2} />
      ) : list.isError ? (
        <ErrorState message={holdfastError(list.error).message} onRetry={() => void list.refetch()} />
      ) : (
        <SessionTable sessions={list.data.sessions} own who={false} />
      )}
    </Section>
  )
}
