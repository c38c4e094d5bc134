'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { told } from '@/components/ui/toast'
import { act } from './act'
import { RoleChoice } from './role-choice'
import type { Role } from './roles'

export interface UserRow {
  id: string
  email: string
  name: string
  role: Role
  sessions: number
}

export type Asking = { what: 'role' | 'remove'; user: UserRow }

/** The questions before a role changes or a user goes. */
export function UserDialogs({ asking, onClose }: { asking: Asking | null; onClose: () => void }) {
  if (asking === null) return null
  return asking.what === 'role' ? (
    <ChangeRole user={asking.user} onClose={onClose} />
  ) : (
    <Remove user={asking.user} onClose={onClose} />
  )
}

function ChangeRole({ user, onClose }: { user: UserRow; onClose: () => void }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [role, setRole] = useState<Role>(user.role)
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Change the role of ${user.email}`}
      action={role === user.role ? `Keep ${role}` : `Make ${role}`}
      onConfirm={async ({ reason }) => {
        if (role === user.role) return
        await act(() => client.admin.users.setRole.mutate(operation({ id: user.id, role, reason })))
        told(`${user.email} is ${role} now.`)
        await queries.invalidateQueries(trpc.admin.pathFilter())
      }}
    >
      <div className="grid gap-3">
        <RoleChoice value={role} onChange={setRole} />
        <p>It holds at once, in every session they have open.</p>
      </div>
    </ConfirmDialog>
  )
}

function Remove({ user, onClose }: { user: UserRow; onClose: () => void }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${user.email}`}
      action="Remove user"
      danger
      onConfirm={async ({ reason }) => {
        await act(() => client.admin.users.remove.mutate(operation({ id: user.id, reason })))
        told(`${user.email} is removed.`)
        await queries.invalidateQueries(trpc.admin.pathFilter())
      }}
    >
      {user.name} can no longer sign in
      {user.sessions === 0
        ? ''
        : user.sessions === 1
          ? ', and their open session ends at once'
          : `, and their ${user.sessions} open sessions end at once`}
      . What they did stays in the journal and the audit trail. Tokens they created keep working.
    </ConfirmDialog>
  )
}
