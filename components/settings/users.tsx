'use client'

/** Who may sign in, and as what. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { MoreHorizontal, UserPlus } from 'lucide-react'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useState } from 'react'
import { holdfastError, operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Ago } from '@/components/ui/ago'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { ErrorState } from '@/components/ui/error-state'
import { Menu } from '@/components/ui/menu'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Table, Td, Th } from '@/components/ui/table'
import { failed } from '@/components/ui/toast'
import { act } from './act'
import { InviteDialog } from './invite-dialog'
import { type IssuedLink, OneTimeLink } from './one-time-link'
import { Section } from './section'
import { type Asking, UserDialogs, type UserRow } from './user-dialogs'

export function Users() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const [inviting, setInviting] = useQueryState('invite', parseAsBoolean.withDefault(false))
  const [asking, setAsking] = useState<Asking | null>(null)
  const [issued, setIssued] = useState<IssuedLink | null>(null)
  const me = useQuery(trpc.admin.me.queryOptions({ data: {} }))
  const list = useQuery(trpc.admin.users.list.queryOptions({ data: {} }))

  async function newLink(user: UserRow) {
    try {
      const { link, expiresAt } = await act(() => client.admin.users.link.mutate(operation({ id: user.id })))
      setIssued({ email: user.email, link, expiresAt })
      void queries.invalidateQueries(trpc.admin.pathFilter())
    } catch (error) {
      failed((error as Error).message)
    }
  }

  return (
    <Section
      title="Users"
      description="People sign in; services use tokens. A role decides what somebody may do."
      actions={
        <Button variant="primary" onClick={() => void setInviting(true)}>
          <UserPlus aria-hidden />
          Invite a user
        </Button>
      }
    >
      {issued ? <OneTimeLink key={issued.link} issued={issued} onDone={() => setIssued(null)} /> : null}
      {list.isPending ? (
        <SkeletonRows rows={4} />
      ) : list.isError ? (
        <ErrorState message={holdfastError(list.error).message} onRetry={() => void list.refetch()} />
      ) : (
        <Table label="All users">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th className="max-sm:hidden">E-mail</Th>
              <Th>Role</Th>
              <Th className="max-sm:hidden">Last signed in</Th>
              <Th className="max-sm:hidden">Sessions</Th>
              <Th className="max-sm:hidden">Password</Th>
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {list.data.users.map((user) => (
              <tr key={user.id}>
                <Td className="font-medium max-sm:w-full max-sm:whitespace-normal max-sm:py-2">
                  {user.name}{' '}
                  {user.id === me.data?.id ? <Badge className="ml-1 border-accent text-accent">you</Badge> : null}
                  <span className="block break-all font-normal text-muted sm:hidden">{user.email}</span>
                </Td>
                <Td className="whitespace-nowrap max-sm:hidden">{user.email}</Td>
                <Td>{user.role}</Td>
                <Td className="whitespace-nowrap text-muted max-sm:hidden">
                  {user.lastSignInAt === null ? 'never' : <Ago at={user.lastSignInAt} />}
                </Td>
                <Td className="text-muted max-sm:hidden">{user.sessions}</Td>
                <Td className="text-muted max-sm:hidden">{user.hasPassword ? 'set' : 'none yet'}</Td>
                <Td className="text-right">
                  <Menu
                    trigger={
                      <Button variant="quiet" size="icon" aria-label={`Actions for ${user.email}`}>
                        <MoreHorizontal aria-hidden />
                      </Button>
                    }
                    items={[
                      { label: 'Change role …', onSelect: () => setAsking({ what: 'role', user }) },
                      { label: 'Issue a new link', onSelect: () => void newLink(user) },
                      null,
                      { label: 'Remove user …', danger: true, onSelect: () => setAsking({ what: 'remove', user }) },
                    ]}
                  />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <InviteDialog
        open={inviting}
        onOpenChange={(open) => void setInviting(open || null)}
        onInvited={(link) => {
          void setInviting(null)
          setIssued(link)
        }}
      />
      <UserDialogs asking={asking} onClose={() => setAsking(null)} />
    </Section>
  )
}
