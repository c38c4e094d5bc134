'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field, Input } from '@/components/ui/input'
import { act } from './act'
import { Failure } from './failure'
import type { IssuedLink } from './one-time-link'
import { emailProblem } from './problems'
import { RoleChoice } from './role-choice'
import type { Role } from './roles'

export function InviteDialog(props: {
  open: boolean
  onOpenChange: (open: boolean) => void
  onInvited: (issued: IssuedLink) => void
}) {
  const first = useRef<HTMLInputElement>(null)
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      initialFocus={first}
      title="Invite a user"
      description="They sign in the first time by a link, which you get here and pass on."
    >
      <Form first={first} onCancel={() => props.onOpenChange(false)} onInvited={props.onInvited} />
    </Dialog>
  )
}

function Form(props: {
  first: React.RefObject<HTMLInputElement | null>
  onCancel: () => void
  onInvited: (issued: IssuedLink) => void
}) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const badEmail = emailProblem(email)
  const noName = name.trim() === '' ? 'Enter a name.' : null

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (badEmail !== null || noName !== null) return
    setPending(true)
    setFailure(null)
    try {
      const { user, link, expiresAt } = await act(() =>
        client.admin.users.invite.mutate(operation({ email: email.trim(), name: name.trim(), role })),
      )
      void queries.invalidateQueries(trpc.admin.pathFilter())
      props.onInvited({ email: user.email, link, expiresAt })
    } catch (error) {
      setFailure((error as Error).message)
    } finally {
      setPending(false)
    }
  }

  return (
    <form className="grid gap-4" noValidate onSubmit={(event) => void submit(event)}>
      <Field label="E-mail" {...(tried && badEmail !== null ? { error: badEmail } : {})}>
        {(control) => (
          <Input
            ref={props.first}
            {...control}
            type="email"
            autoComplete="off"
            maxLength={254}
            value={email}
            onChange={(e) => setEmail(e.target.value)}
          />
        )}
      </Field>
      <Field label="Name" {...(tried && noName !== null ? { error: noName } : {})}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            maxLength={100}
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <RoleChoice value={role} onChange={setRole} />
      <Failure message={failure} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={props.onCancel}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Invite user
        </Button>
      </div>
    </form>
  )
}
