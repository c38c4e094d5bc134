'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { operation, useTRPC, useTRPCClient } from '@/components/trpc'
import { Button } from '@/components/ui/button'
import { Field, Input } from '@/components/ui/input'
import { told } from '@/components/ui/toast'
import { act } from './act'
import { Failure } from './failure'
import { passwordProblem } from './problems'
import { Section } from './section'

/** What the control plane asks for at least; it also refuses what is easily guessed. */
const PASSWORD_MIN = 10

export function PasswordForm({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const problem = passwordProblem(password, again, PASSWORD_MIN)
  const short = password.length < PASSWORD_MIN

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (problem !== null) return
    setPending(true)
    setFailure(null)
    try {
      await act(() =>
        client.admin.account.setPassword.mutate(operation({ password, ...(current === '' ? {} : { current }) })),
      )
      told(hasPassword ? 'Your password is changed. Your other sessions are over.' : 'Your password is set.')
      setCurrent('')
      setPassword('')
      setAgain('')
      setTried(false)
      await queries.invalidateQueries(trpc.admin.pathFilter())
    } catch (error) {
      setFailure((error as Error).message)
    } finally {
      setPending(false)
    }
  }

  return (
    <Section
      title={hasPassword ? 'Change your password' : 'Set a password'}
      description={
        hasPassword
          ? 'Ends your other sessions.'
          : 'Without one, every sign-in needs a new one-time link from an admin or from the machine.'
      }
    >
      <form className="grid max-w-md gap-4" noValidate onSubmit={(event) => void submit(event)}>
        {/* Password managers tell by it whose password this is. */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        {hasPassword ? (
          <Field label="Current password" hint="Not needed within an hour after signing in by a link.">
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="current-password"
                value={current}
                onChange={(e) => setCurrent(e.target.value)}
              />
            )}
          </Field>
        ) : null}
        <Field
          label="New password"
          hint={`At least ${PASSWORD_MIN} characters; a few unrelated words in a row do well.`}
          {...(tried && problem !== null && short ? { error: problem } : {})}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
            />
          )}
        </Field>
        <Field label="New password, again" {...(tried && problem !== null && !short ? { error: problem } : {})}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={again}
              onChange={(e) => setAgain(e.target.value)}
            />
          )}
        </Field>
        <Failure message={failure} />
        <div>
          <Button type="submit" variant="primary" pending={pending}>
            {hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </Section>
  )
}
