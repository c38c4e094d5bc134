'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { Field, Input } from '@/components/ui/input'
import { told } from '@/components/ui/toast'
import { act } from './act'
import { Failure } from './failure'
import { emailProblem } from './problems'
import { Section } from './section'

export function ProfileForm(props: { name: string; email: string }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const router = useRouter()
  const [name, setName] = useState(props.name)
  const [email, setEmail] = useState(props.email)
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const noName = name.trim() === '' ? 'Enter a name.' : null
  const badEmail = emailProblem(email)
  const changed = name.trim() !== props.name || email.trim() !== props.email

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (noName !== null || badEmail !== null) return
    setPending(true)
    setFailure(null)
    try {
      await act(() => client.admin.account.update.mutate(operation({ name: name.trim(), email: email.trim() })))
      told('Your account is changed.')
      await queries.invalidateQueries(trpc.admin.pathFilter())
      router.refresh()
    } catch (error) {
      setFailure((error as Error).message)
    } finally {
      setPending(false)
    }
  }

  return (
    <Section
      title="Name and e-mail"
      description="The e-mail is how you sign in, and how the journal and the audit trail name you."
    >
      <form className="grid max-w-md gap-4" noValidate onSubmit={(event) => void submit(event)}>
        <Field label="Name" {...(tried && noName !== null ? { error: noName } : {})}>
          {(control) => (
            <Input
              {...control}
              value={name}
              onChange={(e) => setName(e.target.value)}
              maxLength={100}
              autoComplete="name"
            />
          )}
        </Field>
        <Field label="E-mail" {...(tried && badEmail !== null ? { error: badEmail } : {})}>
          {(control) => (
            <Input
              {...control}
              type="email"
              value={email}
              onChange={(e) => setEmail(e.target.value)}
              maxLength={254}
              autoComplete="email"
            />
          )}
        </Field>
        <Failure message={failure} />
        <div>
          <Button type="submit" variant="primary" pending={pending} disabled={!changed}>
            Save name and e-mail
          </Button>
        </div>
      </form>
    </Section>
  )
}
